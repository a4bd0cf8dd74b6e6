"""The physical networks around the host: wires, gateways, the internet, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model.machine_path import HOST
from nestlab.model.topology import Route
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

UNKNOWN_NETWORK = IPv4Network("192.0.0.0/29")
"""For an unknown physical network: a prefix that IANA reserves (RFC 7335)."""


@dataclass(frozen=True, kw_only=True)
class ExternalNetwork:
    """The known facts about the physical network behind one adapter of the host.

    `switch` is the External switch that is bound to the adapter. With `stated`, no assumptions are
    made about network and gateway; with `observed`, none about the host's own addresses.
    """

    net_adapter: str
    switch: str | None = None
    network: IPv4Network | None = None
    gateway: IPv4Address | None = None
    address: IPv4Interface | None = None  # the host's own
    routes: tuple[Route, ...] = ()
    forwarding: bool = False  # of the host, on its own adapter
    stated: bool = False
    observed: bool = False

    @property
    def wire(self) -> WireKey:
        """The physical network."""
        return WireKey(HOST, self.net_adapter, physical=True)


def add_external_networks(
    wires: Sequence[Wire],
    uplinks: Sequence[SwitchUplink],
    stacks: Sequence[Stack],
    outside: Sequence[ExternalNetwork],
) -> Elements:
    """Return the elements with physical wires, gateways and the host's adapters on them added.

    Without any physical network, the host is assumed to have an adapter that leads to the internet.
    """
    if not outside:
        outside = (ExternalNetwork(net_adapter="its own network adapter"),)
    all_wires = [*wires, *(Wire(key=each.wire, kind="Physical") for each in outside)]
    all_uplinks = [
        *uplinks,
        *(
            SwitchUplink(below=WireKey(HOST, each.switch), above=each.wire)
            for each in outside
            if each.switch
        ),
    ]
    all_stacks = list(stacks)
    assumptions: list[Assumption] = []
    for each in outside:
        network, gateways, guessed = _network_and_gateways(each, all_uplinks, all_stacks)
        assumptions += _gateway_assumptions(each, gateways, guessed=guessed)
        host = next(
            index
            for index, stack in enumerate(all_stacks)
            if stack.machine == HOST and stack.kind == "machine"
        )
        all_stacks[host], assumed = _host_on(
            all_stacks[host], each, network, gateways, all_stacks, guessed=guessed
        )
        assumptions += assumed
        all_stacks += (_gateway(each, gateway, network, guessed=guessed) for gateway in gateways)
    return Elements(
        wires=tuple(all_wires),
        uplinks=tuple(all_uplinks),
        stacks=tuple(all_stacks),
        assumptions=tuple(assumptions),
    )


def _network_and_gateways(
    each: ExternalNetwork, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]
) -> tuple[IPv4Network, tuple[IPv4Address, ...], bool]:
    """Return the network, its gateways in order, and whether the gateway's address is made up."""
    users = list(_users(each.wire, uplinks, stacks))
    if each.stated:
        known = [each.gateway] if each.gateway is not None else []
    else:
        owned = {
            address.ip
            for stack in stacks
            for interface in stack.interfaces
            for address in interface.addresses
        }
        used = (interface.gateway for interface in users)
        known = list(
            dict.fromkeys(
                gateway for gateway in used if gateway is not None and gateway not in owned
            )
        )
    network = each.network or next(_networks_with(known, users), UNKNOWN_NETWORK)
    if known or each.stated or each.observed:
        return network, tuple(known), False
    return network, (_free(network, stacks),), True


def _users(
    wire: WireKey, uplinks: Sequence[SwitchUplink], stacks: Sequence[Stack]
) -> Iterator[Interface]:
    """Yield the interfaces whose frames could reach a wire through External switches."""
    reached = {wire}
    grown = True
    while grown:
        more = {uplink.below for uplink in uplinks if uplink.above in reached} - reached
        reached |= more
        grown = bool(more)
    return (
        interface
        for stack in stacks
        for interface in stack.interfaces
        if interface.port.wire in reached
    )


def _networks_with(
    gateways: Sequence[IPv4Address], users: Iterable[Interface]
) -> Iterator[IPv4Network]:
    networks = [address.network for interface in users for address in interface.addresses]
    yield from (network for gateway in gateways[:1] for network in networks if gateway in network)
    yield from networks


def _free(network: IPv4Network, stacks: Iterable[Stack]) -> IPv4Address:
    """Return the first free address of a network."""
    owned = {
        address.ip
        for stack in stacks
        for interface in stack.interfaces
        for address in interface.addresses
    }
    return next(
        (address for address in network.hosts() if address not in owned), network.network_address
    )


def _gateway_assumptions(
    each: ExternalNetwork, gateways: Sequence[IPv4Address], *, guessed: bool
) -> Iterator[Assumption]:
    if each.stated:
        return
    if guessed:
        yield Assumption(
            text=f"The host reaches the internet by {each.net_adapter}.", wire=each.wire
        )
        return
    for gateway in gateways:
        text = f"{gateway}, the gateway used on {each.wire}, leads to the internet and masquerades."
        yield Assumption(text=text, wire=each.wire)


def _gateway(
    each: ExternalNetwork, gateway: IPv4Address, network: IPv4Network, *, guessed: bool
) -> Stack:
    prefix = network.prefixlen if gateway in network else 24
    interface = Interface(
        name="inside",
        port=Port(
            wire=each.wire,
            adapter=f"gateway {gateway}",
            mac_address=f"0200{int(gateway):08X}",
            fixed=True,
        ),
        addresses=(IPv4Interface((gateway, prefix)),),
        forwarding=True,
        assumed=guessed,
    )
    return Stack(
        kind="gateway", interfaces=(interface,), routes=each.routes, os="none", internet=True
    )


def _host_on(
    host: Stack,
    each: ExternalNetwork,
    network: IPv4Network,
    gateways: Sequence[IPv4Address],
    stacks: Sequence[Stack],
    *,
    guessed: bool,
) -> tuple[Stack, list[Assumption]]:
    """Return the host with its address on this physical network, and what was assumed of it."""
    place, interfaces = _host_adapter(host, each)
    # With AllowManagementOS off, the host has no adapter there.
    if place is None or each.observed:
        return host, []
    interface, assumed = interfaces[place], False
    if not interface.addresses and each.address is not None:
        interface = replace(interface, addresses=(each.address,), dhcp=False)
    elif not interface.addresses and not (interface.dhcp and each.stated):
        used = [*stacks, *(_only_address(interface, g, network) for g in gateways)]
        free = _with(_free(network, used), network)
        interface = replace(interface, addresses=(free,), dhcp=False, assumed=True)
        assumed = each.stated or network != UNKNOWN_NETWORK
    text = f"The host has an address in {network} on {interface.name}."
    assumptions = [Assumption(text=text, machine=HOST)] if assumed else []
    if gateways and interface.gateway is None and not any(i.gateway for i in host.interfaces):
        interface = replace(interface, gateway=gateways[0])
        if not guessed:
            text = f"The host uses {gateways[0]}, the gateway of {each.net_adapter}, as its own: nothing else names one."
            assumptions.append(Assumption(text=text, machine=HOST, wire=each.wire))
    interfaces[place] = interface
    return replace(host, interfaces=tuple(interfaces)), assumptions


def _host_adapter(host: Stack, each: ExternalNetwork) -> tuple[int | None, list[Interface]]:
    """Return the host's interfaces, and which is on this network; one is added if needed."""
    interfaces = list(host.interfaces)
    wire = WireKey(HOST, each.switch) if each.switch else each.wire
    for index, interface in enumerate(interfaces):
        if interface.port.wire == wire:
            return index, interfaces
    if each.switch or each.observed:
        return None, interfaces
    mac = f"0201{len(interfaces):08X}"
    port = Port(wire=wire, adapter=each.net_adapter, mac_address=mac)
    forwarding = each.forwarding or any(interface.forwarding for interface in interfaces)
    added = Interface(
        name=each.net_adapter, port=port, metric=PHYSICAL_METRIC, forwarding=forwarding
    )
    return len(interfaces), [*interfaces, added]


def _only_address(interface: Interface, address: IPv4Address, network: IPv4Network) -> Stack:
    """Return a stack with only this address, on the wire of an interface."""
    return Stack(
        interfaces=(Interface(name="", port=interface.port, addresses=(_with(address, network),)),)
    )


def _with(address: IPv4Address, network: IPv4Network) -> IPv4Interface:
    return IPv4Interface((address, network.prefixlen))
