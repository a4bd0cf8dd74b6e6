"""Stopping and starting VMs, as gently as they allow."""

from __future__ import annotations

from nestlab.model import Cmdlet
from nestlab.model import Switch as On
from nestlab.model.state import VirtualMachineState
from nestlab.plan.site import Site
from nestlab.plan.step import Hazard, Step, Thing

ON_STATES = frozenset({"Running", "Starting", "Paused", "Resuming", "Pausing", "Stopping", "Saving", "Reset"})
"""The names of VMState in which a VM holds memory and its settings are locked."""


def stop_cmdlet(vm: VirtualMachineState) -> Cmdlet:
    """Return how the VM is stopped: its guest is shut down where it has a heartbeat, else the power is cut."""
    if vm.heartbeat.startswith("Ok") and vm.state == "Running":
        return Cmdlet("Stop-VM", {"Name": vm.name, "Force": On.ON})
    return Cmdlet("Stop-VM", {"Name": vm.name, "TurnOff": On.ON, "Force": On.ON})


def stop(site: Site, vm: VirtualMachineState, why: str) -> Step:
    """Return the step that stops a VM. Undone, it runs again."""
    return site.step(
        "stop-vm",
        vm.name,
        f"Stop {vm.name}",
        f"{vm.name} is {vm.state}: {why}",
        stop_cmdlet(vm),
        thing=Thing("vm", vm.name),
        undo=(Cmdlet("Start-VM", {"Name": vm.name}),),
        hazard=Hazard.STOPS_VM,
    )


def drop_saved_state(site: Site, vm: VirtualMachineState, why: str) -> Step:
    """Return the step that deletes a saved state: what the guest had in memory is lost."""
    return site.step(
        "remove-saved-state",
        vm.name,
        f"Delete the saved state of {vm.name}",
        f"{vm.name} is Saved: {why}",
        Cmdlet("Remove-VMSavedState", {"VMName": vm.name}),
        thing=Thing("vm", vm.name),
        hazard=Hazard.DELETES_DATA,
    )


def start(site: Site, name: str, why: str, needs: tuple[str, ...] = ()) -> Step:
    """Return the step that starts a VM. Undone, it is off again."""
    return site.step(
        "start-vm",
        name,
        f"Start {name}",
        why,
        Cmdlet("Start-VM", {"Name": name}),
        thing=Thing("vm", name),
        undo=(Cmdlet("Stop-VM", {"Name": name, "TurnOff": On.ON, "Force": On.ON}),),
        needs=needs,
    )
