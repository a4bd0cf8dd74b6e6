"""The keys of a VM in a scenario file."""

from __future__ import annotations

from typing import Any

from nestlab.model.topology import DynamicMemory
from nestlab.simulator.scenarios.key_kinds import words
from nestlab.simulator.scenarios.specs import (
    AdapterSpec,
    DiskSpec,
    VMSpec,
)
from nestlab.topology_file.key_types import Key, ListOf, Shape
from nestlab.topology_file.keys import VLAN
from nestlab.topology_file.network_scalars import MAC
from nestlab.topology_file.scalars import (
    BOOLEAN,
    NAME,
    NON_EMPTY_TEXT,
    SIZE,
    TEXT,
    VERSION,
    VM_NAME,
    integer,
)

ADAPTER = Shape(
    "a network adapter",
    AdapterSpec,
    (
        Key("name", NAME, 'Name of the adapter. Default "Network Adapter".'),
        Key("switch", NAME, "Switch that the adapter is connected to."),
        Key("mac_address", MAC, "Static MAC address. Default: dynamic."),
        Key(
            "mac_address_spoofing",
            BOOLEAN,
            "Whether the adapter may send frames from other MAC addresses. Default false.",
        ),
        Key("vlan", VLAN, "VLAN. Default: untagged."),
    ),
)


DISK = Shape(
    "a disk",
    DiskSpec,
    (
        Key("path", NON_EMPTY_TEXT, "Path on the host.", required=True),
        Key(
            "parent",
            NON_EMPTY_TEXT,
            "The image or disk that is its parent. Default: none, an empty disk.",
        ),
        Key("size", SIZE, "Size of an empty disk. Default 127GB."),
    ),
)


DYNAMIC_MEMORY = Shape(
    "dynamic memory",
    DynamicMemory,
    (
        Key("minimum", SIZE, "Minimum memory.", required=True),
        Key("maximum", SIZE, "Maximum memory.", required=True),
    ),
    cross_check=lambda v: (
        "minimum must not be more than maximum" if v["minimum"] > v["maximum"] else ""
    ),
)


def _memory_problem(values: Any) -> str:
    memory = values.get("dynamic_memory")
    startup = values.get("memory_startup", VMSpec.memory_startup)
    if memory and not memory.minimum <= startup <= memory.maximum:
        return f"memory_startup {startup} must be between minimum and maximum of dynamic_memory"
    return ""


VM = Shape(
    "a VM",
    VMSpec,
    (
        Key("name", VM_NAME, "Name; Hyper-V allows several VMs with the same name.", required=True),
        Key(
            "copies",
            integer(1, 10_000),
            "Number of copies, named with the suffixes -1, -2, and so on.",
        ),
        Key(
            "state",
            words("Off", "Running", "Saved", "Paused"),
            "Initial state. Default Off.",
        ),
        Key("generation", integer(1, 2), "Generation. Default 2."),
        Key("version", VERSION, "Configuration version. Default: the host's."),
        Key("processor_count", integer(1, 2048), "Number of virtual processors. Default 1."),
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
            "Disk of the VM; with copies, their number is inserted before the file extension. Default: none.",
        ),
        Key("network_adapters", ListOf(ADAPTER), "Network adapters. Default: none."),
        Key(
            "expose_virtualization_extensions",
            BOOLEAN,
            "Whether the VM's processors expose virtualization extensions. Default false.",
        ),
        Key("checkpoints", ListOf(NAME), "Names of the VM's checkpoints, the oldest first."),
    ),
    cross_check=_memory_problem,
)
