"""PowerShell Direct: from a host into one of its guests, over VMBus, without a network.

Texts and error ids are those of Invoke-Command and Enter-PSSession (PowerShell/PowerShell).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nestlab.dataclass import replace
from nestlab.model import ErrorRecord
from nestlab.simulator.behaviour.first_boot.existing_accounts import administrator_in
from nestlab.simulator.behaviour.first_boot.passwords import has_hash
from nestlab.simulator.behaviour.hyper_v_role import version_key, vmms_ready
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV, VirtualMachine

_LOWEST_VERSION = (6, 2)
"""The lowest configuration version of a virtual machine that PowerShell Direct reaches."""

_INVOKE = "Microsoft.PowerShell.Commands.InvokeCommandCommand"
_ENTER = "Microsoft.PowerShell.Commands.EnterPSSessionCommand"
_SESSION_ENDED = "An error has occurred which Windows PowerShell cannot handle. A remote session might have ended."
_ARGUMENT = "System.ArgumentException"
_DIRECT = "System.Management.Automation.Remoting.PSDirectException"
_REMOTING = "System.Management.Automation.Remoting.PSRemotingTransportException"


def guest_user(machine: Machine) -> str:
    """Return the name of the built-in administrator of guests, in their language."""
    return administrator_in(machine.world.quirks.language)


class GuestRefused(PowerShellError):
    """No session to the guest can be opened: it does not exist, is not ready, or refuses access."""


class CredentialRefused(GuestRefused):
    """The guest is ready, and rejects the user name or the password."""


class GuestLost(PowerShellError):
    """The guest shut down or was turned off while a session to it was open."""


def session_lost(vm_name: str) -> GuestLost:
    """Return the error of a session whose guest was lost."""
    return GuestLost(_session_ended(vm_name))


def credential_refused(vm_name: str) -> CredentialRefused:
    """Return the error of a guest that rejects a credential."""
    text = "The credential is invalid."
    fully_qualified_id = f"PSSessionStateBroken,{_INVOKE}"
    return CredentialRefused(ErrorRecord(text, "OpenError", fully_qualified_id, vm_name, _DIRECT))


def enter(machine: Machine, vm_name: str, username: str, password: str | None) -> Machine:
    """Return the guest in the VM with this name, as ``Invoke-Command -VMName`` reaches it.

    If the password is None, only the account is checked, because sessions in the same process have
    no password. Raises GuestRefused.
    """
    found = _vms(machine, lambda hyper_v: hyper_v.vms_named(vm_name), _INVOKE)
    if len(found) != 1:
        text = f"The input VMName {vm_name} does not resolve to a single virtual machine."
        raise _argument_error(text, "InvalidVMNameNotSingle", _INVOKE, vm_name)
    return _guest(machine, found[0], username, password, _INVOKE)


def enter_by_id(machine: Machine, vm_id: str, username: str, password: str | None) -> Machine:
    """Return the guest in the VM with this Id, as ``Invoke-Command -VMId``; raises GuestRefused."""

    def with_id(hyper_v: HyperV) -> Sequence[VirtualMachine]:
        vm = hyper_v.vm_with_id(vm_id)
        return [] if vm is None else [vm]

    found = _vms(machine, with_id, _INVOKE)
    if len(found) != 1:
        text = f"The input VMId {vm_id} does not resolve to a single virtual machine."
        raise _argument_error(text, "InvalidVMIdNotSingle", _INVOKE, vm_id)
    return _guest(machine, found[0], username, password, _INVOKE)


def enter_interactively(
    machine: Machine, vm_name: str, username: str, password: str | None
) -> Machine:
    """Return the guest in a VM, as ``Enter-PSSession -VMName`` reaches it; raises GuestRefused."""
    found = _vms(machine, lambda hyper_v: hyper_v.vms_named(vm_name), _ENTER)
    if len(found) > 1:
        text = "The input VMName parameter resolves to multiple virtual machines."
        raise _argument_error(text, "InvalidVMNameMultipleVM", _ENTER)
    if not found:
        text = "The input VMName parameter does not resolve to any virtual machine."
        raise _argument_error(text, "InvalidVMNameNoVM", _ENTER)
    try:
        return _guest(machine, found[0], username, password, _ENTER)
    except GuestRefused as error:
        raise _not_created(error) from None


def _not_created(error: GuestRefused) -> GuestRefused:
    """Return an error as Enter-PSSession reports it: without a target, and with ids of its own.

    Source: GetRunspaceForVMSession in PushRunspaceCommand.cs.
    """
    record = replace(error.record, target="")
    if record.error_id == "InvalidVMState":
        return GuestRefused(record)
    refused = isinstance(error, CredentialRefused)
    category = "InvalidArgument" if refused else "InvalidOperation"
    fully_qualified_id = f"CreateRemoteRunspaceForVMFailed,{_ENTER}"
    changed = replace(record, category=category, fully_qualified_error_id=fully_qualified_id)
    return CredentialRefused(changed) if refused else GuestRefused(changed)


def _vms(
    machine: Machine, select: Callable[[HyperV], Sequence[VirtualMachine]], command: str
) -> Sequence[VirtualMachine]:
    """Return the VMs that Get-VM finds: both cmdlets call it, and ignore its errors."""
    if not machine.has_command("Get-VM", "Hyper-V"):
        text = "The Hyper-V module for Windows PowerShell is not available."
        raise GuestRefused(
            ErrorRecord(text, "NotInstalled", f"HyperVModuleNotAvailable,{command}", "", _ARGUMENT)
        )
    has_rights = machine.outer_host is not None or machine.world.quirks.hyper_v_rights
    if machine.hyper_v is None or not has_rights or not vmms_ready(machine):
        return []
    return select(machine.hyper_v)


def _guest(
    machine: Machine, vm: VirtualMachine, username: str, password: str | None, command: str
) -> Machine:
    if vm.state != "Running":
        text = f"The virtual machine {vm.name} is not in running state."
        raise _argument_error(text, "InvalidVMState", command, vm.name)
    guest = machine.guest(vm)
    if guest is None or not _is_ready(guest) or version_key(vm.version) < _LOWEST_VERSION:
        raise GuestRefused(_session_ended(vm.name))
    if not _accepts(guest, username, password):
        raise credential_refused(vm.name)
    return guest


def _accepts(guest: Machine, username: str, password: str | None) -> bool:
    """Whether a guest accepts a credential; it accepts none until Setup has created an account."""
    if guest.setup_screen or guest.accounts_created_at > guest.world.clock.now:
        return False
    if not guest.accounts:
        return password is None or guest.world.accepts_credential(username, password)
    user = username.rsplit("\\", 1)[-1].lower()
    stored_hash = next(
        (value for name, value in guest.accounts.items() if name.lower() == user), None
    )
    return stored_hash is not None and (password is None or has_hash(password, stored_hash))


def _is_ready(guest: Machine) -> bool:
    is_up = guest.ready_at <= guest.world.clock.now
    return (
        is_up
        and guest.operating_system.family == "windows"
        and guest.services.get("vmicvmsession") != "Stopped"
    )


def _session_ended(vm_name: str) -> ErrorRecord:
    fully_qualified_id = f"PSSessionStateBroken,{_INVOKE}"
    return ErrorRecord(_SESSION_ENDED, "OpenError", fully_qualified_id, vm_name, _REMOTING)


def _argument_error(text: str, error_id: str, command: str, target: str = "") -> GuestRefused:
    return GuestRefused(
        ErrorRecord(text, "InvalidArgument", f"{error_id},{command}", target, _ARGUMENT)
    )
