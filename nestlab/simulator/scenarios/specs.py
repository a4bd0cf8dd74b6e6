"""The parts of a scenario file as values."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model import Size
from nestlab.model.topology import DynamicMemory, PortForward, Route, Vlan


@dataclass(frozen=True, kw_only=True)
class NetAdapterSpec:
    """A physical adapter of the host."""

    name: str
    interface_description: str
    mac_address: str
    wire: str = ""
    link: bool = True
    wireless: bool = False
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartitionSpec:
    """A partition of a disk image."""

    kind: str = "Basic"
    size: Size
    file_system: str = "NTFS"
    windows: bool = False


@dataclass(frozen=True, kw_only=True)
class ImageSpec:
    """A disk image with an installed system."""

    path: str
    operating_system: str
    size: Size
    length: Size
    generalized: bool = False
    partition_style: str = ""
    partitions: tuple[PartitionSpec, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SwitchSpec:
    """A virtual switch; the addresses are those of the host adapter on it."""

    name: str
    switch_type: str
    id: str = ""
    notes: str = ""
    net_adapter: str = ""
    allow_management_os: bool = True
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NatSpec:
    """A NAT of WinNAT, as Get-NetNat shows it."""

    name: str
    internal_prefix: IPv4Network
    port_forwards: tuple[PortForward, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AdapterSpec:
    """A network adapter of a VM."""

    name: str = "Network Adapter"
    switch: str = ""
    mac_address: str = ""
    mac_address_spoofing: bool = False
    vlan: Vlan | None = None


@dataclass(frozen=True, kw_only=True)
class DiskSpec:
    """A disk of a VM: empty, or with a parent."""

    path: str
    parent: str = ""
    size: Size = Size(127 << 30)


@dataclass(frozen=True, kw_only=True)
class VMSpec:
    """A virtual machine, or `copies` of it, with ``-1``, ``-2``, ... appended to the name."""

    name: str
    copies: int = 0
    state: str = "Off"
    generation: int = 2
    version: str = ""
    processor_count: int = 1
    memory_startup: Size = Size(1 << 30)
    dynamic_memory: DynamicMemory | None = None
    notes: str = ""
    disk: DiskSpec | None = None
    network_adapters: tuple[AdapterSpec, ...] = ()
    expose_virtualization_extensions: bool = False
    checkpoints: tuple[str, ...] = ()
