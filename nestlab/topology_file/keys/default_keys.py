"""The key `defaults`: values for VMs and network adapters that do not set their own."""

from __future__ import annotations

from nestlab.model.topology import VM, NetworkAdapter
from nestlab.topology_file.key_types import Key, Shape
from nestlab.topology_file.keys.machine_keys import VM_SHAPE
from nestlab.topology_file.keys.network_keys import NETWORK_ADAPTER

_OF_ONE_VM = ("name", "nested")

VM_DEFAULTS = Shape(
    "defaults of VMs",
    VM,
    tuple(key for key in VM_SHAPE.keys if key.name not in _OF_ONE_VM),
    definition="VMDefaults",
)
NETWORK_ADAPTER_DEFAULTS = Shape(
    "defaults of network adapters",
    NetworkAdapter,
    NETWORK_ADAPTER.keys,
    definition="NetworkAdapterDefaults",
)
DEFAULTS_SHAPE = Shape(
    "defaults",
    dict,
    (
        Key("vm", VM_DEFAULTS, "Of every VM, at every level."),
        Key("network_adapter", NETWORK_ADAPTER_DEFAULTS, "Of every network adapter of a VM."),
    ),
    definition="Defaults",
)
DEFAULTS = Key(
    "defaults",
    DEFAULTS_SHAPE,
    "`vm: {...}` and `network_adapter: {...}`: what every VM and network adapter has, at every level, unless it has the key itself. Mappings are merged key by key; a key with null has the default of nestlab.",
)
