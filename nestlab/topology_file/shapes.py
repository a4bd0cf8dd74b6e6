"""The one table of the topology file: every key, its kind, its meaning.

Loading, hints for unknown keys, `to_dict`, saving and the JSON Schema all read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.model.topology import (
    VM,
    Check,
    DhcpRange,
    Disk,
    DynamicMemory,
    Guest,
    Nested,
    NetworkAdapter,
    PortForward,
    Route,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    Vlan,
    VMState,
)
from nestlab.topology_file.kinds import Key, ListOf, Shape
from nestlab.topology_file.scalars import (
    ADDRESS,
    BOOLEAN,
    ENDPOINT,
    INTERFACE,
    MAC,
    NAME,
    NETWORK,
    RANGE,
    SIZE,
    SOME_TEXT,
    TEXT,
    TOPOLOGY_NAME,
    VERSION,
    VM_NAME,
    integer,
    word,
    words_of,
)


def _exactly_one_source(values: Mapping[str, Any]) -> str:
    return "" if len(values) == 1 else "must have exactly one of parent, size and path"


def _minimum_below_maximum(values: Mapping[str, Any]) -> str:
    return "minimum must not be more than maximum" if values["minimum"] > values["maximum"] else ""


def _some_mode(values: Mapping[str, Any]) -> str:
    if not values:
        return "must say access, or trunk and native"
    return "native belongs to trunk" if "native" in values and "trunk" not in values else ""


# 4095 and more can be written so that the rules can say what is wrong with them, at the right
# place.
_VLAN_ID = integer(0, 1_000_000)
_METRIC = integer(1, 9999)
_PORT = integer(1, 65535)

ROUTE = Shape(
    "a route",
    Route,
    (
        Key("to", NETWORK, "Destination network.", required=True),
        Key("via", ADDRESS, "Next hop.", required=True),
    ),
)
PORT_FORWARD = Shape(
    "a port forward",
    PortForward,
    (
        Key("protocol", word({"tcp": "tcp", "udp": "udp"}), "tcp or udp.", required=True),
        Key("external_port", _PORT, "Port on the machine's outer address.", required=True),
        Key("to", ENDPOINT, "Inner address and port.", required=True),
    ),
    build=lambda v: PortForward(
        protocol=v["protocol"],
        external_port=v["external_port"],
        to_address=v["to"][0],
        to_port=v["to"][1],
    ),
)
DHCP = Shape(
    "a DHCP scope",
    DhcpRange,
    (
        Key(
            "range",
            RANGE,
            "First and last address that the machine's DHCP server role gives out.",
            required=True,
        ),
    ),
    build=lambda v: DhcpRange(first=v["range"][0], last=v["range"][1]),
)
SWITCH = Shape(
    "a switch",
    Switch,
    (
        Key("name", NAME, "Name of the virtual switch.", required=True),
        Key(
            "switch_type",
            words_of(SwitchType),
            "External is bound to an adapter, Internal reaches the machine, Private only VMs.",
            required=True,
        ),
        Key(
            "net_adapter",
            NAME,
            "External: a physical adapter of the host, or an adapter of the nested host.",
        ),
        Key(
            "allow_management_os",
            BOOLEAN,
            "External: whether the machine keeps an adapter on it. Default true.",
        ),
        Key("ip_address", INTERFACE, "Address of the machine's own adapter, vEthernet (name)."),
        Key("gateway", ADDRESS, "Default gateway of the machine's own adapter."),
        Key("dns_servers", ListOf(ADDRESS), "DNS servers of the machine's own adapter."),
        Key(
            "interface_metric",
            _METRIC,
            "Interface metric of the machine's own adapter. Default: automatic.",
        ),
        Key("nat", NETWORK, "Inner network that the machine translates: New-NetNat."),
        Key("port_forwards", ListOf(PORT_FORWARD), "Static mappings of the machine's NAT."),
        Key("dhcp", DHCP, "DHCP scope served on this switch. Windows Server only."),
    ),
)
VLAN = Shape(
    "a VLAN setting",
    Vlan,
    (
        Key("access", _VLAN_ID, "Access mode: the one VLAN."),
        Key("trunk", ListOf(_VLAN_ID), "Trunk mode: the VLANs that may pass with their tag."),
        Key("native", _VLAN_ID, "Trunk mode: the VLAN of frames without a tag."),
    ),
    refuse=_some_mode,
)
NETWORK_ADAPTER = Shape(
    "a network adapter",
    NetworkAdapter,
    (
        Key("name", NAME, 'Name of the adapter. Default "Network Adapter".'),
        Key("switch", NAME, "Switch of the machine that carries the VM."),
        Key("ip_address", INTERFACE, "Address in the guest."),
        Key("gateway", ADDRESS, "Default gateway in the guest."),
        Key("dns_servers", ListOf(ADDRESS), "DNS servers in the guest."),
        Key("interface_metric", _METRIC, "Interface metric in the guest. Default: automatic."),
        Key("dhcp", BOOLEAN, "Whether the guest gets its address by DHCP. Default false."),
        Key("mac_address", MAC, "Static MAC address. Default: dynamic."),
        Key(
            "mac_address_spoofing",
            BOOLEAN,
            "Whether frames with other MAC addresses may pass: bridged L2 VMs need it. Default false.",
        ),
        Key("vlan", VLAN, "VLAN of the adapter. Default: untagged."),
        Key("connected", BOOLEAN, "Whether it is connected to its switch. Default true."),
    ),
)
DISK = Shape(
    "a disk",
    Disk,
    (
        Key("parent", SOME_TEXT, "Image that the VM's differencing disk stands on."),
        Key("size", SIZE, "Size of a new, empty disk."),
        Key("path", SOME_TEXT, "An existing disk."),
    ),
    refuse=_exactly_one_source,
    schema={"minProperties": 1, "maxProperties": 1},
)
GUEST = Shape(
    "a guest",
    Guest,
    (
        Key(
            "os",
            word({"windows": "windows", "linux": "linux", "none": "none"}),
            "Operating system of the guest. Default none.",
        ),
        Key(
            "credential",
            SOME_TEXT,
            "NAME of the guest's credential, looked up in the keyring or asked for.",
        ),
    ),
)
DYNAMIC_MEMORY = Shape(
    "dynamic memory",
    DynamicMemory,
    (
        Key("minimum", SIZE, "Least memory.", required=True),
        Key("maximum", SIZE, "Most memory.", required=True),
    ),
    refuse=_minimum_below_maximum,
)
_MACHINE_KEYS = (
    Key("forwarding", BOOLEAN, "Whether the machine routes between its adapters. Default false."),
    Key("routes", ListOf(ROUTE), "Static routes of the machine."),
    Key("answers_ping", BOOLEAN, "Whether its firewall lets echo requests in. Default true."),
)
VM_SHAPE = Shape(
    "a VM",
    VM,
    (
        Key("name", VM_NAME, "Name of the VM.", required=True),
        Key("generation", integer(1, 2), "Generation of the VM. Default 2."),
        Key("processor_count", integer(1, 2048), "Virtual processors. Default 2."),
        Key("memory_startup", SIZE, "Memory at start. Default 1GB."),
        Key(
            "dynamic_memory",
            DYNAMIC_MEMORY,
            "Dynamic memory between two sizes. Default: static memory.",
        ),
        Key("version", VERSION, "Configuration version. Default: the host's."),
        Key("state", words_of(VMState), "State the VM is to be in. Default Running."),
        Key("disk", DISK, "System disk."),
        Key("guest", GUEST, "Guest operating system."),
        Key("network_adapters", ListOf(NETWORK_ADAPTER), "Network adapters."),
        Key("notes", TEXT, "Notes of the VM, beside the ownership mark."),
        Key(
            "expose_virtualization_extensions",
            BOOLEAN,
            "Default: true exactly when nested is present.",
        ),
        *_MACHINE_KEYS,
        Key("nested", lambda: NESTED, "Makes the VM a nested host: what its own Hyper-V carries."),
    ),
)
NESTED: Shape = Shape(
    "a nested host's content",
    Nested,
    (
        Key("switches", ListOf(SWITCH), "Switches inside the nested host."),
        Key("vms", ListOf(VM_SHAPE), "VMs inside the nested host."),
    ),
)
UPLINK = Shape(
    "an uplink",
    Uplink,
    (
        Key("net_adapter", NAME, "Physical adapter of the host.", required=True),
        Key("network", NETWORK, "Network on that wire."),
        Key("gateway", ADDRESS, "Gateway on that wire."),
        Key(
            "ip_address",
            INTERFACE,
            "The host's own address, where no External switch takes the adapter.",
        ),
        Key("routes", ListOf(ROUTE), "Routes that the gateway on that wire has."),
    ),
)
CHECK = Shape(
    "a check",
    Check,
    (
        Key(
            "from",
            SOME_TEXT,
            "A VM name, a machine path, host, or an IP address.",
            required=True,
            attribute="source",
        ),
        Key(
            "to",
            SOME_TEXT,
            "A VM name, a machine path, host, internet, or an IP address.",
            required=True,
            attribute="target",
        ),
        Key(
            "expect",
            word({"reachable": True, "unreachable": False}),
            "reachable (default) or unreachable.",
            attribute="reachable",
        ),
    ),
)
TOPOLOGY = Shape(
    "a topology",
    Topology,
    (
        Key("name", TOPOLOGY_NAME, "Name of the topology; marks what it creates.", required=True),
        Key("description", TEXT, "What it is for."),
        Key("uplinks", ListOf(UPLINK), "What is known of the physical networks."),
        Key("switches", ListOf(SWITCH), "Switches of the host."),
        Key("vms", ListOf(VM_SHAPE), "VMs of the host."),
        *_MACHINE_KEYS,
        Key("checks", ListOf(CHECK), "Expectations, traced before and pinged after."),
    ),
)
