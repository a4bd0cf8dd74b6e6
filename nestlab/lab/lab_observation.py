"""Observing a host and the guests of a topology, with all missing credentials in one error."""

from __future__ import annotations

from nestlab.errors import CredentialNotFound
from nestlab.lab.guest_accounts import missing_credentials
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import OnUnreachable, VMScope, ignore_unreachable, observe_all
from nestlab.transport import Session
from nestlab.transport.session import Cancel


def observe_lab(
    host: Session,
    topology: Topology,
    *,
    cancel: Cancel | None = None,
    depth: int | None = None,
    on_unreachable: OnUnreachable = ignore_unreachable,
    scope: VMScope = "all",
) -> dict[MachinePath, HostState]:
    """Return the states of the host and of each guest that answers, as `observe_all` does.

    If the credential of a guest is missing, raises CredentialNotUsable with all missing ones.
    """
    try:
        return observe_all(
            host,
            topology,
            cancel=cancel,
            depth=depth,
            on_unreachable=on_unreachable,
            scope=scope,
        )
    except CredentialNotFound as error:
        raise missing_credentials(error, topology, host) from None
