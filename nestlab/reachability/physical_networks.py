"""The physical networks around the host: wires, gateways, the internet, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, replace
from nestlab.model.machine_path import HOST
from nestlab.model.topology import Route
from nestlab.reachability.addresses import UNKNOWN_NETWORK
from nestlab.reachability.elements import (
    PHYSICAL_METRIC,
    Assumption,
    Elements,
    Interface,
    Port,
    Stack,
    SwitchUplink,
    Wire,
    WireKey,
)
from nestlab.reachability.physical_assumptions import (
    address_of_host,
    gateway_of_host,
    through_adapter,
    through_gateway,
)
from nestlab.texts import tr


@dataclass(frozen=True, kw_only=True)
class PhysicalNetworkFacts:
    """The known facts about the physical network behind one adapter of the host.

    `switch` is the External switch that is bound to the adapter. With `declared`, nothing is
    assumed about network and gateway; with `observed`, nothing about the addresses of the host.
    """

    net_adapter: str
    switch: str | None = None
    network: IPv4Network | None = None
    gateway: IPv4Address | None = None
    address: IPv4Interface | None = None  # the host's own
    routes: tuple[Route, ...] = ()
    forwarding: bool = False  # of the host, on its own adapter
    declared: bool = False
    observed: bool = False

    @property
    def wire(self) -> WireKey:
        """The physical network."""
        return WireKey(HOST, self.net_adapter, physical=True)

    @property
    def uplink(self) -> SwitchUplink | None:
        """The link between the External switch and the physical network; None without a switch."""
        below = WireKey(HOST, self.switch) if self.switch else None
        return SwitchUplink(below=below, above=self.wire) if below else None


def add_physical_networks(
    wires: Sequence[Wire],
    uplinks: Sequence[SwitchUplink],
    stacks: Sequence[Stack],
    physical_networks: Sequence[PhysicalNetworkFacts],
) -> Elements:
    """Return the elements with physical wires, gateways and the host's adapters on them added.

    Without any physical network, the host is assumed to have an adapter that leads to the internet.
    """
    if not physical_networks:
        physical_networks = (PhysicalNetworkFacts(net_adapter=tr("the host's network adapter")),)
    all_wires = [
        *wires,
        *(Wire(key=physical.wire, kind="Physical") for physical in physical_networks),
    ]
    all_uplinks = [*uplinks, *filter(None, [physical.uplink for physical in physical_networks])]
    all_stacks = list(stacks)
    assumptions: list[Assumption] = []
    for physical in physical_networks:
        assumptions += _add_stacks(all_stacks, all_uplinks, physical)
    return Elements(
        wires=tuple(all_wires),
        uplinks=tuple(all_uplinks),
        stacks=tuple(all_stacks),
        assumptions=tuple(assumptions),
    )


def _add_stacks(
    stacks: list[Stack], uplinks: Sequence[SwitchUplink], physical: PhysicalNetworkFacts
) -> list[Assumption]:
    """Add the gateways of a network, and the host's address on it; return what is assumed."""
    attached = list(_attached_interfaces(physical.wire, uplinks, stacks))
    network, gateways, guessed = _network_and_gateways(physical, attached, stacks)
    host = next(
        index
        for index, stack in enumerate(stacks)
        if stack.machine == HOST and stack.kind == "machine"
    )
    stacks[host], assumed = _connected_host(
        stacks[host], physical, network, gateways, stacks, guessed=guessed
    )
    networks = [network] if physical.network else [network, *_candidate_networks((), attached)]
    unknown = not physical.network and any(interface.unresolved for interface in attached)
    stacks += [
        _gateway(physical, gateway, networks, guessed=guessed, unknown_prefix=unknown)
        for gateway in gateways
    ]
    return [*_gateway_assumptions(physical, gateways, guessed=guessed), *assumed]


def _network_and_gateways(
    physical: PhysicalNetworkFacts, attached: Sequence[Interface], stacks: Sequence[Stack]
) -> tuple[IPv4Network, tuple[IPv4Address, ...], bool]:
    """Return the network, its gateways in order, and whether the gateway's address is a guess."""
    if physical.declared:
        known = [physical.gateway] if physical.gateway is not None else []
    else:
        used = dict.fromkeys(each.gateway for each in attached if each.gateway is not None)
        owned = _owned_addresses(stacks) if used else set()
        known = [gateway for gateway in used if int(gateway) not in owned]
    network = physical.network or next(_candidate_networks(known, attached), UNKNOWN_NETWORK)
    if known or physical.declared or physical.observed:
        return network, tuple(known), False
    return network, (_free_address(network, stacks),), True


def _attached_interfaces(
    wire: WireKey, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]
) -> Iterator[Interface]:
    """Return the interfaces whose frames could reach a wire through External switches."""
    reached = {wire}
    while more := {uplink.below for uplink in uplinks if uplink.above in reached} - reached:
        reached |= more
    return (
        interface
        for stack in stacks
        for interface in stack.interfaces
        if interface.port.wire in reached
    )


def _candidate_networks(
    gateways: Sequence[IPv4Address], attached: Iterable[Interface]
) -> Iterator[IPv4Network]:
    """Yield the networks of the interfaces, those that contain the first gateway first."""
    networks = [address.network for interface in attached for address in interface.addresses]
    yield from (network for gateway in gateways[:1] for network in networks if gateway in network)
    yield from networks


def _free_address(network: IPv4Network, stacks: Iterable[Stack]) -> IPv4Address:
    """Return the first free address of a network."""
    owned = _owned_addresses(stacks)
    return next(
        (address for address in network.hosts() if int(address) not in owned),
        network.network_address,
    )


def _owned_addresses(stacks: Iterable[Stack]) -> set[int]:
    """Return all addresses of some stacks, as integers."""
    return {
        int(address)
        for stack in stacks
        for interface in stack.interfaces
        for address in interface.addresses
    }


def _gateway_assumptions(
    physical: PhysicalNetworkFacts, gateways: Sequence[IPv4Address], *, guessed: bool
) -> Iterator[Assumption]:
    if physical.declared:
        return
    if guessed:
        yield through_adapter(physical.wire)
        return
    for gateway in gateways:
        yield through_gateway(gateway, physical.wire)


def _gateway(
    physical: PhysicalNetworkFacts,
    gateway: IPv4Address,
    networks: Iterable[IPv4Network],
    *,
    guessed: bool,
    unknown_prefix: bool,
) -> Stack:
    """Return a gateway of a physical network, in the widest of the networks that contain it.

    The prefix is that of the machines which use the wire: with a narrower one, some of them would
    lose the replies, depending on which other machines there are.
    """
    prefix = min((network.prefixlen for network in networks if gateway in network), default=24)
    interface = Interface(
        name="inside",
        port=Port(
            wire=physical.wire,
            adapter=tr("gateway")
            if gateway in UNKNOWN_NETWORK
            else tr("gateway {address}", address=gateway),
            mac_address=f"0200{int(gateway):08X}",
            fixed=True,
        ),
        addresses=(IPv4Interface((gateway, prefix)),),
        forwarding=True,
        assumed=guessed,
        unknown_prefix=unknown_prefix,
    )
    return Stack(
        kind="gateway", interfaces=(interface,), routes=physical.routes, os="none", internet=True
    )


def _connected_host(
    host: Stack,
    physical: PhysicalNetworkFacts,
    network: IPv4Network,
    gateways: Sequence[IPv4Address],
    stacks: Sequence[Stack],
    *,
    guessed: bool,
) -> tuple[Stack, list[Assumption]]:
    """Return the host with its address on this physical network, and what is assumed about it."""
    index, interfaces = _host_adapter(host, physical)
    # With AllowManagementOS off, the host has no adapter there.
    if index is None or physical.observed:
        return host, []
    used = [*stacks, *(_stack_with_address(interfaces[index], g, network) for g in gateways)]
    interface = _with_address(interfaces[index], physical, network, used)
    assumptions = []
    if interface.assumed and (physical.declared or network != UNKNOWN_NETWORK):
        assumptions = [address_of_host(network, interface)]
    if gateways and interface.gateway is None and not any(i.gateway for i in host.interfaces):
        interface = replace(interface, gateway=gateways[0])
        if not guessed:
            assumptions.append(gateway_of_host(gateways[0], physical.wire))
    interfaces[index] = interface
    return replace(host, interfaces=tuple(interfaces)), assumptions


def _with_address(
    interface: Interface,
    physical: PhysicalNetworkFacts,
    network: IPv4Network,
    used: Sequence[Stack],
) -> Interface:
    """Return the host's interface with its declared address, or with a free one that is assumed."""
    if interface.addresses:
        return interface
    if physical.address is not None:
        return replace(interface, addresses=(physical.address,), dhcp=False)
    if interface.dhcp and physical.declared:
        return interface
    free = _address_in(network, _free_address(network, used))
    return replace(interface, addresses=(free,), dhcp=False, assumed=True)


def _host_adapter(
    host: Stack, physical: PhysicalNetworkFacts
) -> tuple[int | None, list[Interface]]:
    """Return the index of the host's interface on this network, and all its interfaces.

    One is added where a physical adapter without a switch needs it.
    """
    interfaces = list(host.interfaces)
    wire = WireKey(HOST, physical.switch) if physical.switch else physical.wire
    for index, interface in enumerate(interfaces):
        if interface.port.wire == wire:
            return index, interfaces
    if physical.switch or physical.observed:
        return None, interfaces
    mac = f"0201{len(interfaces):08X}"
    port = Port(wire=wire, adapter=physical.net_adapter, mac_address=mac)
    forwarding = physical.forwarding or any(interface.forwarding for interface in interfaces)
    added = Interface(
        name=physical.net_adapter, port=port, metric=PHYSICAL_METRIC, forwarding=forwarding
    )
    return len(interfaces), [*interfaces, added]


def _stack_with_address(interface: Interface, address: IPv4Address, network: IPv4Network) -> Stack:
    """Return a stack with only this address, on the wire of an interface."""
    addresses = (_address_in(network, address),)
    return Stack(interfaces=(Interface(name="", port=interface.port, addresses=addresses),))


def _address_in(network: IPv4Network, address: IPv4Address) -> IPv4Interface:
    return IPv4Interface((address, network.prefixlen))
