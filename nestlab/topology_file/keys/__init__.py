"""The table of all keys of the topology file, with their types, meanings, labels and settings.

Reading, hints for unknown keys, saving, the JSON Schema, the designer's form, `capture`, the
planner and the reference page all use it.
"""

from __future__ import annotations

from nestlab.topology_file.keys.count_key import COUNT
from nestlab.topology_file.keys.default_keys import DEFAULTS
from nestlab.topology_file.keys.dhcp_keys import DHCP, DHCP_RESERVATION
from nestlab.topology_file.keys.disk_keys import DATA_DISK, DISK, DVD_DRIVE
from nestlab.topology_file.keys.image_keys import IMAGE
from nestlab.topology_file.keys.machine_keys import (
    DYNAMIC_MEMORY,
    GUEST,
    NESTED,
    VM_SHAPE,
)
from nestlab.topology_file.keys.network_keys import NETWORK_ADAPTER, ROUTE, UPLINK, VLAN
from nestlab.topology_file.keys.switch_keys import (
    MANAGEMENT_ADAPTER,
    PORT_FORWARD,
    SWITCH,
)
from nestlab.topology_file.keys.topology_keys import CHECK, TOPOLOGY

VM_SETTINGS = VM_SHAPE.settings
"""The keys of a VM that are each one parameter of Set-VM."""
ADAPTER_SETTINGS = NETWORK_ADAPTER.settings
"""The keys of a VM's adapter that are each one parameter of Set-VMNetworkAdapter."""

__all__ = [
    "ADAPTER_SETTINGS",
    "CHECK",
    "COUNT",
    "DATA_DISK",
    "DEFAULTS",
    "DHCP",
    "DHCP_RESERVATION",
    "DISK",
    "DVD_DRIVE",
    "DYNAMIC_MEMORY",
    "GUEST",
    "IMAGE",
    "MANAGEMENT_ADAPTER",
    "NESTED",
    "NETWORK_ADAPTER",
    "PORT_FORWARD",
    "ROUTE",
    "SWITCH",
    "TOPOLOGY",
    "UPLINK",
    "VLAN",
    "VM_SETTINGS",
    "VM_SHAPE",
]
