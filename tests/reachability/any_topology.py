"""Topologies drawn at random: bridges, NATs and VLANs on up to three levels, few enough addresses to collide."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import strategies as st

from nestlab.model.topology import (
    VM,
    Guest,
    GuestNat,
    Nested,
    NetworkAdapter,
    Route,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    Vlan,
)

_VLANS = st.sampled_from(
    [
        None,
        None,
        None,
        Vlan(access=10),
        Vlan(trunk=(10,), native=0),
        Vlan(trunk=(10, 20), native=10),
    ]
)


@st.composite
def _adapters(draw: st.DrawFn, switches: list[str], count: int) -> tuple[NetworkAdapter, ...]:
    return tuple(
        NetworkAdapter(
            name=f"A{number}",
            switch=draw(st.sampled_from(switches)),
            ip_address=draw(st.one_of(st.none(), _addresses())) if number else draw(_addresses()),
            gateway=draw(
                st.sampled_from([None, *(IPv4Address(f"10.0.{net}.1") for net in range(3))])
            ),
            interface_metric=draw(st.sampled_from([None, None, None, 5, 50])),
            mac_address_spoofing=draw(st.booleans()),
            vlan=draw(_VLANS),
            connected=draw(st.sampled_from([True, True, True, True, False])),
        )
        for number in range(count)
    )


def _addresses() -> st.SearchStrategy[IPv4Interface]:
    return st.builds(
        lambda net, last, prefix: IPv4Interface(f"10.0.{net}.{last}/{prefix}"),
        st.integers(0, 2),
        st.integers(1, 40),
        st.sampled_from([24, 24, 24, 16, 28]),
    )


def _routes() -> st.SearchStrategy[Route]:
    return st.builds(
        lambda net, via, last: Route(
            to=IPv4Network(f"10.0.{net}.0/24"), via=IPv4Address(f"10.0.{via}.{last}")
        ),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(1, 4),
    )


@st.composite
def _nat(draw: st.DrawFn, adapters: tuple[NetworkAdapter, ...]) -> GuestNat | None:
    """A NAT from the network of one adapter to another, which may be in the same network."""
    inside, outside = draw(st.permutations(adapters))[:2]
    if inside.ip_address is None or draw(st.booleans()):
        return None
    return GuestNat(inside=inside.ip_address.network, outside=outside.name)


@st.composite
def _switches(draw: st.DrawFn, net_adapters: list[str]) -> tuple[Switch, ...]:
    free = list(net_adapters)
    switches = []
    for number in range(draw(st.integers(1, 2))):
        kind = draw(st.sampled_from([SwitchType.INTERNAL, SwitchType.PRIVATE, SwitchType.EXTERNAL]))
        if kind is SwitchType.EXTERNAL and not free:
            kind = SwitchType.INTERNAL
        address = (
            draw(st.one_of(st.none(), _addresses())) if kind is not SwitchType.PRIVATE else None
        )
        nat = (
            address.network
            if address and kind is SwitchType.INTERNAL and draw(st.booleans())
            else None
        )
        adapter = free.pop() if kind is SwitchType.EXTERNAL else None
        management = draw(st.booleans()) if kind is SwitchType.EXTERNAL else True
        switches.append(
            Switch(
                name=f"S{number}",
                switch_type=kind,
                net_adapters=(adapter,) if adapter else (),
                ip_address=address,
                nat=nat,
                allow_management_os=management,
            )
        )
    return tuple(switches)


@st.composite
def _vms(draw: st.DrawFn, switches: tuple[Switch, ...], prefix: str, depth: int) -> tuple[VM, ...]:
    vms = []
    for number in range(draw(st.integers(1, 3 if depth else 2))):
        adapters = draw(_adapters([switch.name for switch in switches], draw(st.integers(1, 2))))
        nested = None
        name = f"{prefix}{number}"
        if depth and draw(st.booleans()):
            inner = draw(_switches([adapter.name for adapter in adapters]))
            nested = Nested(switches=inner, vms=draw(_vms(inner, f"{name}-", depth - 1)))
        vms.append(
            VM(
                name=name,
                guest=Guest(
                    os="windows" if nested else draw(st.sampled_from(["windows", "linux"]))
                ),
                nat=draw(_nat(adapters)) if len(adapters) > 1 and not nested else None,
                network_adapters=adapters,
                nested=nested,
                forwarding=draw(st.sampled_from([False, False, True])),
                routes=draw(st.just(()) | st.builds(lambda route: (route,), _routes())),
                answers_ping=draw(st.sampled_from([True, True, True, False])),
            )
        )
    return tuple(vms)


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    """Topologies of up to three levels: bridges, NATs, VLANs, few enough addresses to collide."""
    switches = draw(_switches(["Ethernet"]))
    uplink = Uplink(
        net_adapter="Ethernet", network=IPv4Network("10.0.0.0/24"), gateway=IPv4Address("10.0.0.1")
    )
    uplinks = draw(st.sampled_from([(), (uplink,)]))
    return Topology(name="t", switches=switches, vms=draw(_vms(switches, "v", 2)), uplinks=uplinks)
