"""The DHCP server of a machine's Windows: its service, its scopes and their options."""

from __future__ import annotations

from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Outcome
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.spelling import same_name
from nestlab.model.state import DhcpScopeState, HostState
from nestlab.observe.reading import (
    EMPTY_RECORD,
    address,
    enum_name,
    known_flag,
    number,
    text,
    texts,
)
from nestlab.transport.session import Cancel, Session

SCOPES = Cmdlet("Get-DhcpServerv4Scope", {"ErrorAction": "Continue"})
"""For machines with the DHCP role: the module is installed with it."""
SERVICE = Cmdlet("Get-Service", {"Name": "DHCPServer", "ErrorAction": "SilentlyContinue"})
"""The service of the role; its name is the same in every language."""
SETTING = Cmdlet("Get-DhcpServerSetting", {"ErrorAction": "Continue"})
"""For members of a domain, whose servers lease nothing until Active Directory authorizes them."""


def scopes(outcome: Outcome) -> tuple[DhcpScopeState, ...]:
    """Return the scopes of Get-DhcpServerv4Scope."""
    found = []
    for record in outcome.of_type("DhcpServerv4Scope"):
        scope, first, last = (
            address(text(record, name)) for name in ("ScopeId", "StartRange", "EndRange")
        )
        if scope and first and last:
            found.append(
                DhcpScopeState(
                    scope_id=scope,
                    name=text(record, "Name"),
                    start_range=first,
                    end_range=last,
                    subnet_mask=address(text(record, "SubnetMask")),
                    state=text(record, "State"),
                )
            )
    return tuple(found)


def service_status(outcome: Outcome) -> str:
    """Return the status of the service DHCPServer; empty where it was not read."""
    services = outcome.of_type("System.ServiceProcess.ServiceController") or outcome.of_type(
        "ServiceController"
    )
    statuses = {1: "Stopped", 2: "StartPending", 3: "StopPending", 4: "Running", 7: "Paused"}
    own = (each for each in services if same_name(text(each, "Name"), "DHCPServer"))
    return next((enum_name(each, "Status", statuses) for each in own), "")


def is_authorized(outcome: Outcome) -> bool | None:
    """Return whether Active Directory authorizes the server; None where it was not read."""
    setting = next(iter(outcome.of_type("DhcpServerSetting")), EMPTY_RECORD)
    return known_flag(setting, "IsAuthorized")


ROUTER_OPTION = 3


def with_routers(
    session: Session, state: HostState, topology: str, *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the routers that the topology's DHCP scopes hand out.

    Each scope takes a call: the record of an option does not name its scope. Raises what
    `Session.run` raises.
    """
    if not any(is_owned_by_name(scope.name, topology) for scope in state.dhcp_scopes):
        return state
    scopes = tuple(
        replace(scope, routers=_routers(session, scope, cancel))
        if is_owned_by_name(scope.name, topology)
        else scope
        for scope in state.dhcp_scopes
    )
    return replace(state, dhcp_scopes=scopes)


def _routers(
    session: Session, scope: DhcpScopeState, cancel: Cancel | None
) -> tuple[IPv4Address, ...]:
    asked = {"ScopeId": str(scope.scope_id), "ErrorAction": "Continue"}
    outcome = session.run(Cmdlet("Get-DhcpServerv4OptionValue", asked), cancel=cancel)
    values = (
        value
        for record in outcome
        if number(record, "OptionId") == ROUTER_OPTION
        for value in texts(record, "Value")
    )
    return tuple(found for value in values if (found := address(value)))
