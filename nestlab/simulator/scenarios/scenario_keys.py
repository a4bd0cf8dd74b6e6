"""The one table of the scenario file: every key, its kind, its meaning.

Reading, hints and the JSON Schema all use it.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

from nestlab.model import Size
from nestlab.model.topology import DynamicMemory
from nestlab.simulator.faults import CATEGORIES, KINDS, Fault
from nestlab.simulator.scenarios.specs import (
    AdapterSpec,
    DiskSpec,
    ImageSpec,
    NatSpec,
    NetAdapterSpec,
    SwitchSpec,
    VMSpec,
)
from nestlab.simulator.state.hardware import Hardware, Processors
from nestlab.simulator.state.machine import World
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.quirks import PhysicalNetwork, Quirks
from nestlab.topology_file.kinds import Key, ListOf, Refused, Scalar, Shape
from nestlab.topology_file.scalars import (
    ADDRESS,
    BOOLEAN,
    INTERFACE,
    MAC,
    NAME,
    NETWORK,
    SIZE,
    SOME_TEXT,
    TEXT,
    VERSION,
    VM_NAME,
    integer,
    word,
)
from nestlab.topology_file.shapes import PORT_FORWARD, ROUTE, VLAN


def _words(*names: str) -> Scalar:
    return word({name: name for name in names})


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:  # noqa: PLR2004  # thirty years
        msg = f"must be a number of 0 or more, not {text!r}"
        raise Refused(msg)
    return number


def _plain(value: Any) -> Any:
    """Return a value as the state file keeps it."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return (
        str(value)
        if isinstance(value, IPv4Network)
        else int(value)
        if isinstance(value, Size)
        else value
    )


RIGHTS = ("Administrators", "Hyper-V Administrators", "Remote Management Users")
_ONE_LINE = SOME_TEXT
_COUNT = integer(0, 1_000_000)
_NUMBER = Scalar("a number of 0 or more", _number, {"type": "number", "minimum": 0})
_SYSTEM = word({key: key for key in OPERATING_SYSTEMS})

COMPUTER = Shape(
    "a computer",
    Hardware,
    (
        Key("name", NAME, "Computer name of the host."),
        Key("operating_system", _SYSTEM, "What is installed on it."),
        Key("manufacturer", SOME_TEXT, "Win32_ComputerSystem.Manufacturer."),
        Key("model", SOME_TEXT, "Win32_ComputerSystem.Model."),
        Key("memory", SIZE, "Memory."),
        Key(
            "features",
            ListOf(SOME_TEXT),
            "Installed roles and features, as Get-WindowsFeature names them.",
        ),
        Key("virtual", BOOLEAN, "Whether the host is itself a virtual machine. Default false."),
        Key(
            "secure_boot",
            _words("On", "Off", "Unsupported"),
            "Secure Boot; Unsupported: its firmware is a BIOS. Default On.",
        ),
    ),
    build=dict,
)
PROCESSORS = Shape(
    "processors",
    Processors,
    (
        Key("manufacturer", SOME_TEXT, "GenuineIntel, AuthenticAMD, or another maker's."),
        Key("name", SOME_TEXT, "Win32_Processor.Name."),
        Key("architecture", integer(0, 99), "Win32_Processor.Architecture: 9 x64, 12 ARM64."),
        Key("sockets", integer(1, 64), "Processors. Default 1."),
        Key("cores", integer(1, 4096), "Cores of all processors."),
        Key("logical_processors", integer(1, 8192), "Threads of all cores."),
        Key(
            "virtualization_firmware_enabled",
            BOOLEAN,
            "Virtualization switched on in the firmware. Default true.",
        ),
        Key("second_level_address_translation", BOOLEAN, "EPT or RVI. Default true."),
        Key("vm_monitor_mode", BOOLEAN, "VT-x or AMD-V. Default true."),
    ),
    build=dict,
)
WIRE = Shape(
    "a wire",
    PhysicalNetwork,
    (
        Key("name", NAME, "Name that adapters refer to.", required=True),
        Key("network", NETWORK, "Network on that wire."),
        Key("gateway", ADDRESS, "Gateway on that wire, which leads to the internet."),
        Key(
            "foreign_mac_addresses",
            BOOLEAN,
            "False in a public cloud: only frames of the machine's own MAC address pass. Default true.",
        ),
    ),
    build=lambda v: {**v, **{key: str(v[key]) for key in ("network", "gateway") if key in v}},
)
_ADDRESSES = (
    Key("ip_address", INTERFACE, "Address of the host's adapter. Default: by DHCP."),
    Key("gateway", ADDRESS, "Default gateway."),
    Key("dns_servers", ListOf(ADDRESS), "DNS servers."),
    Key("routes", ListOf(ROUTE), "Further routes of the host over this adapter."),
)
NET_ADAPTER = Shape(
    "a physical adapter",
    NetAdapterSpec,
    (
        Key("name", NAME, "Name in Get-NetAdapter.", required=True),
        Key("interface_description", SOME_TEXT, "What the maker calls it.", required=True),
        Key("mac_address", MAC, "MAC address.", required=True),
        Key("wire", NAME, "The wire that it is connected to."),
        Key("link", BOOLEAN, "False where its cable is out. Default true."),
        Key("wireless", BOOLEAN, "Whether it is a wireless adapter. Default false."),
        *_ADDRESSES,
    ),
)
IMAGE = Shape(
    "a disk image",
    ImageSpec,
    (
        Key("path", SOME_TEXT, "Path on the host.", required=True),
        Key("operating_system", _SYSTEM, "What is installed on it.", required=True),
        Key("size", SIZE, "Size of the disk.", required=True),
        Key("length", SIZE, "Length of the file.", required=True),
        Key(
            "images",
            ListOf(SOME_TEXT),
            "Paths of images of this list that the installed system has on its own drive.",
        ),
    ),
)
SWITCH = Shape(
    "a switch",
    SwitchSpec,
    (
        Key("name", NAME, "Name of the virtual switch.", required=True),
        Key(
            "switch_type",
            _words("External", "Internal", "Private"),
            "As in Get-VMSwitch.",
            required=True,
        ),
        Key("id", SOME_TEXT, "Id, where it is known; the Default Switch has the same everywhere."),
        Key("notes", TEXT, "Notes."),
        Key("net_adapter", NAME, "External: the physical adapter that it takes."),
        Key(
            "allow_management_os",
            BOOLEAN,
            "External: whether the host keeps an adapter on it. Default true.",
        ),
        *_ADDRESSES,
    ),
)
NAT = Shape(
    "a NAT",
    NatSpec,
    (
        Key("name", NAME, "Name in Get-NetNat.", required=True),
        Key("internal_prefix", NETWORK, "InternalIPInterfaceAddressPrefix.", required=True),
        Key("port_forwards", ListOf(PORT_FORWARD), "Static mappings."),
    ),
)
ADAPTER = Shape(
    "a network adapter",
    AdapterSpec,
    (
        Key("name", NAME, 'Name of the adapter. Default "Network Adapter".'),
        Key("switch", NAME, "Switch that it is connected to."),
        Key("mac_address", MAC, "Static MAC address. Default: dynamic."),
        Key(
            "mac_address_spoofing",
            BOOLEAN,
            "Whether frames with other MAC addresses may pass. Default false.",
        ),
        Key("vlan", VLAN, "VLAN. Default: untagged."),
    ),
)
DISK = Shape(
    "a disk",
    DiskSpec,
    (
        Key("path", SOME_TEXT, "Path on the host.", required=True),
        Key(
            "parent",
            SOME_TEXT,
            "The image or disk that it stands on. Default: none, an empty disk.",
        ),
        Key("size", SIZE, "Size of an empty disk. Default 127GB."),
    ),
)
DYNAMIC_MEMORY = Shape(
    "dynamic memory",
    DynamicMemory,
    (
        Key("minimum", SIZE, "Least memory.", required=True),
        Key("maximum", SIZE, "Most memory.", required=True),
    ),
    refuse=lambda v: "minimum must not be more than maximum" if v["minimum"] > v["maximum"] else "",
)


def _fitting_vm(values: Any) -> str:
    memory = values.get("dynamic_memory")
    startup = values.get("memory_startup", VMSpec.memory_startup)
    if memory and not memory.minimum <= startup <= memory.maximum:
        return (
            f"memory_startup {startup} must lie between minimum and maximum of its dynamic memory"
        )
    return ""


VM = Shape(
    "a VM",
    VMSpec,
    (
        Key("name", VM_NAME, "Name; Hyper-V lets several VMs have the same.", required=True),
        Key(
            "copies", integer(1, 10_000), "So many of them, named with -1, -2, ... behind the name."
        ),
        Key(
            "state",
            _words("Off", "Running", "Saved", "Paused"),
            "State to begin with. Default Off.",
        ),
        Key("generation", integer(1, 2), "Generation. Default 2."),
        Key("version", VERSION, "Configuration version. Default: the host's."),
        Key("processor_count", integer(1, 2048), "Virtual processors. Default 1."),
        Key("memory_startup", SIZE, "Memory at start. Default 1GB."),
        Key(
            "dynamic_memory",
            DYNAMIC_MEMORY,
            "Dynamic memory between two sizes. Default: static memory.",
        ),
        Key("notes", TEXT, "Notes."),
        Key(
            "disk",
            DISK,
            "Its disk; with copies, the number is put before the ending. Default: none.",
        ),
        Key("network_adapters", ListOf(ADAPTER), "Network adapters. Default: none."),
        Key("expose_virtualization_extensions", BOOLEAN, "Default false."),
        Key("checkpoints", ListOf(NAME), "Names of its checkpoints, the oldest first."),
    ),
    refuse=_fitting_vm,
)
QUIRKS = Shape(
    "quirks",
    Quirks,
    (
        Key(
            "amd_minimum_version",
            VERSION,
            "Configuration version from which VMs nest on AMD. Default 9.3; older pages say 10.0.",
        ),
        Key(
            "several_nats_from_build",
            _COUNT,
            "Build from which a second NAT is accepted. Default 20348; the pages say never.",
        ),
        Key(
            "hidden_nats",
            ListOf(NETWORK),
            "Networks that containers or WSL translate while Get-NetNat shows nothing. Default: none.",
        ),
        Key(
            "hidden_nat_names",
            ListOf(SOME_TEXT),
            "Names of those NATs, which New-NetNat refuses. Default: none.",
        ),
        Key(
            "virtualization_based_security",
            integer(0, 2),
            "Win32_DeviceGuard: 0 off (default), 1 configured, 2 running.",
        ),
        Key(
            "security_policy_check_fails",
            BOOLEAN,
            "Whether virtualization-based security is wanted and fails at boot. Default false.",
        ),
        Key(
            "hypervisor_load_options",
            TEXT,
            "Of the boot configuration: OFFERNESTEDVIRT=FALSE forbids nesting. Default: empty.",
        ),
        Key(
            "data_execution_prevention",
            BOOLEAN,
            "Whether the processor prevents execution of data. Default true.",
        ),
        Key(
            "host_memory_reserve",
            SIZE,
            "Memory that a host keeps for itself, besides 1/64 of all. Default 1GB.",
        ),
        Key(
            "mac_spoofing_while_running",
            BOOLEAN,
            "Whether it may change while the VM runs. Default true, an inference.",
        ),
        Key(
            "old_hypervisors_processor_maximum",
            _COUNT,
            "Virtual processors with which Hyper-V starts in a VM of Server 2019 or older. Default 225; that it does not start with more is an inference.",
        ),
        Key(
            "dynamic_memory_blocks_nested_start",
            BOOLEAN,
            "Whether a VM with both does not start, as pages of 2015 said. Default false.",
        ),
        Key(
            "dynamic_memory_undoes_extensions",
            BOOLEAN,
            "Whether the start of a VM with dynamic memory takes the extensions back, as one report has it. Default false.",
        ),
        Key(
            "nested_hosts_refuse_saving",
            BOOLEAN,
            "The same for saving and checkpoints of a nested host whose VMs run. Default false.",
        ),
        Key(
            "processor_count_first",
            BOOLEAN,
            "Whether processor settings before any -Count fail, as on newest builds. Default false.",
        ),
        Key(
            "duplicate_switch_names",
            BOOLEAN,
            "Whether two switches may have one name. Default true; sources disagree.",
        ),
        Key(
            "default_switch_removable",
            BOOLEAN,
            "Whether the Default Switch can be removed. Default false; once seen.",
        ),
        Key(
            "nat_changes_exclude_each_other",
            BOOLEAN,
            "Whether a change of WinNAT is refused while another one is under way on the machine. Default true.",
        ),
        Key(
            "nat_keeps_switch",
            BOOLEAN,
            "Whether a switch stays while a NAT uses its adapter. Default false; sources disagree.",
        ),
        Key(
            "object_exists_from_build",
            _COUNT,
            "Build from which New-NetIPAddress says 5010 for an address that is there, 87 below. Default 17763.",
        ),
        Key(
            "no_system_resources",
            BOOLEAN,
            "Whether a start beyond the memory says 0x800705AA in place of 0x8007000E. Default false.",
        ),
        Key(
            "adapters_cannot_bind",
            ListOf(NAME),
            "Physical adapters that no switch can be bound to. Default: none.",
        ),
        Key(
            "stuck_switches",
            ListOf(NAME),
            "Internal switches whose host adapter cannot be deleted. Default: none.",
        ),
        Key(
            "dhcp_stays_on",
            ListOf(NAME),
            "Adapters whose DHCP New-NetIPAddress cannot turn off; Set-NetIPInterface can. Default: none.",
        ),
        Key(
            "uplinks_stay_bound",
            ListOf(NAME),
            "Adapters that stay bound, without address, after their switch is removed. Default: none.",
        ),
        Key(
            "address_move_seconds",
            _NUMBER,
            "How long after New- and Remove-VMSwitch the host's address is still on its way. Default 0.",
        ),
        Key(
            "management_service_seconds",
            _NUMBER,
            "How long after a start Hyper-V cmdlets do not find their objects. Default 0.",
        ),
        Key(
            "reserved_ports",
            ListOf(integer(1, 65535)),
            "External ports that something else on the host holds. Default: none.",
        ),
    ),
    build=lambda v: {name: _plain(value) for name, value in v.items()},
)

FAULT = Shape(
    "a fault",
    Fault,
    (
        Key("kind", word({kind: kind for kind in KINDS}), "What goes wrong: " + "; ".join(f"{k}: {v}" for k, v in KINDS.items()) + "."),
        Key("cmdlet", SOME_TEXT, "The cmdlet that it strikes. Default: any."),
        Key("nth", _COUNT, "At which call of it, counted from 1; 0: at every call. Default 1."),
        Key("chance", Scalar("a number from 0 to 1", _number, {"type": "number", "minimum": 0, "maximum": 1}),
            "Instead of nth: the chance to strike at each call; the scenario's seed decides."),
        Key("moment", _COUNT, "power-cut: after how many of the cmdlet's effects. Default 0: before the first."),
        Key("seconds", _NUMBER, "slow: how many virtual seconds it takes longer."),
        Key("message", SOME_TEXT, "fail: the text of the error."),
        Key("category", _words(*CATEGORIES), "fail: its category."),
        Key("error_id", SOME_TEXT, "fail: its FullyQualifiedErrorId; the cmdlet's name is put behind an id without a comma."),
    ),
    refuse=lambda v: "chance must not be more than 1" if v.get("chance", 0) > 1 else "",
    build=dict,
)  # fmt: skip
SCENARIO = Shape(
    "a scenario",
    World,
    (
        Key("$schema", TEXT, "Where editors find this schema."),
        Key("name", NAME, "Name. Default: the file's."),
        Key("description", _ONE_LINE, "What it shows, in one line.", required=True),
        Key("based_on", SOME_TEXT, "Another scenario: everything is taken from it that this file does not say. Tables of this file "
            "(computer, processors, quirks) are laid over that one's key by key, lists replace them."),
        Key("seed", SOME_TEXT, "What Ids and chances are drawn from. Default: the name."),
        Key("computer", COMPUTER, "The host."),
        Key("processors", PROCESSORS, "Its processors."),
        Key("rights", _words(*RIGHTS), "The group of the account that signs in. Default Administrators."),
        Key("wires", ListOf(WIRE), "Physical networks."),
        Key("net_adapters", ListOf(NET_ADAPTER), "Physical adapters of the host."),
        Key("images", ListOf(IMAGE), "Disk images on the host."),
        Key("switches", ListOf(SWITCH), "Virtual switches."),
        Key("nats", ListOf(NAT), "NATs."),
        Key("vms", ListOf(VM), "Virtual machines."),
        Key("quirks", QUIRKS, "What depends on the platform, or where sources disagree."),
        Key("faults", ListOf(FAULT), "Faults planted from the beginning."),
    ),
    build=dict,
)  # fmt: skip
