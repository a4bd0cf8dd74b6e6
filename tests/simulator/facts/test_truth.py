"""What Test-NetConnection and Test-Connection say in a guest is what the trace says of the topology that was applied."""

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    Image,
    Nested,
    NetworkAdapter,
    SwitchType,
    Topology,
    Vlan,
)
from nestlab.model.topology import Switch as VirtualSwitch
from nestlab.reachability import from_topology, trace
from nestlab.rules import validate

GB = 1 << 30
LAB = IPv4Interface("192.168.50.1/24")
INNER = IPv4Interface("10.0.0.1/24")
IMAGES = (Image(name="ws2022", path=r"D:\images\ws2022.vhdx"),)
WINDOWS = {
    "disk": Disk(image="ws2022"),
    "guest": Guest(os="windows", credential="lab-admin"),
}
SWITCHES = {
    "private": VirtualSwitch(name="Lab", switch_type=SwitchType.PRIVATE),
    "internal": VirtualSwitch(name="Lab", switch_type=SwitchType.INTERNAL, ip_address=LAB),
    "nat": VirtualSwitch(
        name="Lab", switch_type=SwitchType.INTERNAL, ip_address=LAB, nat=LAB.network
    ),
}
vlans = st.sampled_from([None, None, None, Vlan(access=10)])


def vm(name, address, switch, vlan, *, memory=2, gateway=None, **more):
    adapter = NetworkAdapter(
        name="Ethernet",
        switch=switch,
        ip_address=IPv4Interface(address),
        gateway=IPv4Address(gateway) if gateway else None,
        vlan=vlan,
        mac_address_spoofing=more.pop("spoofing", False),
    )
    return VM(
        name=name, memory_startup=Size(memory * GB), network_adapters=(adapter,), **WINDOWS, **more
    )


@st.composite
def topologies(draw):
    """A lab of one plain VM and one nested host with a VM inside, bridged or behind a NAT of its own."""
    outer = draw(st.sampled_from(sorted(SWITCHES)))
    gateway = str(LAB.ip) if outer != "private" else None
    if draw(st.booleans()):
        inner = VirtualSwitch(
            name="Inner", switch_type=SwitchType.EXTERNAL, net_adapters=("Ethernet",)
        )
        leaf = vm("web1", "192.168.50.21/24", "Inner", draw(vlans), memory=1, gateway=gateway)
    else:
        nat = draw(st.sampled_from([None, IPv4Network(INNER.network)]))
        inner = VirtualSwitch(
            name="Inner", switch_type=SwitchType.INTERNAL, ip_address=INNER, nat=nat
        )
        leaf = vm(
            "web1",
            "10.0.0.21/24",
            "Inner",
            draw(vlans),
            memory=1,
            gateway=draw(st.sampled_from([str(INNER.ip), None])),
        )
    host = vm(
        "HV1", "192.168.50.11/24", "Lab", draw(vlans), memory=8, gateway=gateway,
        spoofing=draw(st.booleans()), nested=Nested(switches=(inner,), vms=(leaf,)),
    )  # fmt: skip
    plain = vm("plain", "192.168.50.12/24", "Lab", draw(vlans), gateway=gateway)
    return Topology(name="truth", images=IMAGES, switches=(SWITCHES[outer],), vms=(host, plain))


TARGETS = ("192.168.50.12", "192.168.50.11", "192.168.50.1", "10.0.0.1", "8.8.8.8")


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(topology=topologies())
def test_pings_in_guests_agree_with_the_trace(topology):
    assume(not any(finding.severity == "error" for finding in validate(topology)))
    session = nestlab.connect()
    lab = nestlab.Lab(topology, session)
    results = list(lab.apply())
    assert all(result.ok for result in results)
    network = from_topology(topology)
    web1 = str(topology.vms[0].nested.vms[0].network_adapters[0].ip_address.ip)
    for path in (("plain",), ("HV1",), ("HV1", "web1")):
        guest = session
        for name in path:
            guest = guest.guest(name, "lab-admin")
        for address in (*TARGETS, web1):
            expected = trace(network, "/".join(path), address).status == "reachable"
            assert pings(guest, address) == (expected, expected), (path, address)


def pings(guest, address):
    quiet = {"InformationLevel": "Detailed", "WarningAction": "SilentlyContinue"}
    (result,) = guest.run(Cmdlet("Test-NetConnection", {"ComputerName": address, **quiet}))
    try:
        (answer,) = guest.run(
            Cmdlet(
                "Test-Connection",
                {"ComputerName": address, "Count": 1, "Quiet": SwitchParameter.ON},
            )
        )
        echo = answer["Value"]
    except CmdletError:
        echo = False
    return result["PingSucceeded"], echo
