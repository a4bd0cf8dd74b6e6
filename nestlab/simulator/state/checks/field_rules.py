"""The values that fields of a state file may have.

The simulator writes no other values, so the cmdlets need no checks for them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.simulator.powershell.values.object_types import enum_table
from nestlab.simulator.state import hardware, machine, networking, virtual_machine
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.quirks import SAN_POLICIES, PhysicalNetwork, Quirks


@dataclass(frozen=True)
class FieldRule:
    """A condition on a value, as text for messages and as a function."""

    description: str
    is_met: Callable[[Any], bool]


def _one_of(*names: str) -> FieldRule:
    return FieldRule(
        f"one of {', '.join(name or '(empty)' for name in names)}", frozenset(names).__contains__
    )


def _name_of_enum(enum: str, *more: str) -> FieldRule:
    return _one_of(*(enum_table(enum) or {}), *more)


def _between(first: int, last: int) -> FieldRule:
    return FieldRule(f"a number from {first} to {last}", lambda value: first <= value <= last)


def _parsed_by(
    description: str, parse: Callable[[str], object], *, may_be_empty: bool = False
) -> FieldRule:
    @lru_cache(maxsize=4096)
    def is_met(value: str) -> bool:
        if not value:
            return may_be_empty
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return FieldRule(f"{description}{', or empty' if may_be_empty else ''}", is_met)


def _hexadecimal(text: str) -> None:
    if not set(text.upper()) <= set("0123456789ABCDEF"):
        raise ValueError(text)


def _mac(text: str) -> None:
    _hexadecimal(text)
    if len(text) != 12:  # noqa: PLR2004  # hexadecimal digits of six octets
        raise ValueError(text)


def _version(text: str) -> None:
    for part in text.split("."):
        int(part)


_ADDRESS = _parsed_by("an IPv4 address", IPv4Address)
_NETWORK = _parsed_by("an IPv4 network", IPv4Network)
_ID = _parsed_by("an Id", uuid.UUID)
_ID_OR_EMPTY = _parsed_by("an Id", uuid.UUID, may_be_empty=True)
_MAC = _parsed_by("a MAC address of 12 hexadecimal digits", _mac)
_PORT = _between(0, 65535)
_VLAN_ID = _between(0, 4094)
_PERCENT = _between(0, 100)
_MASK = _parsed_by("a subnet mask", lambda text: IPv4Network(f"0.0.0.0/{text}"))
_VERSION = _parsed_by("a version number", _version)
_INT32 = _between(0, (1 << 31) - 1)

FIELD_RULES: Mapping[type, Mapping[str, FieldRule]] = {
    hardware.OperatingSystem: {
        "family": _one_of("windows", "linux"),
        "product_type": _between(1, 3),
        "build": _INT32,
        "operating_system_sku": _INT32,
    },
    hardware.Hardware: {"secure_boot": _one_of("On", "Off", "Unsupported")},
    hardware.Processors: {
        "architecture": _between(0, 99),
        "sockets": _between(1, 64),
        "cores": _between(1, 4096),
        "logical_processors": _between(1, 8192),
    },
    networking.NetIPAddress: {
        "address": _ADDRESS,
        "prefix_length": _between(0, 32),
        "origin": _one_of("Manual", "Dhcp", "WellKnown"),
    },
    networking.NetRoute: {"destination": _NETWORK, "next_hop": _ADDRESS, "metric": _INT32},
    networking.IPInterface: {
        "dns_servers": _ADDRESS,
        "leased_dns_servers": _ADDRESS,
        "interface_metric": _INT32,
        "mtu": _INT32,
    },
    networking.NetAdapter: {
        "kind": _one_of("physical", "synthetic", "management"),
        "mac_address": _MAC,
        "device_id": _ID,
        "interface_index": _INT32,
        "bound_switch": _ID_OR_EMPTY,
    },
    networking.NatStaticMapping: {
        "protocol": _one_of("TCP", "UDP"),
        "external_address": _ADDRESS,
        "internal_address": _ADDRESS,
        "external_port": _PORT,
        "internal_port": _PORT,
        "id": _INT32,
    },
    networking.NetNat: {
        "internal_prefix": _NETWORK,
        "timeouts": _INT32,
        "mappings_created": _INT32,
    },
    networking.ScopeReservation: {"address": _ADDRESS},
    networking.DhcpScope: {
        "scope_id": _ADDRESS,
        "start": _ADDRESS,
        "end": _ADDRESS,
        "subnet_mask": _MASK,
        "state": _one_of("Active", "InActive", "Inactive"),
        "router": _ADDRESS,
        "dns_servers": _ADDRESS,
    },
    machine.File: {
        "kind": _one_of("file", "vhd"),
        "disk_type": _name_of_enum("VhdType"),
        "operating_system": _one_of("", *OPERATING_SYSTEMS),
        "partition_style": _one_of("", "GPT", "MBR"),
    },
    machine.Partition: {
        "kind": _one_of("System", "Reserved", "Basic", "Recovery", "IFS", "FAT32"),
        "file_system": _one_of("", "NTFS", "FAT32", "FAT", "exFAT", "ReFS"),
    },
    machine.Machine: {
        "features": _one_of("Installed", "InstallPending", "UninstallPending"),
        "services": _one_of("Running", "Stopped"),
    },
    virtual_machine.VMNetworkAdapterVlan: {
        "mode": _name_of_enum("VMNetworkAdapterVlanMode"),
        "private_mode": _name_of_enum("VMNetworkAdapterPrivateVlanMode", ""),
        **dict.fromkeys(("access", "native", "allowed", "primary", "secondary"), _VLAN_ID),
    },
    virtual_machine.VMNetworkAdapter: {
        "switch_id": _ID_OR_EMPTY,
        "mac_address": _MAC,
        "device_id": _ID_OR_EMPTY,
    },
    virtual_machine.VirtualSwitch: {
        "id": _ID,
        "net_adapters": _ID,
        "switch_type": _name_of_enum("VMSwitchType"),
        "bandwidth_mode": _name_of_enum("VMSwitchBandwidthMode"),
        "load_balancing": _name_of_enum("VMSwitchLoadBalancingAlgorithm", ""),
    },
    virtual_machine.VMProcessor: {
        "count": _between(1, 2048),
        "reserve": _PERCENT,
        "maximum": _PERCENT,
        "hw_thread_count_per_core": _between(0, 64),
    },
    virtual_machine.VMMemory: {"buffer": _between(0, 2000), "priority": _PERCENT},
    virtual_machine.VMFirmware: {
        "console_mode": _name_of_enum("ConsoleModeType"),
        "preferred_network_boot_protocol": _name_of_enum("IPProtocolPreference"),
        "key_protector": _parsed_by("hexadecimal digits", bytes.fromhex, may_be_empty=True),
    },
    virtual_machine.VMDrive: {
        "kind": _one_of("disk", "dvd"),
        "controller_type": _one_of("IDE", "SCSI"),
        "controller_number": _between(0, 3),
        "controller_location": _between(0, 63),
    },
    virtual_machine.VMSettings: {"scsi_controllers": _between(0, 4)},
    virtual_machine.VMSnapshot: {
        "id": _ID,
        "parent_id": _ID_OR_EMPTY,
        "state": _name_of_enum("VMState"),
    },
    virtual_machine.VirtualMachine: {
        "id": _ID,
        "state": _name_of_enum("VMState"),
        "generation": _between(1, 2),
        "version": _VERSION,
        "parent_snapshot_id": _ID_OR_EMPTY,
        "checkpoint_type": _name_of_enum("CheckpointType"),
        "automatic_start_action": _name_of_enum("StartAction"),
        "automatic_start_delay": _INT32,
        "automatic_stop_action": _name_of_enum("StopAction"),
    },
    virtual_machine.HyperV: {
        "mac_address_minimum": _MAC,
        "mac_address_maximum": _MAC,
        "default_version": _VERSION,
    },
    PhysicalNetwork: {
        "network": _parsed_by("an IPv4 network", IPv4Network, may_be_empty=True),
        "gateway": _parsed_by("an IPv4 address", IPv4Address, may_be_empty=True),
    },
    Quirks: {
        "hidden_nats": _NETWORK,
        "amd_minimum_version": _VERSION,
        "san_policy": _one_of(*SAN_POLICIES),
    },
}
