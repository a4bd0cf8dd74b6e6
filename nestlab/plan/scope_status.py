"""What a DHCP scope of a plan serves now, as clauses of the reason why nothing has to change."""

from __future__ import annotations

from nestlab.model.state import DhcpScopeState
from nestlab.model.topology import DhcpRange
from nestlab.plan.served_scope import ServedScope
from nestlab.texts import tr


def what_it_does(served: ServedScope, dhcp: DhcpRange, name: str) -> str:
    """Return that a scope serves its range; if that was not observed, only that it has it."""
    scope = _scope_of(served)
    is_active = scope is not None and scope.state.casefold() == "active"
    first, last = dhcp.first, dhcp.last
    serves = is_active and served.machine.state.dhcp_server == "Running"
    if serves and not name:
        return tr("a scope serves {first} to {last}", first=first, last=last)
    if serves:
        return tr("the scope {scope} serves {first} to {last}", scope=name, first=first, last=last)
    if not name:
        return tr("a scope has the range {first} to {last}", first=first, last=last)
    return tr(
        "the scope {scope} has the range {first} to {last}", scope=name, first=first, last=last
    )


def why_not_served(served: ServedScope) -> str:
    """Return a clause about a scope that gives no addresses, or may not; empty if it does."""
    machine = served.machine
    scope, service = _scope_of(served), machine.state.dhcp_server
    domain = machine.state.computer.domain
    if domain and machine.state.dhcp_authorized is False:
        return tr(
            ", and gives no address: the DHCP server of {machine} is not authorized in the domain {domain}",
            machine=machine.name,
            domain=domain,
        )
    if service not in ("", "Running"):
        return tr(
            ", and gives no address: the service DHCPServer of {machine} is {service}",
            machine=machine.name,
            service=service,
        )
    if scope is not None and scope.is_inactive:
        return tr(", and gives no address: it is inactive")
    if not service or scope is None or not scope.state:
        return tr("; whether its DHCP server runs was not read")
    return ""


def _scope_of(served: ServedScope) -> DhcpScopeState | None:
    """Return the scope of the network that is served, whatever its name."""
    address = served.ip_address
    scopes = (each for each in served.machine.state.dhcp_scopes if address is not None)
    return next((each for each in scopes if address and each.scope_id in address.network), None)
