"""Rules about the network of Windows in a VM: addresses, gateway, DNS servers."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.constants import (
    AZURE_WIRE_SERVER_ADDRESS,
    ENABLE_NESTED,
    NAT_NETWORK,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.parameter_values import SwitchParameter
from nestlab.rules.evidence import display_name, evidence_from
from nestlab.rules.nesting.guest_finding import (
    DEFAULT_ROUTE,
    address_evidence,
    guest_finding,
    in_file,
)
from nestlab.rules.nesting.nesting_context import AdapterLink, NestingContext, free_address
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.name_servers import GUEST_WITHOUT_NAME_SERVER
from nestlab.texts import tr

_PUBLIC_NAME_SERVER = "1.1.1.1"


def _nat_gateway(nesting: NestingContext, link: AdapterLink) -> IPv4Interface | None:
    """Return the outer machine's address on the switch; None if it has no NAT for that network."""
    host_address = link.host_address
    return (
        host_address
        if host_address
        and any(host_address.network.subnet_of(nat.internal_prefix) for nat in nesting.outer.nats)
        else None
    )


GUEST_WITHOUT_LEASE = Rule(
    code="guest-without-lease",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="A guest requests an address by DHCP but gets none.",
    why="WinNAT does not serve DHCP, so the guest gives itself an address of 169.254.0.0/16.",
    fix="Give it a static address, or serve DHCP on that switch, which needs a Windows Server.",
    example="Get-NetIPInterface: Dhcp = Enabled",
    source=NAT_NETWORK,
)


@detects(GUEST_WITHOUT_LEASE)
def guest_without_lease(nesting: NestingContext) -> Iterator[Finding]:
    """A guest that requests an address where nothing serves DHCP: WinNAT does not."""
    for link in nesting.links:
        host_address = link.host_address
        waits = link.interface.dhcp and not link.addresses
        if host_address is None or not waits or not _may_lack_dhcp(link):
            continue
        scopes = {scope.scope_id for scope in nesting.outer.dhcp_scopes}
        address = free_address(nesting, host_address)
        if address is None or host_address.network.network_address in scopes:
            continue
        declared = nesting.declared_adapter(link)
        if declared is not None and declared.ip_address is not None:
            address = declared.ip_address
        own = str(declared.ip_address or "") if declared else ""
        written = in_file("ip_address", str(address), own, known=declared is not None)
        hint = tr(
            "Give it an address of {network} by hand, or serve DHCP there, which needs a Windows Server.",
            network=host_address.network,
        )
        yield guest_finding(
            nesting,
            link,
            GUEST_WITHOUT_LEASE,
            tr(
                "requests an address by DHCP but gets none: nothing on switch {switch} serves DHCP, and NAT does not",
                switch=link.switch.name,
            ),
            hint=hint + written,
            evidence=f"{address_evidence(link)}; {evidence_from('Get-NetIPInterface', Dhcp='Enabled')}",
            fix=_static(nesting, link, address, host_address),
        )


def _may_lack_dhcp(link: AdapterLink) -> bool:
    """Whether a switch may be without DHCP: an Internal one other than the Default Switch."""
    return link.switch.switch_type == "Internal" and not link.is_default_switch


def _static(
    nesting: NestingContext, link: AdapterLink, address: IPv4Interface, host_address: IPv4Interface
) -> tuple[Cmdlet, ...]:
    alias = link.interface.interface_alias
    # An adapter with DHCP sometimes refuses a static address, so DHCP is turned off first.
    off = Cmdlet(
        "Set-NetIPInterface", {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": "Disabled"}
    )
    static = {
        "InterfaceAlias": alias,
        "IPAddress": str(address.ip),
        "PrefixLength": address.network.prefixlen,
    }
    gateway = {"DefaultGateway": str(host_address.ip)} if _nat_gateway(nesting, link) else {}
    return (
        off,
        Cmdlet("New-NetIPAddress", {**static, **gateway}),
        _set_dns_servers(nesting, link),
    )


def _set_dns_servers(nesting: NestingContext, link: AdapterLink) -> Cmdlet:
    return Cmdlet(
        "Set-DnsClientServerAddress",
        {
            "InterfaceAlias": link.interface.interface_alias,
            "ServerAddresses": _name_servers(nesting, link),
        },
    )


def _declared_name_servers(nesting: NestingContext, link: AdapterLink) -> list[str]:
    declared = nesting.declared_adapter(link)
    return [str(server) for server in declared.dns_servers] if declared else []


def _name_servers(nesting: NestingContext, link: AdapterLink) -> list[str]:
    """Return the DNS servers that the file has for an adapter, else those of the outer machine.

    Its VMs reach them through its NAT. Azure's own DNS server is left out, because it answers only
    the outer machine; if no other is left, a public one is returned.
    """
    declared = _declared_name_servers(nesting, link)
    if set(declared) - {AZURE_WIRE_SERVER_ADDRESS}:
        return declared
    servers = [
        str(server) for interface in nesting.outer.ip_interfaces for server in interface.dns_servers
    ]
    return [server for server in dict.fromkeys(servers) if server != AZURE_WIRE_SERVER_ADDRESS] or [
        _PUBLIC_NAME_SERVER
    ]


GUEST_GATEWAY_WRONG = Rule(
    code="guest-gateway-wrong",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="No machine has the address of the guest's default gateway.",
    why="It reaches its own network and nothing beyond.",
    fix="Set the gateway, inside the VM, to the address of the machine on that switch.",
    example="Get-NetRoute: DestinationPrefix = 0.0.0.0/0",
    source=ENABLE_NESTED,
)


GUEST_WITHOUT_GATEWAY = Rule(
    code="guest-without-gateway",
    severity="warning",
    looks_at=(Scope.NESTING,),
    meaning="A guest behind NAT has no default gateway.",
    why="It reaches its own network and nothing beyond.",
    fix="Set the gateway, inside the VM, to the address of the machine on that switch.",
    example="Get-NetRoute: DestinationPrefix = 0.0.0.0/0",
    source=ENABLE_NESTED,
)


@detects(GUEST_GATEWAY_WRONG, GUEST_WITHOUT_GATEWAY)
def guest_gateway(nesting: NestingContext) -> Iterator[Finding]:
    """A guest behind NAT whose gateway is neither the host's address nor another VM's."""
    gateways = [interface.gateway for interface in nesting.inner.ip_interfaces if interface.gateway]
    for link in nesting.links:
        host_address, gateway = _nat_gateway(nesting, link), link.interface.gateway
        if host_address is None or not any(
            address.network == host_address.network for address in link.addresses
        ):
            continue
        if gateway is None:
            # A gateway on another adapter of the guest is enough.
            is_wrong = not gateways
        else:
            is_wrong = gateway != host_address.ip and gateway not in _addresses_of_other_vms(
                nesting
            )
        if is_wrong:
            yield _gateway_finding(nesting, link, host_address)


def _gateway_finding(
    nesting: NestingContext, link: AdapterLink, host_address: IPv4Interface
) -> Finding:
    gateway, network = link.interface.gateway, host_address.network
    if gateway:
        rule = GUEST_GATEWAY_WRONG
        message = tr(
            "has the gateway {gateway}, which no machine on switch {switch} has: it reaches its subnet {network} and nothing beyond",
            gateway=gateway,
            switch=link.switch.name,
            network=network,
        )
    else:
        rule = GUEST_WITHOUT_GATEWAY
        message = tr(
            "has no gateway: it reaches its subnet {network} and nothing beyond", network=network
        )
    declared = nesting.declared_adapter(link)
    own = str(declared.gateway or "") if declared else ""
    written = in_file("gateway", str(host_address.ip), own, known=declared is not None)
    hint = tr(
        "Set its gateway to {address}, the address of {machine} on that switch. Do that in the VM, not on its host.",
        address=host_address.ip,
        machine=display_name(nesting.outer),
    )
    route = evidence_from(
        "Get-NetRoute", DestinationPrefix=DEFAULT_ROUTE, NextHop=gateway or tr("none")
    )
    return guest_finding(
        nesting,
        link,
        rule,
        message,
        hint=hint + written,
        evidence=f"{address_evidence(link)}; {route}",
        fix=tuple(_set_gateway(link, host_address)),
    )


def _set_gateway(link: AdapterLink, host_address: IPv4Interface) -> Iterator[Cmdlet]:
    route = {
        "InterfaceAlias": link.interface.interface_alias,
        "DestinationPrefix": DEFAULT_ROUTE,
    }
    if link.interface.gateway:
        old = {"NextHop": str(link.interface.gateway), "Confirm": SwitchParameter.OFF}
        yield Cmdlet("Remove-NetRoute", {**route, **old})
    yield Cmdlet("New-NetRoute", {**route, "NextHop": str(host_address.ip)})


def _addresses_of_other_vms(nesting: NestingContext) -> set[IPv4Address]:
    """Return the addresses of the other VMs, as Hyper-V shows them."""
    vms = nesting.outer.hyper_v.vms if nesting.outer.hyper_v else ()
    texts = {
        text
        for vm in vms
        if vm.id != nesting.vm.id
        for adapter in vm.network_adapters
        for text in adapter.ip_addresses
    }
    return {IPv4Address(text) for text in texts if ":" not in text}


@detects(GUEST_WITHOUT_NAME_SERVER)
def guest_without_name_server(nesting: NestingContext) -> Iterator[Finding]:
    """A guest without a DNS server, or with one that does not answer behind NAT."""
    servers = {
        str(server) for interface in nesting.inner.ip_interfaces for server in interface.dns_servers
    }
    if servers - {AZURE_WIRE_SERVER_ADDRESS}:
        return
    for link in nesting.links:
        interface = link.interface
        is_static = bool(link.addresses) and not interface.dhcp and interface.gateway is not None
        if not is_static or _nat_gateway(nesting, link) is None:
            continue
        message = (
            tr(
                "has {address} as DNS server, which answers the Azure VM itself and nothing behind its NAT: IP addresses are reachable, but names do not resolve",
                address=AZURE_WIRE_SERVER_ADDRESS,
            )
            if servers
            else tr("has no DNS server: IP addresses are reachable, but names do not resolve")
        )
        set_servers = ", ".join(_name_servers(nesting, link))
        own = ", ".join(_declared_name_servers(nesting, link))
        is_known = nesting.declared_adapter(link) is not None
        written = in_file(
            "dns_servers", f"[{set_servers}]", f"[{own}]" if own else "", known=is_known
        )
        hint = tr("Set a DNS server that it reaches, such as {servers}.", servers=set_servers)
        ping = tr("Then test TCP and UDP port 53 as well as ping.")
        yield guest_finding(
            nesting,
            link,
            GUEST_WITHOUT_NAME_SERVER,
            message,
            hint=f"{hint}{written} {ping}",
            evidence=evidence_from(
                "Get-DnsClientServerAddress", ServerAddresses=", ".join(servers) or tr("none")
            ),
            fix=(_set_dns_servers(nesting, link),),
        )


DETECTORS = (guest_without_lease, guest_gateway, guest_without_name_server)
