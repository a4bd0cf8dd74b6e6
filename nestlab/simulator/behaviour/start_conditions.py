"""The conditions under which a host can start a virtual machine, and the errors if it cannot."""

from __future__ import annotations

from nestlab.simulator.behaviour import attachments, hyper_v_role
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import POWERED_ON_STATES, VirtualMachine

# The first build with nested virtualization; Microsoft's own script rejects earlier ones.
_FIRST_BUILD = 10565


def available_memory(machine: Machine) -> int:
    """Return the memory, in bytes, that this host can still assign to virtual machines."""
    vms = machine.hyper_v.vms if machine.hyper_v else []
    reserve = machine.world.quirks.host_memory_reserve + machine.hardware.memory // 64
    assigned = sum([vm.settings.memory.startup for vm in vms if vm.state in POWERED_ON_STATES])
    return machine.hardware.memory - reserve - assigned


def memory_assigned(vm: VirtualMachine) -> int:
    """Return the host memory, in bytes, that a VM uses now."""
    return vm.settings.memory.startup if vm.is_powered_on else 0


def start_error(machine: Machine, vm: VirtualMachine) -> tuple[str, str] | None:
    """Return the id and the text of the error if this host cannot start this VM, else None."""
    start = f"'{vm.name}' failed to start.\n"
    if not hyper_v_role.supports_version(machine, vm.version):
        text = f"{start}The virtual machine '{vm.name}' cannot be started because its configuration version {vm.version} is not supported by this host."
        return "OperationFailed", text
    if not hyper_v_role.hypervisor_runs(machine):
        return "OperationFailed", _hypervisor_error(machine, vm, start)
    if vm.settings.processor.count > machine.hardware.processors.logical_processors:
        return "OperationFailed", _processor_count_error(vm, start)
    reason = _nesting_error(machine, vm)
    if reason:
        return "OperationFailed", start + reason
    reason = attachments.drive_error(machine, vm)
    if reason:
        return "OperationFailed", start + reason
    if vm.state != "Paused" and vm.settings.memory.startup > available_memory(machine):
        return _memory_error(machine, vm, start)
    return None


def _memory_error(machine: Machine, vm: VirtualMachine, start: str) -> tuple[str, str]:
    if machine.world.quirks.no_system_resources:
        reason = (
            "Insufficient system resources exist to complete the requested service. (0x800705AA)."
        )
        return "Unspecified", f"{start}Could not initialize memory: {reason}"
    text = (
        f"{start}Not enough memory in the system to start the virtual machine {vm.name}.\n"
        "Could not initialize memory: Not enough memory resources are available to complete this operation. (0x8007000E)."
    )
    return "OutOfMemory", text


def _processor_count_error(vm: VirtualMachine, start: str) -> str:
    # Text from canonical/multipass#3352.
    machine_id = f"(Virtual machine ID {vm.id.upper()})"
    return (
        f"{start}'{vm.name}' could not initialize.\nThe processor settings for the virtual machine are incompatible with the host.\n"
        f"'{vm.name}' failed to start. {machine_id}\n"
        f"'{vm.name}' failed to start worker process: Unspecified error (0x80004005). {machine_id}\n"
        f"'{vm.name}' could not initialize. {machine_id}\n"
        "The processor topology specified for the virtual machine cannot be supported by this host. For instance, this can happen when the "
        "virtual processor or socket count for the virtual machine exceeds the logical processor or socket count for the host."
    )


def _nesting_error(machine: Machine, vm: VirtualMachine) -> str:
    if not vm.settings.processor.expose_virtualization_extensions:
        return ""
    if not platform_supports_nesting(machine, vm):
        return "The virtual machine could not be started because this platform does not support nested virtualization."
    if vm.settings.memory.dynamic and machine.world.quirks.dynamic_memory_blocks_nested_start:
        return "The virtual machine could not be started because nested virtualization is not supported with dynamic memory."
    return ""


def _hypervisor_error(machine: Machine, vm: VirtualMachine, start: str) -> str:
    if machine.outer_host is not None:
        # Text from docker/for-win#574; its end also in microsoft/MSLab#353.
        machine_id = f"(Virtual machine ID {vm.id.upper()})"
        because = "because one of the Hyper-V components is not running"
        return (
            f"{start}Failed to start the virtual machine '{vm.name}' {because}.\n'{vm.name}' failed to start. {machine_id}\n"
            f"The Virtual Machine Management Service failed to start the virtual machine '{vm.name}' {because} {machine_id}."
        )
    return (
        f"{start}Virtual machine '{vm.name}' could not be started because the hypervisor is not running.\n"
        "The following actions may help you resolve the problem:\n1) Verify that the processor of the physical computer has a "
        "supported version of hardware-assisted virtualization.\n2) Verify that hardware-assisted virtualization and "
        "hardware-assisted data execution protection are enabled in the BIOS of the physical computer."
    )


def platform_supports_nesting(machine: Machine, vm: VirtualMachine) -> bool:
    """Whether this host can start a VM with exposed virtualization extensions.

    On Intel processors the host needs build 10565 or later and the VM configuration version 8.0, on
    AMD processors build 20348 and a version that a quirk sets; on ARM64 processors no host can. The
    boot configuration of a host can forbid it (OFFERNESTEDVIRT=FALSE).
    """
    processors = machine.hardware.processors
    forbidden = (
        machine.outer_host is None
        and "OFFERNESTEDVIRT=FALSE" in machine.world.quirks.hypervisor_load_options.upper()
    )
    if processors.architecture != 9 or forbidden or machine.operating_system.build < _FIRST_BUILD:  # noqa: PLR2004  # 9 is x64
        return False
    if processors.manufacturer == "AuthenticAMD":
        recent = hyper_v_role.version_key(vm.version) >= hyper_v_role.version_key(
            machine.world.quirks.amd_minimum_version
        )
        return machine.operating_system.build >= 20348 and recent  # noqa: PLR2004  # Windows Server 2022
    return hyper_v_role.version_key(vm.version) >= (8, 0)
