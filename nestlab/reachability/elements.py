"""The elements of a network: wires, ports, uplinks, interfaces and IP stacks, of all levels.

A *wire* carries frames: a virtual switch of some machine, or the physical network behind an adapter
of the host. A *port* connects an adapter to a wire; every rule about single frames (MAC address
spoofing, VLAN) applies there. An *uplink* joins the wire of an External switch to
the wire that its adapter is on. A *stack* is the IP stack of one machine.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Literal, NamedTuple

from nestlab.dataclass import dataclass, field, replace
from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.topology import DhcpRange, PortForward, Route, Vlan
from nestlab.texts import tr
from nestlab.visible import visible

AUTOMATIC_METRIC = 15
"""Windows' automatic metric of a virtual adapter (10 Gbit/s); equal metrics keep their order."""

PHYSICAL_METRIC = 25
"""Windows' automatic metric of an adapter of 200 Mbit/s to 2 Gbit/s."""


class WireKey(NamedTuple):
    """Identifies a wire: a machine and a switch's name, or (`physical`) an adapter of the host."""

    machine: MachinePath
    name: str
    physical: bool = False

    def __str__(self) -> str:
        if self.physical:
            return visible(tr("the physical network behind {adapter}", adapter=self.name))
        return visible(
            tr("{switch} on {machine}", switch=self.name, machine=path_text(self.machine))
        )


@dataclass(frozen=True, kw_only=True)
class Wire:
    """A virtual switch or a physical network. `kind`: External, Internal, Private or Physical."""

    key: WireKey
    kind: str


@dataclass(frozen=True, kw_only=True)
class Port:
    """The connection of an adapter to a wire.

    `vm` is empty for an adapter of the machine that has the switch itself. If that switch is
    `existing`, the file has no keys for the adapter.

    `mac_address` is the one the switch has for this port: with `mac_address_spoofing` off it
    accepts no frame from any other, and delivers no unicast frame for any other to the port.
    """

    wire: WireKey | None
    adapter: str
    vm: str = ""
    mac_address: str = ""  # 12 hex digits, upper case
    mac_address_spoofing: bool = False
    vlan: Vlan | None = None
    connected: bool = True
    existing: bool = False
    fixed: bool = False  # outside of the lab: it cannot be changed from here

    @property
    def label(self) -> str:
        """The adapter's name on the switch: ``HV1/Ethernet``, or ``vEthernet (LabNet)``."""
        return f"{self.vm}/{self.adapter}" if self.vm else self.adapter

    @property
    def live(self) -> bool:
        """Whether frames pass the port at all."""
        return self.connected and self.wire is not None


@dataclass(frozen=True, kw_only=True)
class Interface:
    """An adapter in an IP stack: addresses, gateway, metric, forwarding.

    `dhcp` without addresses: DHCP assigns an address that is not known. `assumed` marks addresses
    that are assumptions. `dhcp_scope` is the scope from which a DHCP server of the lab assigns the
    address; the one in `addresses` is then an example from it. `partly_known`: the interface may
    have another prefix, another gateway, and addresses that are not in `addresses`.
    `unknown_switch`: it is on an existing switch whose other connections are not known.
    `unknown_prefix`: the prefix length of a gateway follows from the adapters on its wire, and the
    settings of some of them are not known. `link_local` are observed addresses of 169.254.0.0/16,
    which a machine assigns itself: no route leads to them, and they are not among `addresses`.
    With `lease_requested` it asks a DHCP server for another. `duplicates` are addresses that
    Windows does not use, because another machine on the network has them. `hidden_nat` is why the
    machine may have a NAT for it that was not observed; empty if it has none. `undeclared`: the
    file gives it no address, and nestlab sets none in its guest. `disabled`: Windows does not use
    the adapter, and does not show its addresses.
    """

    name: str
    port: Port
    addresses: tuple[IPv4Interface, ...] = ()
    gateway: IPv4Address | None = None
    metric: int = AUTOMATIC_METRIC
    forwarding: bool = False
    dhcp: bool = False
    assumed: bool = False
    dhcp_scope: DhcpRange | None = None
    partly_known: bool = False
    unknown_switch: bool = False
    unknown_prefix: bool = False
    link_local: tuple[IPv4Interface, ...] = ()
    lease_requested: bool = False
    duplicates: tuple[IPv4Interface, ...] = ()
    hidden_nat: str = ""
    undeclared: bool = False
    disabled: bool = False

    @property
    def unresolved(self) -> bool:
        """Whether it may have an unknown address or gateway."""
        return self.port.live and (
            self.partly_known or ((self.dhcp or self.undeclared) and not self.addresses)
        )


@dataclass(frozen=True, kw_only=True)
class SwitchUplink:
    """The link between an External switch (`below`) and the wire its adapter is on (`above`).

    `port` is the nested host's adapter on the wire above; None for a physical adapter, which passes
    every frame. `others` are the further adapters of a team. The sender cannot choose among them,
    so a frame has to pass all of them.
    """

    below: WireKey
    above: WireKey
    port: Port | None = None
    others: tuple[Port, ...] = ()

    @property
    def ports(self) -> tuple[Port | None, ...]:
        """The adapters that the switch is bound to; ``(None,)`` for a physical adapter."""
        return (self.port, *self.others)


@dataclass(frozen=True, kw_only=True)
class Nat:
    """The NAT of a machine: sources inside `prefix` leave with the machine's own address.

    A NAT of Windows (New-NetNat) forwards the packets that it translates, from interfaces with an
    address in `prefix` to all others. With `outside`, the name of an interface, it is one of Linux
    (masquerade): it translates forwarded packets that leave through that interface.
    """

    prefix: IPv4Network
    name: str = ""
    port_forwards: tuple[PortForward, ...] = ()
    outside: str = ""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The IP stack of a machine, or (`kind` gateway) the router of a physical network.

    A gateway routes between its own network and, where `internet` is true, the internet, for which
    it masquerades. `known` is False for a guest whose addresses could not be observed and are not
    declared.
    """

    machine: MachinePath = HOST
    kind: Literal["machine", "gateway"] = "machine"
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    nats: tuple[Nat, ...] = ()
    answers_ping: bool = True
    running: bool = True
    os: str = "windows"  # windows | linux | none
    internet: bool = False
    known: bool = True

    @property
    def label(self) -> str:
        """The name that is displayed."""
        if self.kind == "gateway":
            address = next(
                (str(a.ip) for i in self.interfaces if not i.assumed for a in i.addresses), ""
            )
            return tr("gateway {ip}", ip=address) if address else tr("gateway")
        return path_text(self.machine)


def with_interfaces(stack: Stack, change: Callable[[Stack, Interface], Interface]) -> Stack:
    """Return a stack with its interfaces changed; the same object if none changes."""
    changed = tuple([change(stack, interface) for interface in stack.interfaces])
    return stack if changed == stack.interfaces else replace(stack, interfaces=changed)


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """Something assumed about a wire, a machine, or both, shown with every trace that uses them.

    `declared`: the assumption is that a guest that was not observed is configured as declared.
    """

    text: str
    wire: WireKey | None = None
    machine: MachinePath | None = None
    declared: bool = False


@dataclass(frozen=True, kw_only=True)
class Elements:
    """All elements of a network."""

    wires: tuple[Wire, ...] = ()
    uplinks: tuple[SwitchUplink, ...] = ()
    stacks: tuple[Stack, ...] = field(default=())
    assumptions: tuple[Assumption, ...] = ()
