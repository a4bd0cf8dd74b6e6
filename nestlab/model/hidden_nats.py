"""NATs of a machine that Get-NetNat does not show."""

from __future__ import annotations

from nestlab.model.state import HostState

MAY_BE_HIDDEN = "Get-NetNat shows no NAT, but the Host Network Service may hold one for Docker, WSL or connection sharing"
"""What is known of the NATs of a machine where `may_have_hidden_nat` is true."""


def hidden_nat_owners(state: HostState) -> tuple[str, ...]:
    """Return what runs on a machine and may hold a NAT that Get-NetNat does not show.

    Source: https://github.com/MicrosoftDocs/Virtualization-Documentation/issues/1244
    """
    running = state.security.running_services or ()
    owners = [name for name in ("hns", "SharedAccess") if name in running]
    return (*owners, *(("Containers",) if "Containers" in state.features else ()))


def may_have_hidden_nat(state: HostState) -> bool:
    """Whether Get-NetNat shows no NAT of a machine, and something runs that may hold one."""
    return not state.nats and bool(hidden_nat_owners(state))
