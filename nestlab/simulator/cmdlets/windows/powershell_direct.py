"""PowerShell Direct: from a host into a guest of it, over VMBus, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nestlab.model import ErrorRecord
from nestlab.simulator.behaviour.role import version_key, vmms_answers
from nestlab.simulator.cmdlets.selection import Handler, values
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.pipeline import not_simulated
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV, VirtualMachine

GUEST_USER = "Administrator"
"""The local administrator of the images made for labs."""

_LOWEST_VERSION = (
    6,
    2,
)  # configuration version of a virtual machine that PowerShell Direct reaches

_INVOKE = "Microsoft.PowerShell.Commands.InvokeCommandCommand"
_ENTER = "Microsoft.PowerShell.Commands.EnterPSSessionCommand"
_LOST = "An error has occurred which Windows PowerShell cannot handle. A remote session might have ended."
_ARGUMENT = "System.ArgumentException"
_REMOTING = "System.Management.Automation.Remoting.PSRemotingTransportException"


class GuestRefused(PowerShellError):
    """The way into a guest is closed: not running, still starting, wrong credential."""


class GuestLost(PowerShellError):
    """The guest under an open session went away."""


def session_lost(vm_name: str) -> GuestLost:
    """Return what a client sees when the guest under its session goes away."""
    return GuestLost(_lost(vm_name))


def credential_refused(vm_name: str) -> GuestRefused:
    """Return what a client sees when the guest does not let the credential in."""
    text = "The credential is invalid."
    return GuestRefused(
        ErrorRecord(text, "OpenError", f"PSSessionStateBroken,{_INVOKE}", vm_name, _REMOTING)
    )


def enter(machine: Machine, vm_name: str, username: str, password: str | None) -> Machine:
    """Return the guest that a VM runs; raises GuestRefused with PowerShell's own ids where it does not answer."""
    found = _vms(machine, lambda hyper_v: hyper_v.named(vm_name), _INVOKE)
    if len(found) != 1:
        text = f"The input VMName {vm_name} does not resolve to a single virtual machine."
        raise _wrong(text, "InvalidVMNameNotSingle", _INVOKE, vm_name)
    return _guest(machine, found[0], username, password, _INVOKE)


def _vms(
    machine: Machine, meant: Callable[[HyperV], Sequence[VirtualMachine]], command: str
) -> Sequence[VirtualMachine]:
    """What Get-VM gives, which the cmdlets ask; its errors they do not look at (PowerShell/PowerShell)."""
    if not machine.has_command("Get-VM", "Hyper-V"):
        text = "The Hyper-V module for Windows PowerShell is not available."
        raise GuestRefused(
            ErrorRecord(text, "NotInstalled", f"HyperVModuleNotAvailable,{command}", "", _ARGUMENT)
        )
    may_ask = machine.above is not None or machine.world.quirks.hyper_v_rights
    if machine.hyper_v is None or not may_ask or not vmms_answers(machine):
        return []
    return meant(machine.hyper_v)


def _guest(
    machine: Machine, vm: VirtualMachine, username: str, password: str | None, command: str
) -> Machine:
    if vm.state != "Running":
        text = f"The virtual machine {vm.name} is not in running state."
        raise _wrong(text, "InvalidVMState", command, vm.name)
    guest = machine.guest(vm)
    if guest is None or not _answers(guest) or version_key(vm.version) < _LOWEST_VERSION:
        raise GuestRefused(_lost(vm.name))
    if password is not None and not machine.world.accepts(username, password):
        raise credential_refused(vm.name)
    return guest


def _answers(guest: Machine) -> bool:
    is_up = guest.answers_from <= guest.world.clock.now
    return (
        is_up
        and guest.operating_system.family == "windows"
        and guest.services.get("vmicvmsession") != "Stopped"
    )


def _lost(vm_name: str) -> ErrorRecord:
    return ErrorRecord(_LOST, "OpenError", f"PSSessionStateBroken,{_INVOKE}", vm_name, _REMOTING)


def _wrong(text: str, error_id: str, command: str, target: str = "") -> GuestRefused:
    return GuestRefused(
        ErrorRecord(text, "InvalidArgument", f"{error_id},{command}", target, _ARGUMENT)
    )


def _invoke_command(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # what would write something is not simulated
    """Invoke-Command -VMName and -VMId, as far as the way into the guest: a block never arrives over remoting, a file is not simulated."""
    try:
        for name in values(bound, "VMName"):
            enter(machine, str(name), *_credential(bound))
        for vm_id in values(bound, "VMId"):
            _enter_by_id(machine, bound, str(vm_id))
    except GuestRefused as error:
        raise PowerShellError(error.record, terminating=False) from None
    raise not_simulated(bound.signature)


def _enter_session(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # what would write something is not simulated
    """Enter-PSSession -VMName, as far as the way into the guest: what follows is typed at a console."""
    try:
        for name in values(bound, "VMName"):
            _enter_by_name(machine, bound, str(name))
    except GuestRefused as error:
        raise PowerShellError(error.record, terminating=False) from None
    raise not_simulated(bound.signature)


def _enter_by_id(machine: Machine, bound: Bound, vm_id: str) -> None:
    found = _vms(
        machine, lambda hyper_v: [vm for vm in [hyper_v.with_id(vm_id)] if vm is not None], _INVOKE
    )
    if len(found) != 1:
        text = f"The input VMId {vm_id} does not resolve to a single virtual machine."
        raise _wrong(text, "InvalidVMIdNotSingle", _INVOKE, vm_id)
    _guest(machine, found[0], *_credential(bound), _INVOKE)


def _enter_by_name(machine: Machine, bound: Bound, name: str) -> None:
    found = _vms(machine, lambda hyper_v: hyper_v.named(name), _ENTER)
    if len(found) != 1:
        error_id = "InvalidVMNameMultipleVM" if found else "InvalidVMNameNoVM"
        text = "The input VMName parameter {} virtual machine{}."
        raise _wrong(
            text.format(
                *(("resolves to multiple", "s") if found else ("does not resolve to any", ""))
            ),
            error_id,
            _ENTER,
        )
    _guest(machine, found[0], *_credential(bound), _ENTER)


def _credential(bound: Bound) -> tuple[str, str | None]:
    credential = bound["Credential"]
    return credential.username, credential.value or None


HANDLERS: dict[str, Handler] = {
    "Enter-PSSession": _enter_session,
    "Invoke-Command": _invoke_command,
}
