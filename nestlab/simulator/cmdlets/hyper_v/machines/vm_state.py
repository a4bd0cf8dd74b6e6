"""Cmdlets that change the state of a VM: Start-VM, Stop-VM, Restart-VM, Save-VM and the like."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.integration_services import SHUTDOWN
from nestlab.simulator.behaviour.start_conditions import start_error
from nestlab.simulator.cmdlets.duration import pass_time
from nestlab.simulator.cmdlets.hyper_v.machines.vm_waiting import wait_for
from nestlab.simulator.cmdlets.hyper_v.vm_records import vm_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_ALREADY = "The virtual machine is already in the specified state."


def _passthru(machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine) -> None:
    if bound.is_present("Passthru"):
        sink.output(vm_record(machine, vm))


@cmdlet("Start-VM")
def start_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Start-VM; a saved or paused VM resumes."""
    for vm in select_vms(machine, bound, sink):
        if vm.state == "Running":
            sink.warning(_ALREADY)
            continue
        reason = start_error(machine, vm)
        if reason is not None:
            sink.error(cmdlet_errors.hyper_v(bound.name, *reason, vm.name).record)
            continue
        pass_time(machine, sink, f"Starting virtual machine {vm.name}", power.START_SECONDS)
        power.run_vm(machine, vm)
        _passthru(machine, bound, sink, vm)


@cmdlet("Stop-VM")
def stop_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Stop-VM: shuts down the guest; -TurnOff turns the VM off, -Save saves its state."""
    for vm in select_vms(machine, bound, sink):
        if vm.state == "Off" or (vm.state == "Saved" and bound.is_present("Save")):
            sink.warning(_ALREADY)
            continue
        error = _stop_error(machine, bound, vm)
        if error is None and bound.is_present("Save"):
            error = warn_about_running_vms(machine, bound, sink, vm)
        if error is not None:
            sink.error(error.record)
            continue
        if bound.is_present("Save"):
            _save(machine, sink, vm)
        else:
            _stop(machine, bound, sink, vm)
        _passthru(machine, bound, sink, vm)


def _stop_error(machine: Machine, bound: Bound, vm: VirtualMachine) -> PowerShellError | None:
    if bound.is_present("TurnOff") and vm.state != "Saved":
        return None
    if vm.state == "Saved" or (vm.state == "Paused" and not bound.is_present("Save")):
        return cmdlet_errors.hyper_v(
            bound.name,
            "InvalidState",
            f"'{vm.name}' failed to change state.\n{cmdlet_errors.WRONG_STATE}",
            vm.name,
        )
    if _can_shut_down(machine, vm) or bound.is_present("Force") or bound.is_present("Save"):
        return None
    # Stop-VM would prompt whether to turn the VM off; a remote session cannot answer.
    message = (
        f"Hyper-V cannot shut down virtual machine {vm.name} because the Shutdown integration service is unavailable. "
        "To avoid potential data loss, you can pause or save the state of the virtual machine. "
        "The other option is to turn off the virtual machine, but data loss might occur."
    )
    return cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name)


def _stop(machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine) -> None:
    shuts_down = _can_shut_down(machine, vm) and not bound.is_present("TurnOff")
    if shuts_down:
        pass_time(machine, sink, f"Shutting down virtual machine {vm.name}", power.SHUTDOWN_SECONDS)
    power.turn_off(machine, vm, power_cut=not shuts_down)


def _can_shut_down(machine: Machine, vm: VirtualMachine) -> bool:
    return power.guest_is_up(machine, vm) and SHUTDOWN.is_enabled(vm)


def runs_vms(machine: Machine, vm: VirtualMachine) -> bool:
    """Whether virtual machines are running inside a VM."""
    guest = machine.guest(vm) if vm.state == "Running" else None
    return (
        guest is not None
        and guest.hyper_v is not None
        and any(inner.is_powered_on for inner in guest.hyper_v.vms)
    )


def warn_about_running_vms(
    machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine
) -> PowerShellError | None:
    """Warn that a VM to be saved or checkpointed runs VMs of its own, or return the error.

    Microsoft's current pages do not mention this case; a quirk makes it an error.
    """
    if not runs_vms(machine, vm):
        return None
    if machine.world.quirks.nested_hosts_refuse_saving:
        message = f"'{vm.name}' failed to change state.\n{cmdlet_errors.WRONG_STATE}"
        return cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name)
    sink.warning(
        f"Virtual machine '{vm.name}' runs virtual machines of its own. "
        "Saving, migrating or checkpointing it while it runs is not known to work."
    )
    return None


def _save(machine: Machine, sink: Sink, vm: VirtualMachine) -> None:
    pass_time(
        machine,
        sink,
        f"Saving virtual machine {vm.name}",
        2.0 + vm.settings.memory.startup / (2 << 30),
    )
    vm.state = "Saved"


@cmdlet("Restart-VM")
def restart_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Restart-VM: a hard reset."""
    for vm in select_vms(machine, bound, sink):
        if vm.state != "Running":
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name,
                    "InvalidState",
                    f"'{vm.name}' failed to restart.\n{cmdlet_errors.WRONG_STATE}",
                    vm.name,
                ).record
            )
            continue
        power.turn_off(machine, vm, power_cut=True)
        pass_time(machine, sink, f"Restarting virtual machine {vm.name}", power.START_SECONDS)
        power.run_vm(machine, vm)
        if bound.is_present("Wait"):
            wait_for(machine, bound, sink, vm)
        _passthru(machine, bound, sink, vm)


@cmdlet("Save-VM")
def save_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Save-VM."""
    for vm in select_vms(machine, bound, sink):
        if vm.state == "Saved":
            sink.warning(_ALREADY)
        elif vm.state not in ("Running", "Paused"):
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name,
                    "InvalidState",
                    f"'{vm.name}' failed to save.\n{cmdlet_errors.WRONG_STATE}",
                    vm.name,
                ).record
            )
        elif (error := warn_about_running_vms(machine, bound, sink, vm)) is not None:
            sink.error(error.record)
        else:
            _save(machine, sink, vm)
            _passthru(machine, bound, sink, vm)


@cmdlet("Suspend-VM")
def suspend_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Suspend-VM: pauses a running VM."""
    _change_state(machine, bound, sink, "Running", "Paused")


@cmdlet("Resume-VM")
def resume_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Resume-VM: resumes a paused VM."""
    _change_state(machine, bound, sink, "Paused", "Running")


def _change_state(machine: Machine, bound: Bound, sink: Sink, before: str, after: str) -> None:
    for vm in select_vms(machine, bound, sink):
        if vm.state == after:
            sink.warning(_ALREADY)
        elif vm.state != before:
            message = f"'{vm.name}' failed to change state.\n{cmdlet_errors.WRONG_STATE}"
            sink.error(cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name).record)
        else:
            vm.state = after
            _passthru(machine, bound, sink, vm)


@cmdlet("Remove-VMSavedState")
def remove_vm_saved_state(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-VMSavedState: the saved memory is lost, as in a power cut."""
    for vm in select_vms(machine, bound, sink, "VMName"):
        if vm.state != "Saved":
            message = f"Failed to remove the saved state of virtual machine '{vm.name}'.\n{cmdlet_errors.WRONG_STATE}"
            sink.error(cmdlet_errors.hyper_v(bound.name, "InvalidState", message, vm.name).record)
            continue
        power.turn_off(machine, vm, power_cut=True)
