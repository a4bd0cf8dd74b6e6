"""What each account may do: local Administrators, Hyper-V Administrators, and others."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.simulator.cmdlets.registry import Handler, handlers
from nestlab.simulator.state.machine import Machine


def handlers_for(machine: Machine, *, virtual_account: bool = False) -> Mapping[str, Handler]:
    """Return the implementation of each cmdlet for the account of the scenario.

    In guests that account is an administrator; so is the virtual account of a restricted session,
    whichever account has connected (about_JEA).
    """
    quirks = machine.world.quirks
    administrator = quirks.administrator and quirks.hyper_v_rights
    if virtual_account or machine.outer_host is not None or administrator:
        return handlers()
    # Imported only when needed: most hosts have an administrator, and a host that is served over
    # standard streams starts for each session.
    from nestlab.simulator import restricted_accounts  # noqa: PLC0415

    return (
        restricted_accounts.hyper_v_administrator_handlers()
        if quirks.hyper_v_rights
        else restricted_accounts.handlers_without_hyper_v_rights()
    )
