"""The key `defaults`: values for VMs and network adapters that do not set their own."""

from __future__ import annotations

from nestlab.model.topology import VM, NetworkAdapter
from nestlab.topology_file.key_types import Key, Shape
from nestlab.topology_file.keys.machine_keys import VM_SHAPE
from nestlab.topology_file.keys.network_keys import NETWORK_ADAPTER

_OF_ONE_VM = ("name", "nested")

VM_DEFAULTS = Shape(
    "the defaults section `vm`",
    VM,
    tuple(key for key in VM_SHAPE.keys if key.name not in _OF_ONE_VM),
    definition="VMDefaults",
)
NETWORK_ADAPTER_DEFAULTS = Shape(
    "the defaults section `network_adapter`",
    NetworkAdapter,
    NETWORK_ADAPTER.keys,
    definition="NetworkAdapterDefaults",
)
DEFAULTS_SHAPE = Shape(
    "the section `defaults`",
    dict,
    (
        Key(
            "vm",
            VM_DEFAULTS,
            "Values for every VM, at every level, that does not set the key itself.",
        ),
        Key(
            "network_adapter",
            NETWORK_ADAPTER_DEFAULTS,
            "Values for every network adapter of a VM that does not set the key itself.",
        ),
    ),
    definition="Defaults",
)
DEFAULTS = Key(
    "defaults",
    DEFAULTS_SHAPE,
    "`vm: {...}` and `network_adapter: {...}`: what every VM and network adapter has, at every level, unless it has the key itself. Mappings are merged key by key; a key that is null has the default of nestlab.",
)
