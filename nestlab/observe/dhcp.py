"""The DHCP server of a machine's Windows: its service, its scopes and their options."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Outcome
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import DhcpReservationState, DhcpScopeState, HostState
from nestlab.observe.reading import (
    EMPTY_RECORD,
    address,
    enum_name,
    known_flag,
    number,
    text,
    texts,
)
from nestlab.pattern import pattern
from nestlab.transport.session import Cancel, Session

SCOPES = Cmdlet("Get-DhcpServerv4Scope", {"ErrorAction": "Continue"})
"""For machines with the DHCP role; its module is in the tools of the role (RSAT-DHCP)."""
SERVICE = Cmdlet("Get-Service", {"Name": "DHCPServer", "ErrorAction": "SilentlyContinue"})
"""The service of the role; its name is the same in every language."""
SETTING = Cmdlet("Get-DhcpServerSetting", {"ErrorAction": "Continue"})
"""For members of a domain: their servers lease nothing until Active Directory authorizes them."""


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


ROUTER_OPTION, DNS_OPTION = 3, 6
"""Numbers of DHCP options: Router, and Domain Name Server (RFC 2132, 3.5 and 3.8)."""


def with_scope_settings(
    session: Session, state: HostState, topology: str = "", *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the options and the reservations of the topology's DHCP scopes.

    Without a topology, those of all scopes. Each scope takes one call, since the record of an
    option does not name its scope. Raises the errors of `Session.run`.
    """
    if not any(_is_wanted(scope, topology) for scope in state.dhcp_scopes):
        return state
    scopes = tuple(
        _with_settings(session, scope, cancel) if _is_wanted(scope, topology) else scope
        for scope in state.dhcp_scopes
    )
    return replace(state, dhcp_scopes=scopes)


def _is_wanted(scope: DhcpScopeState, topology: str) -> bool:
    return not topology or is_owned_by_name(scope.name, topology)


def _with_settings(
    session: Session, scope: DhcpScopeState, cancel: Cancel | None
) -> DhcpScopeState:
    """Return a scope with its settings; None for those that a restricted session does not show."""
    asked = {"ScopeId": str(scope.scope_id), "ErrorAction": "Continue"}
    outcome = session.run(
        Cmdlet("Get-DhcpServerv4OptionValue", asked),
        Cmdlet("Get-DhcpServerv4Reservation", asked),
        cancel=cancel,
    )
    is_unread = any(
        "Reservation" in error.fully_qualified_error_id or "CommandNotFound" in error.error_id
        for error in outcome.errors
    )
    return replace(
        scope,
        routers=_option(outcome, ROUTER_OPTION),
        dns_servers=_option(outcome, DNS_OPTION),
        reservations=None if is_unread else tuple(reservations_of(outcome)),
    )


def _option(outcome: Outcome, option: int) -> tuple[IPv4Address, ...]:
    values = (
        value
        for record in outcome.of_type("DhcpServerv4OptionValue")
        if number(record, "OptionId") == option
        for value in texts(record, "Value")
    )
    return tuple(found for value in values if (found := address(value)))


def reservations_of(outcome: Outcome) -> Iterator[DhcpReservationState]:
    """Yield the reservations whose client identifier is a MAC address, as Windows clients send it.

    Source: https://learn.microsoft.com/powershell/module/dhcpserver/add-dhcpserverv4reservation
    """
    for record in outcome.of_type("DhcpServerv4Reservation"):
        reserved, mac = address(text(record, "IPAddress")), plain_mac(text(record, "ClientId"))
        if reserved and _MAC.fullmatch(mac):
            yield DhcpReservationState(
                ip_address=reserved, mac_address=mac, name=text(record, "Name")
            )


_MAC = pattern("[0-9A-F]{12}")
