"""The topology: the desired state at every level."""

from __future__ import annotations

from nestlab.model.topology.credential_renaming import with_credential_names
from nestlab.model.topology.declared_check import Check
from nestlab.model.topology.declared_image import (
    Image,
    image_at,
    image_name_inside,
    image_named,
    image_names_used,
    image_of,
    images_used_inside,
    installed_system,
    is_generalized,
    secure_boot_template,
    with_image_name,
    with_image_names,
    with_image_paths,
)
from nestlab.model.topology.declared_network import (
    DEFAULT_SWITCH,
    DhcpRange,
    ManagementAdapter,
    NetworkAdapter,
    PortForward,
    Route,
    Switch,
    SwitchType,
    Uplink,
    Vlan,
)
from nestlab.model.topology.declared_topology import Topology
from nestlab.model.topology.declared_vm import (
    VM,
    Disk,
    DynamicMemory,
    Guest,
    Nested,
    SecureBoot,
    StartAction,
    StopAction,
    VMState,
    is_computer_name,
    is_host_name,
)
from nestlab.model.topology.guest_settings import guest_settings
from nestlab.model.topology.vlan_text import short_vlan_text, vlan_text

__all__ = [
    "DEFAULT_SWITCH",
    "VM",
    "Check",
    "DhcpRange",
    "Disk",
    "DynamicMemory",
    "Guest",
    "Image",
    "ManagementAdapter",
    "Nested",
    "NetworkAdapter",
    "PortForward",
    "Route",
    "SecureBoot",
    "StartAction",
    "StopAction",
    "Switch",
    "SwitchType",
    "Topology",
    "Uplink",
    "VMState",
    "Vlan",
    "guest_settings",
    "image_at",
    "image_name_inside",
    "image_named",
    "image_names_used",
    "image_of",
    "images_used_inside",
    "installed_system",
    "is_computer_name",
    "is_generalized",
    "is_host_name",
    "secure_boot_template",
    "short_vlan_text",
    "vlan_text",
    "with_credential_names",
    "with_image_name",
    "with_image_names",
    "with_image_paths",
]
