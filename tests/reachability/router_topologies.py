"""Topologies drawn at random with what labs route with: NAT and DHCP in guests, teams, VLANs of own adapters."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import strategies as st

from nestlab.model.topology import (
    VM,
    DhcpRange,
    DhcpReservation,
    Guest,
    GuestNat,
    ManagementAdapter,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    Vlan,
)

_OFTEN = st.sampled_from([True, True, True, False])
_MOSTLY = st.sampled_from([*[True] * 7, False])
_RARELY = st.sampled_from([False, False, False, True])
_VLANS = st.sampled_from([*[None] * 8, Vlan(access=10), Vlan(access=20)])
_UPLINK_VLANS = st.sampled_from(
    [
        None,
        None,
        None,
        Vlan(access=10),
        Vlan(trunk=(10, 20), native=0),
        Vlan(trunk=(10,), native=10),
    ]
)
_CLIENT_MAC = "00155DAA0001"


def _address(net: int, last: int) -> IPv4Interface:
    return IPv4Interface(f"10.0.{net}.{last}/24")


@st.composite
def _scopes(draw: st.DrawFn, address: IPv4Interface) -> DhcpRange:
    """A scope in the network of its server, with and without a router, and a reservation."""
    start = int(address.network.network_address)
    reserved = DhcpReservation(ip_address=IPv4Address(start + 90), mac_address=_CLIENT_MAC)
    return DhcpRange(
        first=IPv4Address(start + 100),
        last=IPv4Address(start + draw(st.sampled_from([100, 120]))),
        router=draw(
            st.sampled_from(
                [None, None, address.ip, IPv4Address(start + 1), IPv4Address(start + 9)]
            )
        ),
        reservations=draw(st.sampled_from([(), (reserved,)])),
    )


@st.composite
def _own_adapters(draw: st.DrawFn, name: str) -> tuple[ManagementAdapter, ...]:
    """Up to two further adapters of a machine on its switch, each with a VLAN and an address."""
    return tuple(
        ManagementAdapter(
            name=f"{name}-own{number}",
            vlan=draw(_VLANS),
            ip_address=draw(
                st.none() | st.builds(_address, st.integers(0, 3), st.just(5 + number))
            ),
            gateway=draw(st.sampled_from([None, None, IPv4Address("10.0.1.2")])),
        )
        for number in range(draw(st.integers(0, 2)))
    )


@st.composite
def _switch(draw: st.DrawFn, name: str, net: int, bound: tuple[str, ...]) -> Switch:
    """A switch; with adapters to be bound to, it is External, and with several of these a team."""
    kind = SwitchType.EXTERNAL if bound else draw(st.sampled_from(_KINDS))
    address = None if kind is SwitchType.PRIVATE else draw(st.none() | st.just(_address(net, 1)))
    internal = kind is SwitchType.INTERNAL and address is not None
    return Switch(
        name=name,
        switch_type=kind,
        net_adapters=bound,
        allow_management_os=draw(_OFTEN) if bound else True,
        ip_address=address,
        vlan=None if kind is SwitchType.PRIVATE else draw(_VLANS),
        nat=address.network if internal and address and draw(st.booleans()) else None,
        dhcp=draw(_scopes(address)) if internal and address and draw(_RARELY) else None,
        management_adapters=() if kind is SwitchType.PRIVATE else draw(_own_adapters(name)),
    )


_KINDS = [SwitchType.INTERNAL, SwitchType.PRIVATE]


@st.composite
def _router(draw: st.DrawFn, name: str, outside: str, inside: str, net: int) -> VM:
    """A router between two switches: it translates, or forwards, and serves DHCP on its inside."""
    own = _address(net, draw(st.sampled_from([1, 2])))
    through = NetworkAdapter(
        name="Out",
        switch=outside,
        dhcp=draw(st.booleans()),
        vlan=draw(_VLANS),
    )
    if not through.dhcp:
        through = replace(
            through, ip_address=_address(net - 1, 7), gateway=IPv4Address(f"10.0.{net - 1}.1")
        )
    into = NetworkAdapter(
        name="In",
        switch=inside,
        ip_address=own,
        vlan=draw(_VLANS),
        dhcp_server=draw(_scopes(own)) if draw(_OFTEN) else None,
    )
    nat = GuestNat(inside=own.network, outside=draw(st.sampled_from(["Out", "Out", outside])))
    return VM(
        name=name,
        guest=Guest(os=draw(st.sampled_from(["windows", "linux"])), credential="c"),
        network_adapters=(through, into),
        nat=nat if draw(st.booleans()) else None,
        forwarding=draw(st.booleans()),
    )


@st.composite
def _client(draw: st.DrawFn, name: str, switches: tuple[Switch, ...], net: int) -> VM:
    """A guest that asks for its address, or has one and a gateway."""
    asks = draw(_OFTEN)
    adapter = NetworkAdapter(
        switch=draw(st.sampled_from([switch.name for switch in switches])),
        dhcp=asks,
        ip_address=None if asks else _address(net, draw(st.integers(11, 14))),
        gateway=None if asks else IPv4Address(f"10.0.{net}.{draw(st.integers(1, 2))}"),
        mac_address=_CLIENT_MAC if name.endswith("0") and draw(_RARELY) else None,
        vlan=draw(_VLANS),
        connected=draw(_MOSTLY),
    )
    return VM(
        name=name,
        guest=Guest(os=draw(st.sampled_from(["windows", "linux"])), credential="c"),
        network_adapters=(adapter,),
    )


@st.composite
def _nested_host(draw: st.DrawFn, name: str, switches: tuple[Switch, ...], net: int) -> VM:
    """A nested host whose External switch is bound to one adapter, or to a team of two."""
    on = draw(st.sampled_from([switch.name for switch in switches]))
    vlan, asks = draw(_UPLINK_VLANS), draw(st.booleans())
    members = tuple(
        NetworkAdapter(
            name=f"Team{number}",
            switch=on,
            vlan=vlan,
            mac_address_spoofing=draw(_OFTEN),
            connected=draw(_MOSTLY),
            allow_teaming=True,
            dhcp=asks and not number,
            ip_address=None if asks or number else _address(net, 21),
        )
        for number in range(draw(st.integers(1, 2)))
    )
    inner = (
        draw(_switch(f"{name}-X", net, tuple(each.name for each in members))),
        draw(_switch(f"{name}-I", net + 2, ())),
    )
    return VM(
        name=name,
        guest=Guest(os="windows", credential="c"),
        network_adapters=members,
        forwarding=draw(_RARELY),
        nested=Nested(switches=inner, vms=draw(_vms(f"{name}-", inner, net + 1, depth=0))),
    )


@st.composite
def _vms(
    draw: st.DrawFn, prefix: str, switches: tuple[Switch, ...], net: int, depth: int
) -> tuple[VM, ...]:
    first, second = (switch.name for switch in switches)
    vms = [draw(_client(f"{prefix}c{n}", switches, net)) for n in range(draw(st.integers(1, 3)))]
    vms += [
        draw(_router(f"{prefix}r{number}", first, second, net))
        for number in range(draw(st.sampled_from([0, 1, 1, 1, 2])))
    ]
    if depth and draw(_OFTEN):
        vms.append(draw(_nested_host(f"{prefix}h", switches, net)))
    return tuple(vms)


@st.composite
def router_topologies(draw: st.DrawFn) -> Topology:
    """Topologies of two levels with routers, DHCP servers and their clients, teams and VLANs."""
    physical = draw(st.sampled_from([(), ("Ethernet",), ("Ethernet", "Ethernet 2")]))
    switches = (draw(_switch("S0", 0, physical)), draw(_switch("S1", 1, ())))
    uplink = Uplink(
        net_adapter="Ethernet", network=IPv4Network("10.0.0.0/24"), gateway=IPv4Address("10.0.0.1")
    )
    return Topology(
        name="t",
        switches=switches,
        vms=draw(_vms("", switches, 1, depth=1)),
        uplinks=draw(st.sampled_from([(), (uplink,)])),
    )
