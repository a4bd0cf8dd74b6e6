"""Get-VMMemory and Set-VMMemory."""

from __future__ import annotations

from nestlab.model import Size
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.cmdlets.hyper_v.vm_records import memory_record, memory_record_maker
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.action_preferences import needed_properties
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_MINIMUM = 32 << 20
_STEP = 2 << 20
_GENERATION_1_MAXIMUM = 1 << 40
_GENERATION_2_MAXIMUM = {26100: 240 << 40, 0: 12 << 40}  # lowest build of the host -> bytes
_BUFFER = range(5, 2001)
_PRIORITY = range(101)
_HOT_ADD_VERSION = (6, 2)


@cmdlet("Get-VMMemory")
def get_vm_memory(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMMemory."""
    make_record = memory_record_maker(needed_properties(sink))
    for vm in select_vms(machine, bound, sink, "VMName"):
        sink.output(make_record(machine, vm))


@cmdlet("Set-VMMemory")
def set_vm_memory(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMMemory."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        error = memory_error(machine, bound, vm)
        if error is not None:
            sink.error(error.record)
            continue
        change_memory(bound, vm)
        if bound.is_present("Passthru"):
            sink.output(memory_record(machine, vm))


def _requested_memory(bound: Bound, vm: VirtualMachine) -> tuple[bool, int, int, int]:
    """Return whether memory is to be dynamic, and startup, minimum and maximum in bytes."""
    memory = vm.settings.memory
    dynamic = bool(bound.get("DynamicMemoryEnabled", memory.dynamic))
    dynamic = (dynamic or bound.is_present("DynamicMemory")) and not bound.is_present(
        "StaticMemory"
    )
    startup = int(bound.get("StartupBytes", bound.get("MemoryStartupBytes", memory.startup)))
    minimum = int(bound.get("MinimumBytes", bound.get("MemoryMinimumBytes", memory.minimum)))
    maximum = int(bound.get("MaximumBytes", bound.get("MemoryMaximumBytes", memory.maximum)))
    return dynamic, startup, minimum, maximum


def memory_problem(machine: Machine, vm: VirtualMachine, amount: int, kind: str = "startup") -> str:
    """Return the error text for an amount of memory of a VM in bytes; empty if it is valid.

    `kind` is startup, minimum or maximum. What Hyper-V does with an amount that is not a whole
    number of megabytes is not known; here it is not aligned either.
    """
    build, first = machine.operating_system.build, "Failed to modify device 'Memory'."
    machine_id = f"(Virtual machine ID {vm.id.upper()})"
    failed = f"'{vm.name}' failed to modify device 'Memory'. {machine_id}"
    maximum = _GENERATION_1_MAXIMUM
    if vm.generation != 1:
        maximum = next(
            maximum for lowest, maximum in _GENERATION_2_MAXIMUM.items() if build >= lowest
        )
    if amount > maximum:
        return f"{first}\n{failed}\nInvalid {kind} memory amount assigned: a generation {vm.generation} virtual machine can have at most {Size(maximum)}."
    if amount < _MINIMUM:
        return (
            f"{first}\n{failed}\nInvalid {kind} memory amount assigned: it must be at least 32 MB."
        )
    if amount % _STEP:
        wrong = f"Invalid memory value assigned for '{vm.name}'."
        return f"{first}\n{wrong} Memory values must be properly aligned.\n{failed}\n{wrong} The memory value assigned ('{amount >> 20}' MB) is not properly aligned. Try again with a memory value that is properly aligned. {machine_id}"
    return ""


def memory_error(machine: Machine, bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    """Return the error of the memory settings of a call, or None."""
    dynamic, startup, minimum, maximum = _requested_memory(bound, vm)
    failed = f"Failed to modify device 'Memory'.\n'{vm.name}' failed to modify device 'Memory'. (Virtual machine ID {vm.id.upper()})"
    memory = vm.settings.memory
    mode_changes = dynamic != memory.dynamic
    startup_changes = startup != memory.startup
    limits_change = (minimum, maximum) != (memory.minimum, memory.maximum)
    needs_off = (startup_changes and not _resizable(machine, vm)) or (
        limits_change and _has_running_hypervisor(machine, vm)
    )
    if vm.state != "Off" and (mode_changes or needs_off):
        return cmdlet_errors.hyper_v(
            bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
        )
    given = {"startup": startup, "minimum": minimum, "maximum": maximum}
    requested = given if limits_change else {"startup": startup}
    wrong = next(
        (
            problem
            for kind, size in requested.items()
            if (problem := memory_problem(machine, vm, size, kind))
        ),
        "",
    )
    if wrong:
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", wrong, vm.name)
    if (
        int(bound.get("Buffer", memory.buffer)) not in _BUFFER
        or int(bound.get("Priority", memory.priority)) not in _PRIORITY
    ):
        text = (
            f"{failed}\nThe buffer must be between 5 and 2000, and the priority between 0 and 100."
        )
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", text, vm.name)
    if dynamic and not minimum <= startup <= maximum:
        text = f"{failed}\nThe startup memory must be between the minimum and the maximum memory of the virtual machine."
        return cmdlet_errors.hyper_v(bound.name, "InvalidParameter", text, vm.name)
    return None


def _has_running_hypervisor(machine: Machine, vm: VirtualMachine) -> bool:
    # The memory of a VM with a running hypervisor can only be changed while the VM is off
    # (windowsserverdocs, nested-virtualization).
    guest = machine.guest(vm)
    return guest is not None and hyper_v_role.hypervisor_runs(guest)


def _resizable(machine: Machine, vm: VirtualMachine) -> bool:
    # Static memory can be resized while the VM runs.
    recent = hyper_v_role.version_key(vm.version) >= _HOT_ADD_VERSION
    return (
        vm.state == "Running"
        and recent
        and not vm.settings.memory.dynamic
        and not _has_running_hypervisor(machine, vm)
    )


def change_memory(bound: Bound, vm: VirtualMachine) -> None:
    """Apply the memory settings of a call."""
    memory = vm.settings.memory
    memory.dynamic, memory.startup, memory.minimum, memory.maximum = _requested_memory(bound, vm)
    memory.buffer = int(bound.get("Buffer", memory.buffer))
    memory.priority = int(bound.get("Priority", memory.priority))
