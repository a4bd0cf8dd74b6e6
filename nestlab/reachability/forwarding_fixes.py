"""Fixes of a machine that does not forward packets: a NAT that translates them, or forwarding."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.dataclass import replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.ownership import nat_name
from nestlab.model.parameter_values import SwitchParameter
from nestlab.reachability import file_edits, topology_edits
from nestlab.reachability.drops import is_on_one_network, network_of
from nestlab.reachability.elements import Interface, Nat, Stack
from nestlab.reachability.network import Network
from nestlab.reachability.network_changes import NetworkChange, replacing_stack
from nestlab.reachability.outcome import Packet


def forwarding_changes(
    network: Network, stack: Stack, interface: Interface, packet: Packet
) -> Iterator[NetworkChange]:
    """Yield the changes after which a machine forwards a packet that arrives at an interface.

    There are none if the sender should need no gateway: its prefix length is wrong.
    """
    if is_on_one_network(interface, packet):
        return
    yield from _nat_changes(network, stack, interface, packet.source)
    yield from _wider_nat(network, stack, interface, packet.source)
    yield from _forwarding(stack, interface)


def _wider_nat(
    network: Network, stack: Stack, interface: Interface, source: int
) -> Iterator[NetworkChange]:
    """Yield the change of the topology's only NAT to a prefix that contains one more network.

    Windows supports one NAT network per machine, which may span several switches. It must not
    overlap the network of an adapter that leads out of the machine.
    """
    inside = network_of(interface, source)
    if inside is None or len(stack.nats) != 1:
        return
    (nat,) = stack.nats
    inner = next((each for each in stack.interfaces if _has_address_in(each, nat.prefix)), None)
    both = _spanning(nat.prefix, inside)
    outer = (each for each in stack.interfaces if not _is_own(stack, each))
    if (
        inner is None
        or nat.port_forwards
        or nat.outside
        or not both.is_private
        or any(both.overlaps(address.network) for each in outer for address in each.addresses)
        or not file_edits.set_nat(stack, inner, both)
        or inner.port.wire is None
        or nat.name != nat_name(network.topology_name, inner.port.wire.name)
    ):
        return
    yield _nat_change(stack, inner, both, nat.name)


def _spanning(one: IPv4Network, other: IPv4Network) -> IPv4Network:
    """Return the smallest network that contains both.

    >>> _spanning(IPv4Network("10.1.0.0/24"), IPv4Network("10.2.0.0/24"))
    IPv4Network('10.0.0.0/14')
    """
    while not other.subnet_of(one):
        one = one.supernet()
    return one


def _has_address_in(interface: Interface, prefix: IPv4Network) -> bool:
    return any(address.ip in prefix for address in interface.addresses)


def _is_own(stack: Stack, interface: Interface) -> bool:
    """Whether an interface is the machine's own adapter on one of its switches."""
    wire = interface.port.wire
    return wire is not None and not wire.physical and wire.machine == stack.machine


def _forwarding(stack: Stack, interface: Interface) -> Iterator[NetworkChange]:
    """Yield the change that lets a machine route between its adapters on its switches.

    Windows forwards a packet only where the adapter that it arrives on has Forwarding enabled
    (https://learn.microsoft.com/powershell/module/nettcpip/set-netipinterface). The adapter of an
    existing switch is not changed.
    """
    if not _is_own(stack, interface) or interface.port.existing:
        return
    enabled = [
        each
        for each in stack.interfaces
        if _is_own(stack, each) and not each.port.existing and not each.forwarding
    ]
    enable = {"AddressFamily": "IPv4", "Forwarding": "Enabled"}
    changed = tuple(
        replace(each, forwarding=True) if each in enabled else each for each in stack.interfaces
    )
    yield NetworkChange(
        stack.machine,
        tuple(
            Cmdlet("Set-NetIPInterface", {"InterfaceAlias": each.name, **enable})
            for each in enabled
        ),
        replacing_stack(stack, replace(stack, interfaces=changed)),
        file_edits.set_forwarding(stack),
        topology_edits.edit_forwarding(stack),
    )


def _nat_changes(
    network: Network, stack: Stack, interface: Interface, source: int
) -> Iterator[NetworkChange]:
    """Yield the change to a NAT that translates a source address, if Windows supports one there."""
    inside = network_of(interface, source)
    if (
        inside is None
        or len(stack.nats) > 1
        or any(not nat.prefix.overlaps(inside) for nat in stack.nats)
    ):
        return  # one NAT network per machine is what Windows supports
    wire = interface.port.wire
    name = interface.name if wire is None else wire.name
    if network.topology_name and file_edits.set_nat(stack, interface, inside):
        name = nat_name(network.topology_name, name)
    yield _nat_change(stack, interface, inside, name)


def _nat_change(
    stack: Stack, interface: Interface, inside: IPv4Network, new_name: str
) -> NetworkChange:
    """Return the change that replaces the NATs of a machine by one for a network."""
    old = [
        Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF})
        for nat in stack.nats
    ]
    name = stack.nats[0].name if stack.nats else new_name
    new = Cmdlet("New-NetNat", {"Name": name, "InternalIPInterfaceAddressPrefix": str(inside)})
    changed = replace(stack, nats=(Nat(prefix=inside, name=name),))
    edit = file_edits.set_nat(stack, interface, inside)
    return NetworkChange(
        stack.machine,
        (*old, new),
        replacing_stack(stack, changed),
        edit,
        topology_edits.edit_nat(interface, inside),
    )
