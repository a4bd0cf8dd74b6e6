"""Wait-VM, also used by Restart-VM: wait for a heartbeat, an address or the next start."""

from __future__ import annotations

from nestlab.model import Progress
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.network.lease_assignment import assign_leases
from nestlab.simulator.cmdlets.hyper_v.network_records import guest_addresses
from nestlab.simulator.cmdlets.hyper_v.vm_records import heartbeat, vm_record
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine

_POLL_SECONDS = 5  # seconds between two checks, unless -Delay is given
_MAXIMUM_SECONDS = 3600  # virtual seconds after which a VM no longer changes on its own


@cmdlet("Wait-VM")
def wait_vm(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Wait-VM."""
    for vm in select_vms(machine, bound, sink):
        wait_for(machine, bound, sink, vm)
        if bound.is_present("Passthru"):
            sink.output(vm_record(machine, vm))


def wait_for(machine: Machine, bound: Bound, sink: Sink, vm: VirtualMachine) -> None:
    """Let virtual time pass until the condition of -For (default: Heartbeat) is met.

    Raises PowerShellError after -Timeout seconds.
    """
    clock = machine.world.clock
    timeout = int(bound.get("Timeout", -1))
    began = clock.now
    until = began + (_MAXIMUM_SECONDS if timeout < 0 else min(timeout, _MAXIMUM_SECONDS))
    every = max(1, int(bound.get("Delay", _POLL_SECONDS)))
    sink.progress(Progress(f"Waiting for virtual machine {vm.name}", "", 0))
    while not _is_met(machine, vm, bound.text("For", "Heartbeat"), began):
        if clock.now >= until:
            clock.advance(max(0.0, began + timeout - until))
            raise _timed_out(bound, vm)
        clock.advance(min(every, until - clock.now))
        assign_leases(machine.world)
    sink.progress(Progress(f"Waiting for virtual machine {vm.name}", "Completed", 100))


def _is_met(machine: Machine, vm: VirtualMachine, what: str, since: float) -> bool:
    if what == "MemoryOperations":  # never in progress on a simulated host
        return True
    if what == "Reboot":
        guest = machine.guest(vm)
        return guest is not None and guest.booted_at > since
    if what == "IPAddress":
        return any(guest_addresses(machine, vm, adapter) for adapter in vm.settings.adapters)
    return power.guest_is_up(machine, vm) and (heartbeat(machine, vm) or "").startswith("Ok")


def _timed_out(bound: Bound, vm: VirtualMachine) -> PowerShellError:
    message = f"Timed out while waiting for the {bound.text('For', 'Heartbeat')} of virtual machine '{vm.name}'."
    return cmdlet_errors.hyper_v(bound.name, "OperationFailed", message, vm.name)
