"""A rule about static addresses on the Default Switch."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    DEFAULT_SWITCH_PAGE,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.parameter_values import SwitchParameter
from nestlab.rules.evidence import evidence_from
from nestlab.rules.nesting.guest_finding import (
    DEFAULT_ROUTE,
    address_evidence,
    guest_finding,
    in_file,
)
from nestlab.rules.nesting.nesting_context import AdapterLink, NestingContext
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

DEFAULT_SWITCH_STATIC = Rule(
    code="default-switch-static",
    severity="warning",
    looks_at=(Scope.MATCH, Scope.NESTING),
    meaning="A guest has a static address on the Default Switch.",
    why="The network of the Default Switch changes at each start of the host, so the address stops working.",
    fix="Let DHCP give it an address, or connect it to an Internal switch with a NAT and keep the address there.",
    example="Get-VMNetworkAdapter: SwitchName = Default Switch",
    source=DEFAULT_SWITCH_PAGE,
)


@detects(DEFAULT_SWITCH_STATIC)
def guest_address_on_default_switch(nesting: NestingContext) -> Iterator[Finding]:
    """A static address on the Default Switch, whose network changes at each start."""
    for link in nesting.links:
        if not link.is_default_switch or link.interface.dhcp or not link.addresses:
            continue
        switch = evidence_from("Get-VMNetworkAdapter", SwitchName=link.switch.name)
        yield guest_finding(
            nesting,
            link,
            DEFAULT_SWITCH_STATIC,
            _static_address(link),
            hint=DEFAULT_SWITCH_STATIC.fix_text + _in_file(nesting, link),
            evidence=f"{address_evidence(link)}; {switch}",
            fix=tuple(_back_to_dhcp(link)),
        )


def _static_address(link: AdapterLink) -> str:
    addresses, host_address = ", ".join(map(str, link.addresses)), link.host_address
    if host_address is None:
        return tr(
            "has {addresses} as a static address on the Default Switch, which is not in today's range",
            addresses=addresses,
        )
    if any(address.ip not in host_address.network for address in link.addresses):
        return tr(
            "has {addresses} as a static address on the Default Switch, which is not in today's {network}",
            addresses=addresses,
            network=host_address.network,
        )
    return tr(
        "has {addresses} as a static address on the Default Switch, and works until the host restarts",
        addresses=addresses,
    )


def _in_file(nesting: NestingContext, link: AdapterLink) -> str:
    declared = nesting.declared_adapter(link)
    own = "" if declared is None or not declared.dhcp else "true"
    return in_file("dhcp", "true", own, known=declared is not None)


def _back_to_dhcp(link: AdapterLink) -> Iterator[Cmdlet]:
    alias = {"InterfaceAlias": link.interface.interface_alias}
    quiet = {"Confirm": SwitchParameter.OFF}
    for address in link.addresses:
        yield Cmdlet("Remove-NetIPAddress", {**alias, "IPAddress": str(address.ip), **quiet})
    if link.interface.gateway:
        route = {"DestinationPrefix": DEFAULT_ROUTE, "NextHop": str(link.interface.gateway)}
        yield Cmdlet("Remove-NetRoute", {**alias, **route, **quiet})
    yield Cmdlet("Set-NetIPInterface", {**alias, "AddressFamily": "IPv4", "Dhcp": "Enabled"})
    reset = {"ResetServerAddresses": SwitchParameter.ON}
    yield Cmdlet("Set-DnsClientServerAddress", {**alias, **reset})


DETECTORS = (guest_address_on_default_switch,)
