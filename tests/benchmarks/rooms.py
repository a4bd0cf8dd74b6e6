"""The topologies that benchmarks measure with: nested hosts behind one switch, each with VMs behind a switch of its own."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)

GUEST = Guest(os="windows", credential="lab-admin")
DISK = Disk(parent=r"D:\images\ws2022.vhdx")


def lab(hosts: int, vms: int) -> Topology:
    """Return so many nested hosts with so many VMs each."""
    return Topology(
        name="big",
        switches=(nat_switch("Lab", "10.255.0.1/16"),),
        vms=tuple(nested_host(number, vms) for number in range(hosts)),
    )


def nat_switch(name: str, address: str) -> Switch:
    """Return an Internal switch with NAT."""
    interface = IPv4Interface(address)
    return Switch(
        name=name, switch_type=SwitchType.INTERNAL, ip_address=interface, nat=interface.network
    )


def nested_host(number: int, vms: int) -> VM:
    """Return one nested host."""
    inside = IPv4Network(f"10.{number}.0.0/24")
    leaves = tuple(leaf(number, n, inside) for n in range(vms))
    adapter = NetworkAdapter(
        switch="Lab",
        ip_address=IPv4Interface(f"10.255.1.{number + 1}/16"),
        gateway=IPv4Address("10.255.0.1"),
    )
    nested = Nested(switches=(nat_switch("Net", f"10.{number}.0.1/24"),), vms=leaves)
    return VM(
        name=f"HV{number}",
        memory_startup=Size(64 << 30),
        disk=DISK,
        guest=GUEST,
        network_adapters=(adapter,),
        nested=nested,
    )


def leaf(host: int, number: int, inside: IPv4Network) -> VM:
    """Return one VM of a nested host."""
    adapter = NetworkAdapter(
        switch="Net", ip_address=IPv4Interface((inside[number + 10], 24)), gateway=inside[1]
    )
    return VM(name=f"vm{host}-{number}", disk=DISK, guest=GUEST, network_adapters=(adapter,))
