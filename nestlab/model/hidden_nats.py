"""NATs of a machine that Get-NetNat does not show, or that could not be read."""

from __future__ import annotations

from nestlab.model.state import HostState
from nestlab.texts import mark, tr, translate

MAY_BE_HIDDEN = mark(
    "Get-NetNat shows no NAT, but the Host Network Service may hold one for Docker, WSL or connection sharing"
)
"""The reason why the NATs of a machine are not known where one may be hidden."""


def hidden_nat_owners(state: HostState) -> tuple[str, ...]:
    """Return what runs on a machine and may hold a NAT that Get-NetNat does not show.

    Source: https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244
    """
    running = state.security.running_services or ()
    owners = [name for name in ("hns", "SharedAccess") if name in running]
    return (*owners, *(("Containers",) if "Containers" in state.features else ()))


def why_nats_were_not_read(state: HostState) -> str:
    """Return why the NATs of a machine could not be read; empty if they were read."""
    refused = (item.error for item in state.unread if item.what == "Get-NetNat")
    error = next(refused, None)
    if error is None:
        return ""
    return tr("Get-NetNat could not be read: {error}", error=error.rstrip("."))


def why_nats_are_not_known(state: HostState) -> str:
    """Return why a machine may have a NAT that was not observed; empty if it has none.

    Get-NetNat could not be read, or shows none while something runs that may hold one.
    """
    may_be_hidden = not state.nats and bool(hidden_nat_owners(state))
    return why_nats_were_not_read(state) or (translate(MAY_BE_HIDDEN) if may_be_hidden else "")
