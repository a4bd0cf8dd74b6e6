"""A simulated machine: hardware, Windows, its network stack, files and services; with the role, a Hyper-V.

These values change: they are the state of the simulated world. A guest is a Machine too, and lives
in the virtual disk that it boots from, so it outlives its virtual machine just as an installed
Windows does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nestlab.simulator.state.virtual_machine import DEFAULT_SWITCH_ID, HyperV, VirtualMachine

if TYPE_CHECKING:
    from nestlab.simulator.state.world import World


_MODULE_FEATURES = {"Hyper-V": "Hyper-V-PowerShell", "DhcpServer": "RSAT-DHCP"}
"""Modules that are there once their feature is installed; these need no restart."""


@dataclass
class Processors:
    """The processors of a machine, as Win32_Processor and a hypervisor see them."""

    manufacturer: str = "GenuineIntel"
    name: str = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz"
    architecture: int = 9  # 9 x64, 12 ARM64
    sockets: int = 1
    cores: int = 8
    logical_processors: int = 16
    virtualization_firmware_enabled: bool = True
    second_level_address_translation: bool = True
    vm_monitor_mode: bool = True


@dataclass
class Hardware:
    """What a machine is made of.

    A guest's is made of its virtual machine's settings at each start.
    """

    manufacturer: str = ""
    model: str = ""
    memory: int = 0
    processors: Processors = field(default_factory=Processors)
    virtual: bool = False  # runs on a hypervisor
    secure_boot: str = "On"  # as System Information says it: On | Off | Unsupported (a BIOS)


@dataclass
class OperatingSystem:
    """What Win32_OperatingSystem says, and how long the system takes to start."""

    key: str = "none"
    family: str = "windows"  # windows | linux
    caption: str = ""
    build: int = 0
    product_type: int = 3  # 1 workstation, 3 server
    operating_system_sku: int = 8
    boot_seconds: float = 45.0


@dataclass
class Address:
    """One IPv4 address of an interface."""

    address: str
    prefix_length: int
    origin: str = "Manual"  # Manual | Dhcp | WellKnown (169.254.0.0/16, automatic)


@dataclass
class Route:
    """One route of an interface."""

    destination: str
    next_hop: str
    metric: int = 256
    dhcp: bool = False  # came with a lease


@dataclass
class IPInterface:
    """The IPv4 settings of an adapter.

    An External switch moves them to its management adapter as a whole.
    """

    dhcp: bool = True
    addresses: list[Address] = field(default_factory=list)
    routes: list[Route] = field(default_factory=list)
    dns_servers: list[str] = field(default_factory=list)
    forwarding: bool = False
    interface_metric: int | None = None
    mtu: int = 1500

    def release(self) -> None:
        """Give back what came by DHCP."""
        self.addresses = [address for address in self.addresses if address.origin != "Dhcp"]
        self.routes = [route for route in self.routes if not route.dhcp]


@dataclass
class NetAdapter:
    """An adapter as the machine's own Windows sees it.

    `kind` is ``physical`` (`port`: name of the wire), ``synthetic`` (`port`: Id of the VM's adapter
    on the host above) or ``management`` (`port`: Id of the management adapter on a switch of this
    machine).
    """

    name: str
    interface_description: str
    interface_index: int
    mac_address: str
    device_id: str
    kind: str = "physical"
    port: str = ""
    enabled: bool = True
    link: bool = True
    wireless: bool = False
    bound_switch: str = ""  # Id of the External switch that has taken the adapter
    ip: IPInterface = field(default_factory=IPInterface)
    coming: IPInterface | None = (
        None  # settings that are on their way here, because a switch was made or removed
    )
    comes_at: float = 0.0


@dataclass
class StaticMapping:
    """A port that WinNAT forwards."""

    id: int
    protocol: str
    external_address: str
    external_port: int
    internal_address: str
    internal_port: int


@dataclass
class Nat:
    """A WinNAT."""

    name: str
    internal_prefix: str
    external_prefix: str = ""
    timeouts: dict[str, int] = field(default_factory=dict)
    mappings: list[StaticMapping] = field(default_factory=list)
    tcp_filtering: str = "AddressDependentFiltering"
    udp_filtering: str = "AddressDependentFiltering"
    udp_inbound_refresh: bool = False
    mappings_made: int = 0  # a mapping that is made again has another Id


@dataclass
class DhcpScope:
    """A scope of the DHCP server role."""

    scope_id: str
    name: str
    start: str
    end: str
    subnet_mask: str
    state: str = "Active"
    router: list[str] = field(default_factory=list)
    dns_servers: list[str] = field(default_factory=list)


@dataclass
class FirewallRule:
    """A rule of Windows' firewall."""

    name: str
    display_name: str = ""
    enabled: bool = True
    direction: str = "Inbound"
    action: str = "Allow"  # Allow | Block
    protocol: str = "Any"
    icmp_types: list[str] = field(default_factory=list)


@dataclass
class File:
    """A file. Of a virtual disk also its size, its parent, and what is installed on it."""

    path: str
    kind: str = "file"  # file | vhd
    length: int = 0
    size: int = 0
    disk_type: str = "Dynamic"  # Fixed | Dynamic | Differencing
    parent: str = ""
    writes: int = 0  # how often it was opened for writing
    parent_writes: int = 0  # what that number of the parent was when this disk was put on top of it
    disk_number: int | None = None  # while it is mounted
    operating_system: str = ""  # key of an operating system, where one is installed
    images: list[str] = field(
        default_factory=list
    )  # paths of disk images that the installed system brings along
    content: Machine | None = None  # the installed system, from its first start on


@dataclass
class Machine:
    """A machine that answers cmdlets once it runs: the host, or a guest."""

    name: str
    operating_system: OperatingSystem
    hardware: Hardware
    features: dict[str, str] = field(
        default_factory=dict
    )  # name -> Installed | InstallPending | UninstallPending
    adapters: list[NetAdapter] = field(default_factory=list)
    nats: list[Nat] = field(default_factory=list)
    dhcp_scopes: list[DhcpScope] = field(default_factory=list)
    dhcp_options: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)  # by lower-case path
    services: dict[str, str] = field(
        default_factory=dict
    )  # those started or stopped by hand: name -> Running | Stopped
    answers_ping: bool = True  # whether the rule FPS-ICMP4-ERQ-In is enabled
    firewall_rules: list[FirewallRule] = field(
        default_factory=list
    )  # beside those that Windows brings
    new_name: str = ""  # after Rename-Computer, until the restart
    hyper_v: HyperV | None = None
    booted_at: float = 0.0
    answers_from: float = 0.0  # the moment its last start is finished
    world: World = field(init=False, repr=False, compare=False)
    above: Machine | None = field(init=False, repr=False, compare=False, default=None)

    def has_command(self, name: str, module: str) -> bool:  # noqa: ARG002  # whole modules come and go with their feature
        """Whether the module of a command is installed."""
        if module == "ServerManager":
            return self.operating_system.product_type != 1
        feature = _MODULE_FEATURES.get(module)
        return feature is None or self.features.get(feature) in ("Installed", "UninstallPending")

    def file(self, path: str) -> File | None:
        """Return the file at a path; Windows paths ignore case."""
        return self.files.get(path.lower())

    def adapter(self, name: str) -> NetAdapter | None:
        """Return the adapter of this name; names ignore case."""
        return next((a for a in self.adapters if a.name.lower() == name.lower()), None)

    def guest(self, vm: VirtualMachine) -> Machine | None:
        """Return the system on the disk that a VM boots from, where one has been started; running or not."""
        path = vm.boot_disk
        file = self.file(path) if path else None
        return file.content if file else None

    def attach(self, world: World, above: Machine | None = None) -> None:
        """Take a place in the world, with all systems on the disks of this machine."""
        self.world, self.above = world, above
        if self.dhcp_scopes or (self.hyper_v and self.hyper_v.switch(DEFAULT_SWITCH_ID)):
            world.lease_givers[id(self)] = self
        for file in self.files.values():
            if file.content is not None:
                file.content.attach(world, self)

    def machines(self) -> Iterator[tuple[tuple[str, ...], VirtualMachine | None, Machine]]:
        """Yield this machine and the running guests, to any depth, with path and virtual machine."""
        yield (), None, self
        for vm in self.hyper_v.vms if self.hyper_v else ():
            guest = self.guest(vm) if vm.state == "Running" else None
            if guest is not None:
                for path, inner, machine in guest.machines():
                    yield (vm.name, *path), inner or vm, machine
