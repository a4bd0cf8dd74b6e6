"""The keys of switches, and of the adapters that the machine itself has on them."""

from __future__ import annotations

from nestlab.model.topology import (
    ManagementAdapter,
    PortForward,
    Switch,
    SwitchType,
)
from nestlab.texts import mark
from nestlab.topology_file.key_types import Key, ListOf, OneLine, Shape
from nestlab.topology_file.keys.count_key import COUNT
from nestlab.topology_file.keys.dhcp_keys import DHCP
from nestlab.topology_file.keys.network_keys import METRIC, VLAN
from nestlab.topology_file.network_scalars import (
    ADDRESS,
    ADDRESS_AND_PORT,
    INTERFACE,
    NETWORK,
)
from nestlab.topology_file.scalars import BOOLEAN, NAME, choice, choice_of, integer

_PORT = integer(1, 65535)

PORT_FORWARD = Shape(
    "a port forward",
    PortForward,
    (
        Key("protocol", choice({"tcp": "tcp", "udp": "udp"}), "tcp or udp.", required=True),
        Key("external_port", _PORT, "Port on the machine's external address.", required=True),
        Key("to", ADDRESS_AND_PORT, "Internal address and port.", required=True),
    ),
    build=lambda v: PortForward(
        protocol=v["protocol"],
        external_port=v["external_port"],
        to_address=v["to"][0],
        to_port=v["to"][1],
    ),
    line=OneLine(("{protocol} {external_port} to {to}",), "tcp 8080 to 192.168.100.11:80"),
)
MANAGEMENT_ADAPTER = Shape(
    "an adapter of the machine",
    ManagementAdapter,
    (
        Key("name", NAME, "Name; in Windows it is vEthernet (name).", required=True),
        Key("ip_address", INTERFACE, "Its address."),
        Key("gateway", ADDRESS, "Its default gateway."),
        Key("dns_servers", ListOf(ADDRESS), "Its DNS servers."),
        Key("interface_metric", METRIC, "Its interface metric. Default: automatic."),
        Key("vlan", VLAN, "Its VLAN. Default: untagged."),
    ),
    short_forms=(COUNT,),
)
SWITCH = Shape(
    "a switch",
    Switch,
    (
        Key("name", NAME, "Name of the virtual switch.", required=True, label="Name"),
        Key(
            "switch_type",
            choice_of(SwitchType),
            "External is bound to an adapter, Internal connects VMs and the machine itself, Private connects VMs only.",
            required=True,
            unless="existing",
            label="Switch type",
        ),
        Key(
            "existing",
            BOOLEAN,
            "Whether the switch already exists and is not nestlab's: it is used, and never created, changed or removed. Default Switch means the one of Windows clients, whatever its localized name.",
            label="Already exists",
        ),
        Key(
            "net_adapter",
            ListOf(NAME, split=lambda text: [text]),
            "External: a physical adapter of the host, or an adapter of the nested host; a list is one team of them (Switch Embedded Teaming).",
            attribute="net_adapters",
            label="Bound to adapter",
            hint="Ethernet",
        ),
        Key(
            "allow_management_os",
            BOOLEAN,
            "External: whether the machine itself keeps an adapter on it.",
            label="Allow management OS",
        ),
        Key(
            "ip_address",
            INTERFACE,
            "Address of the machine's own adapter, vEthernet (name).",
            label="Address of the machine's own adapter",
            hint="10.0.0.1/24",
        ),
        Key(
            "gateway",
            ADDRESS,
            "Default gateway of the machine's own adapter.",
            label="Gateway",
            hint="10.0.0.254",
        ),
        Key(
            "dns_servers",
            ListOf(ADDRESS),
            "DNS servers of the machine's own adapter.",
            label="DNS servers",
            hint="1.1.1.1, 8.8.8.8",
        ),
        Key(
            "interface_metric",
            METRIC,
            "Interface metric of the machine's own adapter. Default: automatic.",
            label="Interface metric",
            hint=mark("20; empty: automatic"),
        ),
        Key(
            "vlan",
            VLAN,
            "VLAN of the machine's own adapter. Default: untagged.",
            label="VLAN of the machine's own adapter",
            hint=mark("30, or 10,20 native 1; empty: none"),
        ),
        Key(
            "management_adapters",
            ListOf(MANAGEMENT_ADAPTER),
            "Further adapters of the machine itself on the switch, in addition to vEthernet (name), each with a VLAN and an address.",
        ),
        Key(
            "nat",
            NETWORK,
            "Internal network that the machine translates: New-NetNat.",
            label="NAT network",
            hint=mark("10.0.0.0/24; empty: no NAT"),
        ),
        Key(
            "port_forwards",
            ListOf(PORT_FORWARD),
            "Static mappings of the machine's NAT.",
            label="Port forwards",
        ),
        Key(
            "dhcp",
            DHCP,
            "DHCP scope served on this switch. Windows Server only.",
            label="DHCP scope",
            hint=mark("10.0.0.100-10.0.0.200; empty: none"),
        ),
    ),
    short_forms=(COUNT,),
)
