"""The limits of the role function that runs commands in guests, checked before it does so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nestlab.constants.commands import GUEST_FUNCTION
from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.binding import binder_errors
from nestlab.simulator.powershell.call import Call, PowerShellError
from nestlab.simulator.powershell.session_state import Configuration


def require_guest_access(
    configuration: Configuration, vm_names: Sequence[str], calls: Iterable[Call]
) -> None:
    """Raise PowerShellError if a restricted configuration refuses a guest, or a command in it.

    `vm_names` is the path to the guest. The default configuration refuses nothing.
    """
    if not configuration.restricted:
        return
    if not configuration.guest_function:
        raise binder_errors.command_not_found(GUEST_FUNCTION)
    limits = configuration.guest_limits
    if limits is None:
        return
    first, *inner = vm_names
    inside = limits.guests.get(first.lower())
    if inside is None:
        text = f"The VM '{first}' is not in this lab."
        raise _refusal(text, first)
    for name in inner:
        if name.lower() not in inside:
            text = f"The VM '{name}' is not inside '{first}' in this lab."
            raise _refusal(text, name)
    for name in (command.name for call in calls for command in _commands(call)):
        if name.lower() not in limits.commands:
            text = f"The command '{name}' is not among those that nestlab runs in guests."
            raise _refusal(text, name)


def _commands(call: Call) -> Iterable[Call]:
    following: Call | None = call
    while following is not None:
        yield following
        following = following.pipe_to


def _refusal(text: str, target: str) -> PowerShellError:
    return PowerShellError(
        ErrorRecord(
            text,
            "PermissionDenied",
            f"NotInThisLab,{GUEST_FUNCTION}",
            target,
            "System.UnauthorizedAccessException",
        )
    )
