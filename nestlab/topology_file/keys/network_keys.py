"""The keys of network adapters, routes and physical networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.constants.enum_numbers import ON_OFF
from nestlab.model.topology import (
    GuestNat,
    NetworkAdapter,
    Route,
    Uplink,
    Vlan,
)
from nestlab.texts import mark, tr
from nestlab.topology_file.key_types import Key, ListOf, OneLine, Setting, Shape
from nestlab.topology_file.keys.count_key import COUNT
from nestlab.topology_file.keys.dhcp_keys import DHCP
from nestlab.topology_file.network_scalars import (
    ADDRESS,
    INTERFACE,
    INTERFACE_OR_AUTO,
    MAC,
    NETWORK,
    vlan_id,
    vlan_or_range,
)
from nestlab.topology_file.scalars import BOOLEAN, NAME, integer

# Numbers above 4094 are read, so that a rule reports them together with the other findings.
_VLAN_ID = vlan_id(1_000_000)
_NATIVE_VLAN_ID = vlan_id(1_000_000, lowest=0)
_VLANS = vlan_or_range(1_000_000)
METRIC = integer(1, 9999)


def _mode_problem(values: Mapping[str, Any]) -> str:
    if not values:
        return tr("must have access, or trunk and native")
    return (
        tr("native is only valid with trunk")
        if "native" in values and "trunk" not in values
        else ""
    )


def _with_value(name: str) -> dict[str, Any]:
    """Return the schema of a mapping that has a value for this key."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


ROUTE = Shape(
    "a route",
    Route,
    (
        Key("to", NETWORK, "Destination network.", required=True),
        Key("via", ADDRESS, "Next hop.", required=True),
    ),
    line=OneLine(("{to} via {via}",), "10.1.0.0/16 via 10.0.0.2"),
)
VLAN = Shape(
    "a VLAN setting",
    Vlan,
    (
        Key("access", _VLAN_ID, "Access mode: the one VLAN."),
        Key(
            "trunk",
            ListOf(_VLANS, split=lambda text: text.split(",")),
            "Trunk mode: the VLANs whose tagged frames are allowed, as numbers and ranges: [1-10, 30].",
        ),
        Key("native", _NATIVE_VLAN_ID, "Trunk mode: the VLAN of untagged frames; 0: none."),
    ),
    cross_check=_mode_problem,
    schema={"anyOf": [_with_value(name) for name in ("access", "trunk", "native")]},
    merges=(("access",), ("trunk",), ("native",), ("trunk", "native")),
    line=OneLine(
        (
            "{access}",
            "{trunk} native {native}",
            "trunk {trunk} native {native}",
            "trunk {trunk}",
            "{trunk}",
        ),
        mark("30, or for a trunk 10,20 native 1"),
    ),
)
NETWORK_ADAPTER = Shape(
    "a network adapter",
    NetworkAdapter,
    (
        Key("name", NAME, "Name of the adapter.", label="Name"),
        Key("switch", NAME, "Switch of the VM's host.", label="Switch"),
        Key(
            "ip_address",
            INTERFACE_OR_AUTO,
            "Address in the guest. auto takes the next free one of the network on its switch, in the order of the file.",
            label="Address",
            hint=mark("10.0.0.11/24, or auto"),
        ),
        Key("gateway", ADDRESS, "Default gateway in the guest.", label="Gateway", hint="10.0.0.1"),
        Key(
            "dns_servers",
            ListOf(ADDRESS),
            "DNS servers in the guest.",
            label="DNS servers",
            hint="1.1.1.1, 8.8.8.8",
        ),
        Key(
            "interface_metric",
            METRIC,
            "Interface metric in the guest. Default: automatic.",
            label="Interface metric",
            hint=mark("20; empty: automatic"),
        ),
        Key(
            "dhcp",
            BOOLEAN,
            "Whether the guest gets its address by DHCP.",
            label="Address by DHCP",
        ),
        Key(
            "dhcp_server",
            DHCP,
            "DHCP scope that the guest serves on the network of this adapter, which needs an ip_address. For Windows Server, and for Linux with cloud_init.",
            label="DHCP server in the guest",
            hint=mark("10.0.0.100-10.0.0.200; empty: none"),
        ),
        Key(
            "mac_address",
            MAC,
            "Static MAC address. Default: dynamic.",
            label="MAC address",
            hint=mark("00-15-5D-00-00-01; empty: dynamic"),
        ),
        Key(
            "mac_address_spoofing",
            BOOLEAN,
            "Whether frames with other MAC addresses may pass: bridged L2 VMs need it.",
            label="MAC address spoofing",
        ),
        Key(
            "allow_teaming",
            BOOLEAN,
            "Whether the guest may team the adapter with others. Default: true where a switch of the nested host has it in a team, otherwise unchanged.",
            label="Teaming allowed",
        ),
        Key(
            "router_guard",
            BOOLEAN,
            "Whether router advertisements and redirects that the guest sends are dropped. Default: unchanged; false for a new adapter.",
            label="Router guard",
            setting=Setting("Set-VMNetworkAdapter", "RouterGuard", initial="Off", numbers=ON_OFF),
        ),
        Key(
            "vlan",
            VLAN,
            "VLAN of the adapter. Default: untagged.",
            label="VLAN",
            hint=mark("30, or 10,20 native 1; empty: none"),
        ),
        Key("connected", BOOLEAN, "Whether it is connected to its switch.", label="Connected"),
    ),
    short_forms=(COUNT,),
)
GUEST_NAT = Shape(
    "a guest's NAT",
    GuestNat,
    (
        Key(
            "inside",
            NETWORK,
            "Internal network: its addresses are translated to that of the outside adapter.",
            required=True,
        ),
        Key(
            "outside",
            NAME,
            "Adapter of the VM in the external network, or the switch that it is on.",
            required=True,
        ),
    ),
    line=OneLine(("{inside} to {outside}",), mark("10.0.0.0/24 to Internet")),
)
UPLINK = Shape(
    "an uplink",
    Uplink,
    (
        Key(
            "net_adapter",
            NAME,
            "Physical adapter of the host.",
            required=True,
            label="Physical adapter",
        ),
        Key(
            "network", NETWORK, "Network behind that adapter.", label="Network", hint="192.0.2.0/24"
        ),
        Key("gateway", ADDRESS, "Gateway of that network.", label="Gateway", hint="192.0.2.1"),
        Key(
            "ip_address",
            INTERFACE,
            "The host's own address, where no External switch is bound to the adapter.",
            label="The host's own address",
            hint="192.0.2.10/24",
        ),
        Key(
            "routes",
            ListOf(ROUTE),
            "Routes that the gateway of that network has.",
            label="Routes of its gateway",
        ),
    ),
)
