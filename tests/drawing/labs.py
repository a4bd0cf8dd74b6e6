"""Topologies to draw, and hypothesis strategies for any topology."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import strategies as st

from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    Nested,
    NetworkAdapter,
    PortForward,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    Vlan,
    VMState,
)


def bridged_lab() -> Topology:
    """A nested host whose VM is bridged to the physical network."""
    bridge = Switch(name="Bridge", switch_type=SwitchType.EXTERNAL, net_adapters=("Ethernet",))
    web = VM(
        name="web1",
        network_adapters=(
            NetworkAdapter(switch="Bridge", ip_address=IPv4Interface("192.0.2.21/24")),
        ),
    )
    ethernet = NetworkAdapter(
        name="Ethernet",
        switch="Uplink",
        ip_address=IPv4Interface("192.0.2.11/24"),
        mac_address_spoofing=True,
    )
    storage = NetworkAdapter(name="Storage", switch="Uplink", vlan=Vlan(access=30))
    host = VM(
        name="HV1",
        memory_startup=Size.parse("8GB"),
        network_adapters=(ethernet, storage),
        nested=Nested(switches=(bridge,), vms=(web,)),
    )
    return Topology(
        name="bridged-lab",
        description="L2 VMs on the wire",
        switches=(
            Switch(name="Uplink", switch_type=SwitchType.EXTERNAL, net_adapters=("Ethernet",)),
        ),
        vms=(host,),
        uplinks=(
            Uplink(
                net_adapter="Ethernet",
                network=IPv4Network("192.0.2.0/24"),
                gateway=IPv4Address("192.0.2.1"),
            ),
        ),
    )


def classroom(students: int) -> Topology:
    """Many VMs on one NAT switch, every fourth with a storage adapter on a second one."""
    lab = Switch(
        name="Lab",
        switch_type=SwitchType.INTERNAL,
        ip_address=IPv4Interface("10.0.0.1/16"),
        nat=IPv4Network("10.0.0.0/16"),
    )
    vms = []
    for number in range(students):
        adapters = [
            NetworkAdapter(
                switch="Lab", ip_address=IPv4Interface((int(IPv4Address("10.0.1.0")) + number, 16))
            )
        ]
        if number % 4 == 0:
            adapters.append(NetworkAdapter(name="Storage", switch="Store", vlan=Vlan(access=20)))
        vms.append(VM(name=f"student{number}", network_adapters=tuple(adapters)))
    return Topology(
        name="classroom",
        switches=(lab, Switch(name="Store", switch_type=SwitchType.PRIVATE)),
        vms=tuple(vms),
    )


names = st.text("abcXYZ0-é漢", min_size=1, max_size=24)
addresses = st.none() | st.builds(
    lambda low, length: IPv4Interface(f"10.0.0.{low}/{length}"),
    st.integers(1, 254),
    st.integers(8, 30),
)
switches = st.builds(
    Switch,
    name=st.sampled_from(["Lab", "Storage", "A switch with quite a long name", "Up"]),
    switch_type=st.sampled_from(SwitchType),
    net_adapters=st.sampled_from(
        [(), ("Ethernet",), ("Network Adapter",), ("Ethernet", "Network Adapter")]
    ),
    ip_address=addresses,
    nat=st.none() | st.just(IPv4Network("10.0.0.0/24")),
    port_forwards=st.lists(
        st.just(
            PortForward(
                protocol="tcp", external_port=8080, to_address=IPv4Address("10.0.0.11"), to_port=80
            )
        ),
        max_size=3,
    ).map(tuple),
)
adapters = st.builds(
    NetworkAdapter,
    name=st.sampled_from(["Network Adapter", "Ethernet", "Storage"]),
    switch=st.sampled_from([None, "Lab", "Storage", "Up", "Nowhere"]),
    ip_address=addresses,
    mac_address_spoofing=st.booleans(),
    vlan=st.none() | st.just(Vlan(access=30)) | st.just(Vlan(trunk=(10, 20, 30), native=1)),
    connected=st.booleans(),
)


def vms(depth: int) -> st.SearchStrategy[VM]:
    """VMs that nest to a depth."""
    inner = st.none()
    if depth:
        inner |= st.builds(
            Nested,
            switches=st.lists(switches, max_size=3).map(tuple),
            vms=st.lists(vms(depth - 1), max_size=4).map(tuple),
        )
    return st.builds(
        VM,
        name=names,
        state=st.sampled_from(VMState),
        network_adapters=st.lists(adapters, max_size=3).map(tuple),
        nested=inner,
        forwarding=st.booleans(),
    )


uplinks = st.builds(
    Uplink,
    net_adapter=st.sampled_from(["Ethernet", "Ethernet 2"]),
    network=st.none() | st.just(IPv4Network("192.0.2.0/24")),
    gateway=st.none() | st.just(IPv4Address("192.0.2.1")),
    ip_address=addresses,
)
topologies = st.builds(
    Topology,
    name=st.text("abc-", min_size=1, max_size=40),
    description=st.sampled_from(
        [
            "",
            "One nested host with two VMs behind its NAT, as in the guide that everybody reads first",
        ]
    ),
    switches=st.lists(switches, max_size=4).map(tuple),
    vms=st.lists(vms(2), max_size=9).map(tuple),
    uplinks=st.lists(uplinks, max_size=2).map(tuple),
)


def plain(text: str) -> str:
    """A text as it is read: runs of blanks are one blank."""
    return " ".join(text.split())


def lab_of(written: list[str], adapter: str, switch: str, title: str) -> Topology:
    """A lab with these names at every place that a picture shows."""
    lan = Switch(name=switch, switch_type=SwitchType.INTERNAL)
    adapters = (NetworkAdapter(name=adapter, switch=switch),)
    inside = Nested(switches=(lan,), vms=(VM(name=written[0], network_adapters=adapters),))
    host = VM(name=written[0], network_adapters=adapters, nested=inside)
    return Topology(name=title, switches=(lan,), vms=(host, *(VM(name=n) for n in written[1:])))
