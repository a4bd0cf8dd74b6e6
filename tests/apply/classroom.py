"""A class room: so many nested hosts, with so many L2 VMs in each."""

from __future__ import annotations

import nestlab
from nestlab.model.topology import Topology

_IMAGE = "disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}"
_IMAGES = r"images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}"


def classroom(hosts: int, vms: int) -> Topology:
    """Return the topology; the credential of all guests is named lab-admin."""
    return nestlab.loads(
        "name: class-room\n"
        f"{_IMAGES}\n"
        "switches: [{name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}]\n"
        f"vms: [{', '.join(_host(number, vms) for number in range(1, hosts + 1))}]\n"
    )


def _host(number: int, vms: int) -> str:
    inside = ", ".join(_vm(number, vm) for vm in range(1, vms + 1))
    return (
        f"{{name: HV{number}, memory_startup: 5GB, {_IMAGE}, "
        f"network_adapters: [{{name: Ethernet, switch: LabNet, ip_address: 192.168.100.{10 + number}/24, gateway: 192.168.100.1}}], "
        f"nested: {{switches: [{{name: Inner, switch_type: Internal, ip_address: 10.{number}.0.1/24, nat: 10.{number}.0.0/24}}], "
        f"vms: [{inside}]}}}}"
    )


def _vm(host: int, number: int) -> str:
    address = f"ip_address: 10.{host}.0.{10 + number}/24, gateway: 10.{host}.0.1"
    return f"{{name: vm{host}-{number}, memory_startup: 1GB, {_IMAGE}, network_adapters: [{{switch: Inner, {address}}}]}}"
