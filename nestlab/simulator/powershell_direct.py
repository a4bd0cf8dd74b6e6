"""PowerShell Direct: from a host into a guest of it, over VMBus, without a network."""

from __future__ import annotations

from nestlab.model import ErrorRecord
from nestlab.simulator.machine import Machine
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.role import version_key
from nestlab.simulator.virtual_machine import VirtualMachine

GUEST_USER = "Administrator"
"""The local administrator of the images made for labs."""

_LOWEST_VERSION = (6, 2)  # configuration version of a virtual machine that PowerShell Direct reaches

_INVOKE = "Microsoft.PowerShell.Commands.InvokeCommandCommand"
_LOST = "An error has occurred which Windows PowerShell cannot handle. A remote session might have ended."
_REMOTING = "System.Management.Automation.Remoting.PSDirectException"


class GuestRefused(PowerShellError):
    """The way into a guest is closed: not running, still starting, wrong credential."""


class GuestLost(PowerShellError):
    """The guest under an open session went away."""


def session_lost(vm_name: str) -> GuestLost:
    """Return what a client sees when the guest under its session goes away."""
    return GuestLost(_record("PSSessionStateBroken", _LOST, vm_name, "OpenError"))


def credential_refused(vm_name: str) -> GuestRefused:
    """Return what a client sees when the guest does not let the credential in."""
    return GuestRefused(_record("PSSessionStateBroken", "The credential is invalid.", vm_name, "OpenError"))


def enter(machine: Machine, vm_name: str, username: str, password: str | None) -> Machine:
    """Return the guest that a VM runs; raises PowerShellError with PowerShell's own ids where it does not answer."""
    if machine.hyper_v is None:
        message = "The Hyper-V module for Windows PowerShell is not available."
        raise GuestRefused(_record("HyperVModuleNotAvailable", message, vm_name, "NotInstalled"))
    found = [vm for vm in machine.hyper_v.vms if vm.name.lower() == vm_name.lower()]
    if len(found) != 1:
        message = f"The input VMName {vm_name} does not resolve to a single virtual machine."
        raise GuestRefused(_record("InvalidVMNameNotSingle", message, vm_name))
    return _guest(machine, found[0], username, password)


def _guest(machine: Machine, vm: VirtualMachine, username: str, password: str | None) -> Machine:
    if vm.state != "Running":
        raise GuestRefused(_record("InvalidVMState", f"The virtual machine {vm.name} is not in running state.", vm.name))
    guest = machine.guest(vm)
    if guest is None or not _answers(guest) or version_key(vm.version) < _LOWEST_VERSION:
        raise GuestRefused(_record("PSSessionStateBroken", _LOST, vm.name, "OpenError"))
    if password is not None and not machine.world.accepts(username, password):
        raise credential_refused(vm.name)
    return guest


def _answers(guest: Machine) -> bool:
    is_up = guest.answers_from <= guest.world.clock.now
    return is_up and guest.operating_system.family == "windows" and guest.services.get("vmicvmsession") != "Stopped"


def _record(error_id: str, text: str, target: str, category: str = "InvalidArgument") -> ErrorRecord:
    return ErrorRecord(text, category, f"{error_id},{_INVOKE}", target, _REMOTING)
