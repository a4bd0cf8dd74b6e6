"""The keys of a scenario file: kind and meaning of each.

Used for reading, for hints and for the JSON Schema.
"""

from __future__ import annotations

from nestlab.simulator.faults import KINDS, Fault
from nestlab.simulator.powershell.values.error_categories import ERROR_CATEGORIES
from nestlab.simulator.scenarios.key_kinds import COUNT, ID, NUMBER, number, words
from nestlab.simulator.scenarios.quirk_keys import QUIRKS
from nestlab.simulator.scenarios.specs import (
    ImageSpec,
    NatSpec,
    NetAdapterSpec,
    PartitionSpec,
    SwitchSpec,
)
from nestlab.simulator.scenarios.vm_keys import VM
from nestlab.simulator.state.hardware import Hardware, Processors
from nestlab.simulator.state.machine import World
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.quirks import PhysicalNetwork
from nestlab.topology_file.key_types import Key, ListOf, Scalar, Shape
from nestlab.topology_file.keys import PORT_FORWARD, ROUTE
from nestlab.topology_file.network_scalars import ADDRESS, INTERFACE, MAC, NETWORK
from nestlab.topology_file.scalars import BOOLEAN, NAME, NON_EMPTY_TEXT, SIZE, TEXT, integer

RIGHTS = ("Administrators", "Hyper-V Administrators", "Remote Management Users")
_SYSTEM = words(*OPERATING_SYSTEMS)

COMPUTER = Shape(
    "a computer",
    Hardware,
    (
        Key("name", NAME, "Computer name of the host."),
        Key("operating_system", _SYSTEM, "Installed operating system."),
        Key("manufacturer", NON_EMPTY_TEXT, "Win32_ComputerSystem.Manufacturer."),
        Key("model", NON_EMPTY_TEXT, "Win32_ComputerSystem.Model."),
        Key("memory", SIZE, "Physical memory."),
        Key(
            "features",
            ListOf(NON_EMPTY_TEXT),
            "Installed roles and features, as Get-WindowsFeature names them.",
        ),
        Key(
            "domain",
            NON_EMPTY_TEXT,
            "The Active Directory domain that the host is a member of. Without it, it is in a workgroup.",
        ),
        Key("virtual", BOOLEAN, "Whether the host is itself a virtual machine. Default false."),
        Key(
            "secure_boot",
            words("On", "Off", "Unsupported"),
            "Secure Boot; Unsupported: its firmware is a BIOS. Default On.",
        ),
    ),
    build=dict,
)
PROCESSORS = Shape(
    "processors",
    Processors,
    (
        Key(
            "manufacturer",
            NON_EMPTY_TEXT,
            "GenuineIntel, AuthenticAMD, or the vendor string of other processors.",
        ),
        Key("name", NON_EMPTY_TEXT, "Win32_Processor.Name."),
        Key("architecture", integer(0, 99), "Win32_Processor.Architecture: 9 x64, 12 ARM64."),
        Key("sockets", integer(1, 64), "Number of processor sockets. Default 1."),
        Key("cores", integer(1, 4096), "Number of cores in all sockets."),
        Key(
            "logical_processors",
            integer(1, 8192),
            "Number of logical processors: threads of all cores.",
        ),
        Key(
            "virtualization_firmware_enabled",
            BOOLEAN,
            "Whether virtualization is enabled in the firmware. Default true.",
        ),
        Key(
            "second_level_address_translation",
            BOOLEAN,
            "Whether the processors have EPT or RVI. Default true.",
        ),
        Key("vm_monitor_mode", BOOLEAN, "Whether the processors have VT-x or AMD-V. Default true."),
    ),
    build=dict,
)
WIRE = Shape(
    "a wire",
    PhysicalNetwork,
    (
        Key("name", NAME, "Name that adapters refer to.", required=True),
        Key("network", NETWORK, "IP network of the adapters on this wire."),
        Key("gateway", ADDRESS, "Gateway from this wire to the internet."),
        Key(
            "foreign_mac_addresses",
            BOOLEAN,
            "Whether frames with MAC addresses other than the host's pass; false in a public cloud. Default true.",
        ),
    ),
    build=lambda v: {**v, **{key: str(v[key]) for key in ("network", "gateway") if key in v}},
)
_ADDRESSES = (
    Key("ip_address", INTERFACE, "Address of the host's adapter. Default: by DHCP."),
    Key("gateway", ADDRESS, "Default gateway."),
    Key("dns_servers", ListOf(ADDRESS), "DNS servers."),
    Key("routes", ListOf(ROUTE), "Other routes of the host through this adapter."),
)
NET_ADAPTER = Shape(
    "a physical adapter",
    NetAdapterSpec,
    (
        Key("name", NAME, "Name in Get-NetAdapter.", required=True),
        Key(
            "interface_description",
            NON_EMPTY_TEXT,
            "InterfaceDescription in Get-NetAdapter.",
            required=True,
        ),
        Key("mac_address", MAC, "MAC address.", required=True),
        Key("wire", NAME, "The wire that the adapter is connected to."),
        Key("link", BOOLEAN, "Whether a cable is connected. Default true."),
        Key("wireless", BOOLEAN, "Whether the adapter is wireless. Default false."),
        *_ADDRESSES,
    ),
)
PARTITION = Shape(
    "a partition",
    PartitionSpec,
    (
        Key("size", SIZE, "Size of the partition.", required=True),
        Key(
            "kind",
            words("System", "Reserved", "Basic", "Recovery", "IFS"),
            "Type in Get-Partition: IFS on MBR disks, the others on GPT disks. Default Basic.",
        ),
        Key(
            "file_system",
            words("None", "NTFS", "FAT32", "FAT", "exFAT", "ReFS"),
            "File system; None: none that Windows knows. Default NTFS.",
        ),
        Key("windows", BOOLEAN, "Whether Windows is installed on it. Default false."),
    ),
)
IMAGE = Shape(
    "a disk image",
    ImageSpec,
    (
        Key("path", NON_EMPTY_TEXT, "Path on the host.", required=True),
        Key("operating_system", _SYSTEM, "Installed operating system.", required=True),
        Key("size", SIZE, "Size of the disk.", required=True),
        Key("length", SIZE, "Length of the file.", required=True),
        Key(
            "generalized",
            BOOLEAN,
            "Whether sysprep generalized it: Windows then stops at its setup screens without an answer file. Default false.",
        ),
        Key(
            "partition_style",
            words("GPT", "MBR"),
            "Partition table. Windows boots in generation 2 from GPT, in generation 1 from MBR. Default: MBR for .vhd, else GPT.",
        ),
        Key(
            "partitions",
            ListOf(PARTITION),
            "Partitions, in this order. Default: those that Setup creates, the last of which holds the operating system.",
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
            words("External", "Internal", "Private"),
            "As in Get-VMSwitch.",
            required=True,
        ),
        Key(
            "id",
            ID,
            "Id. Default: a new one. The Default Switch has the same Id on every computer.",
        ),
        Key("notes", TEXT, "Notes."),
        Key("net_adapter", NAME, "External: the physical adapter that the switch uses."),
        Key(
            "allow_management_os",
            BOOLEAN,
            "External: whether the host has an adapter on the switch. Default true.",
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


FAULT = Shape(
    "a fault",
    Fault,
    (
        Key("kind", words(*KINDS), "What goes wrong: " + "; ".join(f"{k}: {v}" for k, v in KINDS.items()) + "."),
        Key("cmdlet", NON_EMPTY_TEXT, "The cmdlet that it applies to. Default: any."),
        Key("nth", COUNT, "Number of the call that it applies to, counted from 1; 0: every call. Default 1."),
        Key("chance", Scalar("a number from 0 to 1", number, {"type": "number", "minimum": 0, "maximum": 1}),
            "Instead of nth: the probability that it applies to a call, drawn from the scenario's seed."),
        Key("after_effects", COUNT, "power-cut: number of effects of the cmdlet that precede it. Default 0: none."),
        Key("seconds", NUMBER, "slow: additional time in virtual seconds."),
        Key("message", NON_EMPTY_TEXT, "fail: the text of the error."),
        Key("category", words(*ERROR_CATEGORIES), "fail: the category of the error."),
        Key("error_id", NON_EMPTY_TEXT, "fail: the FullyQualifiedErrorId of the error; the name of the cmdlet is appended to an id without a comma."),
    ),
    cross_check=lambda v: "chance must not be more than 1" if v.get("chance", 0) > 1 else "",
    build=dict,
)  # fmt: skip
SCENARIO = Shape(
    "a scenario",
    World,
    (
        Key("$schema", TEXT, "Path or URL of this schema, for editors."),
        Key("name", NAME, "Name. Default: the name of the file."),
        Key("description", NON_EMPTY_TEXT, "Purpose of the scenario, in one line.", required=True),
        Key("based_on", NON_EMPTY_TEXT, "Another scenario, from which this one inherits all keys that this file does not have. Tables of this file "
            "(computer, processors, quirks) are merged with those of that one key by key, lists replace them."),
        Key("seed", NON_EMPTY_TEXT, "Seed for Ids and for the chance of faults. Default: the name."),
        Key("computer", COMPUTER, "The host."),
        Key("processors", PROCESSORS, "Processors of the host."),
        Key("rights", words(*RIGHTS), "The group of the account that signs in. Default Administrators."),
        Key("wires", ListOf(WIRE), "Physical networks."),
        Key("net_adapters", ListOf(NET_ADAPTER), "Physical adapters of the host."),
        Key("images", ListOf(IMAGE), "Disk images on the host."),
        Key("switches", ListOf(SWITCH), "Virtual switches."),
        Key("nats", ListOf(NAT), "NATs."),
        Key("vms", ListOf(VM), "Virtual machines."),
        Key("quirks", QUIRKS, "Behaviour that depends on the platform, or on which sources disagree."),
        Key("faults", ListOf(FAULT), "Faults injected from the beginning."),
    ),
    build=dict,
)  # fmt: skip
