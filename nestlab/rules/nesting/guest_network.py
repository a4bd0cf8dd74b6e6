"""Rules about the network of Windows in a VM, beside what the host around it says: addresses, gateway, name servers."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.constants import (
    AZURE_ADDRESS,
    DEFAULT_SWITCH_PAGE,
    ENABLE_NESTED,
    LAB_SERVICES,
    NAT_NETWORK,
)
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding
from nestlab.rules.evidence import computer_name, read, said
from nestlab.rules.nesting.nesting_context import Level, Link, free_address

_ANYWHERE = "0.0.0.0/0"
_PUBLIC_NAME_SERVER = "1.1.1.1"


def _found(
    level: Level,
    link: Link,
    code: str,
    message: str,
    *,
    hint: str,
    evidence: str,
    source: str,
    fix: tuple[Cmdlet, ...],
) -> Finding:
    subject = f"VM {level.vm.name}, adapter {link.adapter.name}"
    where = computer_name(level.inner)
    return said(
        level.outer,
        code,
        "warning",
        message,
        subject=subject,
        hint=hint,
        evidence=evidence,
        source=source,
        fix=fix,
        runs_on=where,
    )


def _shown(link: Link) -> str:
    addresses = ", ".join(map(str, link.interface.ip_addresses)) or "none"
    return read(
        "Get-NetIPAddress", InterfaceAlias=link.interface.interface_alias, IPAddress=addresses
    )


def _behind_nat(level: Level, link: Link) -> IPv4Interface | None:
    """The outer machine's address on the switch, where it translates that network."""
    own = link.own
    return (
        own
        if own and any(own.network.subnet_of(nat.internal_prefix) for nat in level.outer.nats)
        else None
    )


def guest_has_a_lease(level: Level) -> Iterator[Finding]:
    """WinNAT has no DHCP: who asks behind it gives itself an address of 169.254.0.0/16."""
    for link in level.links:
        own = link.own
        waits = link.interface.dhcp and not link.addresses
        if (
            not waits
            or own is None
            or link.switch.switch_type != "Internal"
            or link.is_default_switch
        ):
            continue
        address = free_address(level, own)
        served = any(
            scope.scope_id == own.network.network_address for scope in level.outer.dhcp_scopes
        )
        if address is None or served:
            continue
        yield _found(
            level,
            link,
            "guest-without-lease",
            f"asks for an address by DHCP and gets none: nothing on switch {link.switch.name} serves DHCP, and NAT does not",
            hint=f"Give it an address of {own.network} by hand; or serve DHCP there, which takes a Windows Server.",
            evidence=f"{_shown(link)}; {read('Get-NetIPInterface', Dhcp='Enabled')}",
            source=NAT_NETWORK,
            fix=_static(level, link, address, own),
        )


def _static(
    level: Level, link: Link, address: IPv4Interface, own: IPv4Interface
) -> tuple[Cmdlet, ...]:
    alias = link.interface.interface_alias
    # An adapter that still asks DHCP refuses a static address now and then: it stops asking first.
    off = Cmdlet(
        "Set-NetIPInterface", {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": "Disabled"}
    )
    given = {
        "InterfaceAlias": alias,
        "IPAddress": str(address.ip),
        "PrefixLength": address.network.prefixlen,
    }
    gateway = {"DefaultGateway": str(own.ip)} if _behind_nat(level, link) else {}
    return (off, Cmdlet("New-NetIPAddress", {**given, **gateway}), _ask(level, alias))


def _ask(level: Level, alias: str) -> Cmdlet:
    return Cmdlet(
        "Set-DnsClientServerAddress",
        {"InterfaceAlias": alias, "ServerAddresses": _name_servers(level)},
    )


def _name_servers(level: Level) -> list[str]:
    """Those of the machine around it, which VMs reach through its NAT; Azure's own answers that machine alone."""
    asked = [
        str(server) for interface in level.outer.ip_interfaces for server in interface.dns_servers
    ]
    return [server for server in dict.fromkeys(asked) if server != AZURE_ADDRESS] or [
        _PUBLIC_NAME_SERVER
    ]


def guest_has_a_gateway(level: Level) -> Iterator[Finding]:
    """Behind NAT the machine's own address on the switch is the gateway; without it a VM stays in its subnet."""
    some = [interface.gateway for interface in level.inner.ip_interfaces if interface.gateway]
    for link in level.links:
        own, gateway = _behind_nat(level, link), link.interface.gateway
        if own is None or not any(address.network == own.network for address in link.addresses):
            continue
        known = {own.ip, *(some if gateway is None else ()), *_others(level)}
        if gateway in known or (gateway is None and some):
            continue
        alias = link.interface.interface_alias
        there = {"InterfaceAlias": alias, "DestinationPrefix": _ANYWHERE}
        remove = (
            (
                Cmdlet(
                    "Remove-NetRoute",
                    {**there, "NextHop": str(gateway), "Confirm": SwitchParameter.OFF},
                ),
            )
            if gateway
            else ()
        )
        has = (
            f"has the gateway {gateway}, which nobody on switch {link.switch.name} is"
            if gateway
            else "has no gateway"
        )
        yield _found(
            level,
            link,
            "guest-gateway-wrong" if gateway else "guest-without-gateway",
            f"{has}: it reaches its subnet {own.network} and nothing beyond",
            hint=f"Its gateway is {own.ip}, the address of {computer_name(level.outer)} on that switch. Set it in the VM, not on its host.",
            evidence=f"{_shown(link)}; {read('Get-NetRoute', DestinationPrefix=_ANYWHERE, NextHop=gateway or 'none')}",
            source=ENABLE_NESTED,
            fix=(*remove, Cmdlet("New-NetRoute", {**there, "NextHop": str(own.ip)})),
        )


def _others(level: Level) -> set[IPv4Address]:
    """The addresses of the other VMs, as Hyper-V shows them."""
    vms = level.outer.hyper_v.vms if level.outer.hyper_v else ()
    texts = {
        text
        for vm in vms
        if vm.id != level.vm.id
        for adapter in vm.network_adapters
        for text in adapter.ip_addresses
    }
    return {IPv4Address(text) for text in texts if ":" not in text}


def guest_has_a_name_server(level: Level) -> Iterator[Finding]:
    """Pings by address work and names do not: nobody was named to ask, or one who does not answer behind NAT."""
    asked = {
        str(server) for interface in level.inner.ip_interfaces for server in interface.dns_servers
    }
    if asked - {AZURE_ADDRESS}:
        return
    for link in level.links:
        if (
            _behind_nat(level, link) is None
            or not link.addresses
            or link.interface.dhcp
            or link.interface.gateway is None
        ):
            continue
        what = (
            f"asks {AZURE_ADDRESS} for names, which answers the Azure VM itself and nobody behind its NAT"
            if asked
            else "asks nobody for names"
        )
        yield _found(
            level,
            link,
            "guest-without-name-server",
            f"{what}: addresses answer, names do not resolve",
            hint="Name a DNS server that it reaches through the NAT. Then test TCP and UDP port 53 apart from ping.",
            evidence=read("Get-DnsClientServerAddress", ServerAddresses=", ".join(asked) or "none"),
            source=LAB_SERVICES,
            fix=(_ask(level, link.interface.interface_alias),),
        )


def default_switch_has_no_static_addresses(level: Level) -> Iterator[Finding]:
    """The Default Switch has another network after each start: what was set by hand does not fit any more."""
    for link in level.links:
        if not link.is_default_switch or link.interface.dhcp or not link.addresses:
            continue
        alias, gateway = link.interface.interface_alias, link.interface.gateway
        fits = link.own is not None and all(
            address.ip in link.own.network for address in link.addresses
        )
        then = (
            "and works until the host restarts"
            if fits
            else f"which is not in today's {link.own.network if link.own else 'range'}"
        )
        route = {
            "InterfaceAlias": alias,
            "DestinationPrefix": _ANYWHERE,
            "NextHop": str(gateway),
            "Confirm": SwitchParameter.OFF,
        }
        yield _found(
            level,
            link,
            "default-switch-static",
            f"has {', '.join(map(str, link.addresses))} set by hand on the Default Switch, {then}",
            hint="Let DHCP give it an address; or connect it to an Internal switch of your own with a NAT, and keep the address there.",
            evidence=f"{_shown(link)}; {read('Get-VMNetworkAdapter', SwitchName=link.switch.name)}",
            source=DEFAULT_SWITCH_PAGE,
            fix=(
                *(
                    Cmdlet(
                        "Remove-NetIPAddress",
                        {
                            "InterfaceAlias": alias,
                            "IPAddress": str(item.ip),
                            "Confirm": SwitchParameter.OFF,
                        },
                    )
                    for item in link.addresses
                ),
                *((Cmdlet("Remove-NetRoute", route),) if gateway else ()),
                Cmdlet(
                    "Set-NetIPInterface",
                    {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": "Enabled"},
                ),
                Cmdlet(
                    "Set-DnsClientServerAddress",
                    {"InterfaceAlias": alias, "ResetServerAddresses": SwitchParameter.ON},
                ),
            ),
        )
