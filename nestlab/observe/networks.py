"""The network of Windows on a machine: adapters, IPv4 interfaces, WinNAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.model import Cmdlet, Outcome, Record
from nestlab.model.state import (
    BUILT_IN_ECHO_RULE,
    ECHO_RULE,
    NEW_ROUTE_METRIC,
    FirewallRuleState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
)
from nestlab.observe.reading import (
    ENABLED,
    PHYSICAL_MEDIA,
    address,
    addresses,
    enum_name,
    flag,
    interface,
    network,
    number,
    read_once,
    text,
    texts,
)

_CONTINUE = {"ErrorAction": "Continue"}
_IPV4 = {"AddressFamily": "IPv4", **_CONTINUE}

STATEMENTS = (
    Cmdlet("Get-NetAdapter", _CONTINUE),
    Cmdlet("Get-NetIPInterface", _IPV4),
    Cmdlet("Get-NetIPAddress", _IPV4),
    Cmdlet("Get-NetRoute", _IPV4),
    Cmdlet("Get-DnsClientServerAddress", _IPV4),
    Cmdlet("Get-NetNat", _CONTINUE),
    Cmdlet("Get-NetNatStaticMapping", _CONTINUE),
)
"""The statements for every machine; `ECHO_RULES` are for guests."""

ECHO_RULES = Cmdlet(
    "Get-NetFirewallRule",
    {"Name": [BUILT_IN_ECHO_RULE, ECHO_RULE], "ErrorAction": "SilentlyContinue"},
)
"""For guests. By Name: the DisplayName of a rule is localized. A missing rule is not an error."""

_ADDRESS_STATES = {0: "Invalid", 1: "Tentative", 2: "Duplicate", 3: "Deprecated", 4: "Preferred"}
"""Values of AddressState, as the type of Get-NetIPAddress names them (NetTCPIP.Types.ps1xml)."""

_STATUS = {1: "Up", 2: "Disconnected", 3: "Disabled", 4: "Not Present"}  # not shown


def net_adapters(outcome: Outcome) -> tuple[NetAdapterState, ...]:
    """Return the adapters of Get-NetAdapter."""
    return tuple(map(_net_adapter, outcome.of_type("MSFT_NetAdapter")))


@read_once
def _net_adapter(record: Record) -> NetAdapterState:
    return NetAdapterState(
        name=text(record, "Name"),
        interface_description=text(record, "InterfaceDescription"),
        interface_index=number(record, "InterfaceIndex"),
        mac_address=text(record, "MacAddress") or text(record, "PermanentAddress"),
        status=enum_name(record, "Status", _STATUS),
        device_id=text(record, "DeviceID"),
        virtual=flag(record, "Virtual"),
        ndis_physical_medium=number(record, "NdisPhysicalMedium", PHYSICAL_MEDIA),
    )


def ip_interfaces(outcome: Outcome) -> tuple[IPInterfaceState, ...]:
    """Return the interfaces of Get-NetIPInterface, with their addresses, routes and DNS servers.

    The loopback interface is left out.
    """
    own, routes, servers = _addresses(outcome), _routes(outcome), _dns_servers(outcome)
    states = _address_states(outcome)
    found = []
    for record in outcome.of_type("MSFT_NetIPInterface"):
        settings = _settings(record)
        index = settings["interface_index"]
        if not any(entry.is_loopback for entry in own[index]):
            state = IPInterfaceState(
                **settings,
                ip_addresses=tuple(own[index]),
                routes=tuple((to, via) for to, via, _ in routes[index]),
                route_metrics=tuple(
                    (to, via, metric)
                    for to, via, metric in routes[index]
                    if to.prefixlen and metric != NEW_ROUTE_METRIC
                ),
                dns_servers=tuple(servers[index]),
                address_states=tuple(states[index]),
            )
            found.append(state)
    return tuple(found)


@read_once
def _settings(record: Record) -> Mapping[str, Any]:
    return {
        "interface_alias": text(record, "InterfaceAlias"),
        "interface_index": number(record, "InterfaceIndex"),
        "dhcp": enum_name(record, "Dhcp", ENABLED) == "Enabled",
        "forwarding": enum_name(record, "Forwarding", ENABLED) == "Enabled",
        "interface_metric": number(record, "InterfaceMetric") or None,
        "automatic_metric": enum_name(record, "AutomaticMetric", ENABLED) != "Disabled",
        "nl_mtu": number(record, "NlMtu"),
    }


def _addresses(outcome: Outcome) -> Mapping[int, list[IPv4Interface]]:
    found: dict[int, list[IPv4Interface]] = defaultdict(list)
    for record in outcome.of_type("MSFT_NetIPAddress"):
        index, entry = _own_address(record)
        if entry is not None:
            found[index].append(entry)
    return found


def _address_states(outcome: Outcome) -> Mapping[int, list[tuple[IPv4Interface, str]]]:
    """Return the states of the addresses that are not Preferred, by interface index."""
    found: dict[int, list[tuple[IPv4Interface, str]]] = defaultdict(list)
    for record in outcome.of_type("MSFT_NetIPAddress"):
        state = enum_name(record, "AddressState", _ADDRESS_STATES)
        index, entry = _own_address(record)
        if entry is not None and state not in ("Preferred", ""):
            found[index].append((entry, state))
    return found


@read_once
def _own_address(record: Record) -> tuple[int, IPv4Interface | None]:
    entry = interface(
        text(record, "IPAddress") or text(record, "IPv4Address"), number(record, "PrefixLength")
    )
    return number(record, "InterfaceIndex"), entry


def _routes(outcome: Outcome) -> Mapping[int, list[tuple[IPv4Network, IPv4Address, int]]]:
    """Return the routes that have a next hop, each with its metric.

    The others follow from the addresses of the machine.
    """
    found: dict[int, list[tuple[IPv4Network, IPv4Address, int]]] = defaultdict(list)
    for record in outcome.of_type("MSFT_NetRoute"):
        index, to, via = _route(record)
        if to is not None and via is not None:
            found[index].append((to, via, route_metric(record)))
    return found


def route_metric(record: Record) -> int:
    """Return the metric of a route of Get-NetRoute; that of a new route if it is missing."""
    return NEW_ROUTE_METRIC if record.get("RouteMetric") is None else number(record, "RouteMetric")


@read_once
def _route(record: Record) -> tuple[int, IPv4Network | None, IPv4Address | None]:
    via = address(text(record, "NextHop"))
    if via is None or not int(via):
        return 0, None, None
    return number(record, "InterfaceIndex"), network(text(record, "DestinationPrefix")), via


def _dns_servers(outcome: Outcome) -> Mapping[int, list[IPv4Address]]:
    found: dict[int, list[IPv4Address]] = defaultdict(list)
    for record in outcome.of_type("MSFT_DNSClientServerAddress"):
        index, servers = _servers(record)
        found[index] += servers
    return found


@read_once
def _servers(record: Record) -> tuple[int, tuple[IPv4Address, ...]]:
    servers = addresses(texts(record, "ServerAddresses"))
    return number(record, "InterfaceIndex"), servers


def nats(outcome: Outcome) -> tuple[NatState, ...]:
    """Return the NATs of Get-NetNat, with the port forwards of Get-NetNatStaticMapping.

    A NAT without an IPv4 internal prefix is left out.
    """
    mappings: dict[str, list[tuple[str, int, IPv4Address, int]]] = defaultdict(list)
    for record in outcome.of_type("MSFT_NetNatStaticMapping"):
        inside = address(text(record, "InternalIPAddress"))
        if inside is not None:
            protocol = enum_name(record, "Protocol", {6: "TCP", 17: "UDP"}).upper()
            mapping = (
                protocol,
                number(record, "ExternalPort"),
                inside,
                number(record, "InternalPort"),
            )
            mappings[text(record, "NatName")].append(mapping)
    return tuple(
        NatState(name=name, internal_prefix=prefix, static_mappings=tuple(mappings[name]))
        for record in outcome.of_type("MSFT_NetNat")
        if (name := text(record, "Name"))
        and (prefix := network(text(record, "InternalIPInterfaceAddressPrefix")))
    )


def firewall_rules(outcome: Outcome) -> tuple[FirewallRuleState, ...]:
    """Return the rules of Get-NetFirewallRule, where Enabled is 1 for True and 2 for False."""
    return tuple(
        FirewallRuleState(
            name=text(record, "Name") or text(record, "InstanceID"),
            enabled=enum_name(record, "Enabled", {1: "True", 2: "False"}) == "True",
            action=enum_name(record, "Action", {0: "NotConfigured", 2: "Allow", 4: "Block"}),
        )
        for record in outcome.of_type("MSFT_NetFirewallRule")
    )
