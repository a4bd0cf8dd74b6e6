"""The topology: what is wanted, at every level. Attribute names are Hyper-V's, in snake case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.model.machine import HOST, MachinePath
from nestlab.model.origin import Origin
from nestlab.model.plain import Declared
from nestlab.model.size import Size
from nestlab.visible import visible


class SwitchType(StrEnum):
    """Microsoft.HyperV.PowerShell.VMSwitchType."""

    PRIVATE = "Private"
    INTERNAL = "Internal"
    EXTERNAL = "External"


class VMState(StrEnum):
    """The states a topology can ask for."""

    RUNNING = "Running"
    OFF = "Off"


@dataclass(frozen=True, kw_only=True)
class Vlan(Declared):
    """VLAN of an adapter: access, or trunk with a native VLAN.

    Hyper-V allows one mode at a time; `validate` says so.
    """

    access: int | None = None
    trunk: tuple[int, ...] = ()
    native: int | None = None


@dataclass(frozen=True, kw_only=True)
class Route(Declared):
    """A static route of a machine, or one that an upstream gateway has."""

    to: IPv4Network
    via: IPv4Address


@dataclass(frozen=True, kw_only=True)
class PortForward(Declared):
    """A static mapping of the machine's NAT: Add-NetNatStaticMapping."""

    protocol: str  # tcp | udp
    external_port: int
    to_address: IPv4Address
    to_port: int

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file, the inner address and port in one text."""
        return {
            "protocol": self.protocol,
            "external_port": self.external_port,
            "to": f"{self.to_address}:{self.to_port}",
        }


@dataclass(frozen=True, kw_only=True)
class DhcpRange(Declared):
    """A DHCP scope served on a switch by the machine's DHCP server role (Windows Server only)."""

    first: IPv4Address
    last: IPv4Address

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data of the topology file, both addresses in one text."""
        return {"range": f"{self.first}-{self.last}"}


@dataclass(frozen=True, kw_only=True)
class Switch(Declared):
    """A virtual switch of one machine, with the machine's own adapter ``vEthernet (name)`` on it."""

    name: str
    switch_type: SwitchType
    net_adapter: str | None = (
        None  # External: the physical adapter, or an adapter of the nested host
    )
    allow_management_os: bool = (
        True  # External only; Internal always has the machine's own adapter, Private never
    )
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    nat: IPv4Network | None = None
    port_forwards: tuple[PortForward, ...] = ()
    dhcp: DhcpRange | None = None

    @property
    def has_management_adapter(self) -> bool:
        """Whether the machine itself has an adapter on this switch."""
        return self.switch_type is SwitchType.INTERNAL or (
            self.switch_type is SwitchType.EXTERNAL and self.allow_management_os
        )

    @property
    def management_adapter(self) -> str:
        """The Windows name of the machine's own adapter on this switch."""
        return f"vEthernet ({self.name})"


def _hyphenated(mac: str) -> str:
    return "-".join(mac[i : i + 2] for i in range(0, 12, 2))


@dataclass(frozen=True, kw_only=True)
class NetworkAdapter(Declared):
    """A network adapter of a VM, and what its guest is to have on it."""

    name: str = "Network Adapter"
    switch: str | None = None
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    dhcp: bool = False
    mac_address: str | None = field(default=None, metadata={"write": _hyphenated})
    """12 hexadecimal digits, upper case, as Hyper-V shows them."""
    mac_address_spoofing: bool = False
    vlan: Vlan | None = None
    connected: bool = True


@dataclass(frozen=True, kw_only=True)
class Disk(Declared):
    """The system disk: a differencing disk on `parent`, an empty one of `size`, or an existing one at `path`."""

    parent: str | None = None
    size: Size | None = None
    path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Guest(Declared):
    """The guest operating system and the NAME of the credential for it, never the credential."""

    os: str = "none"  # windows | linux | none
    credential: str | None = None


@dataclass(frozen=True, kw_only=True)
class DynamicMemory(Declared):
    """Dynamic memory between two sizes."""

    minimum: Size
    maximum: Size


@dataclass(frozen=True, kw_only=True)
class Nested(Declared):
    """What a nested host carries: its own switches and VMs."""

    switches: tuple[Switch, ...] = ()
    vms: tuple[VM, ...] = ()


@dataclass(frozen=True, kw_only=True)
class VM(Declared):
    """A virtual machine.

    With `nested` it is a nested host: extensions exposed, Hyper-V role installed.
    """

    name: str
    generation: int = 2
    processor_count: int = 2
    memory_startup: Size = Size(1 << 30)
    dynamic_memory: DynamicMemory | None = None
    version: str | None = None  # configuration version; the host's default where None
    state: VMState = VMState.RUNNING
    disk: Disk | None = None
    guest: Guest = field(default_factory=Guest)
    network_adapters: tuple[NetworkAdapter, ...] = ()
    notes: str = ""
    expose_virtualization_extensions: bool | None = (
        None  # as the file says it; see `exposes_extensions`
    )
    forwarding: bool = False
    routes: tuple[Route, ...] = ()
    answers_ping: bool = True
    nested: Nested | None = None

    @property
    def exposes_extensions(self) -> bool:
        """Whether virtualization extensions are to be exposed: what the file says, else exactly when it is a nested host."""
        asked = self.expose_virtualization_extensions
        return self.nested is not None if asked is None else asked

    @property
    def switches(self) -> tuple[Switch, ...]:
        """The switches inside this VM; none where it is no nested host."""
        return self.nested.switches if self.nested else ()

    @property
    def vms(self) -> tuple[VM, ...]:
        """The VMs inside this VM; none where it is no nested host."""
        return self.nested.vms if self.nested else ()


@dataclass(frozen=True, kw_only=True)
class Uplink(Declared):
    """What is known of the physical network behind one of the host's adapters."""

    net_adapter: str
    network: IPv4Network | None = None
    gateway: IPv4Address | None = None
    ip_address: IPv4Interface | None = (
        None  # the host's own, where no External switch takes the adapter
    )
    routes: tuple[Route, ...] = ()  # that the gateway on that wire has


def _expectation(reachable: bool) -> str:  # noqa: FBT001  # the value of the field, not a switch
    return "reachable" if reachable else "unreachable"


@dataclass(frozen=True, kw_only=True)
class Check(Declared):
    """An expectation: ``from`` reaches ``to``, or does not. Endpoints as in the topology file."""

    source: str = field(metadata={"key": "from"})
    target: str = field(metadata={"key": "to"})
    reachable: bool = field(default=True, metadata={"key": "expect", "write": _expectation})


@dataclass(frozen=True, kw_only=True)
class Topology(Declared):
    """What is wanted on a host: its switches and VMs, at every level.

    `origin` remembers the file it came from (text and positions) so that findings can name lines
    and saving keeps comments; it takes no part in comparison.
    """

    name: str
    description: str = ""
    uplinks: tuple[Uplink, ...] = ()
    switches: tuple[Switch, ...] = ()
    vms: tuple[VM, ...] = ()
    forwarding: bool = False
    routes: tuple[Route, ...] = ()
    answers_ping: bool = True
    checks: tuple[Check, ...] = ()
    origin: Origin | None = field(default=None, repr=False, compare=False)

    def machines(self) -> Iterator[tuple[MachinePath, Topology | VM]]:
        """Yield the host and every VM with its machine path, parents first, in the order of the file."""
        yield HOST, self
        yield from _machines(HOST, self.vms)

    def hosts(self) -> Iterator[tuple[MachinePath, Topology | VM]]:
        """Yield the machines that carry Hyper-V: the host and every nested host, parents first."""
        return (
            (path, machine)
            for path, machine in self.machines()
            if not isinstance(machine, VM) or machine.nested is not None
        )

    def machine(self, path: MachinePath) -> Topology | VM:
        """Return the machine at a path; raises KeyError where there is none."""
        for candidate, machine in self.machines():
            if candidate == path:
                return machine
        raise KeyError(path)

    def _repr_html_(self) -> str:
        from nestlab.model.outline import outline_html  # noqa: PLC0415  # only notebooks need it

        return outline_html(self)

    def __repr__(self) -> str:
        count = sum(1 for _ in self.machines()) - 1
        return visible(
            f"<Topology {self.name}: {count} VM{'s' if count != 1 else ''}, {sum(len(m.switches) for _, m in self.hosts())} switches>"
        )


def _machines(path: MachinePath, vms: tuple[VM, ...]) -> Iterator[tuple[MachinePath, VM]]:
    for vm in vms:
        inner = (*path, vm.name)
        yield inner, vm
        yield from _machines(inner, vm.vms)
