"""A capture finds the static routes of Linux routers by their seed disks."""

import pytest

import nestlab
from nestlab.lab import capture_all

LAB = r"""
name: triangle
images:
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches:
  - {name: West, switch_type: Internal, ip_address: 192.168.11.254/24}
  - {name: Link, switch_type: Private}
  - {name: East, switch_type: Private}
vms:
  - name: router1
    guest: {os: linux, cloud_init: true}
    disk: {image: ubuntu}
    forwarding: true
    routes: [{to: 192.168.12.0/24, via: 10.1.2.2}]
    network_adapters:
      - {name: eth1, switch: Link, ip_address: 10.1.2.1/24}
      - {name: eth2, switch: West, ip_address: 192.168.11.1/24}
  - name: router2
    guest: {os: linux, cloud_init: true}
    disk: {image: ubuntu}
    forwarding: true
    routes: [{to: 192.168.11.0/24, via: 10.1.2.1}]
    network_adapters:
      - {name: eth1, switch: Link, ip_address: 10.1.2.2/24}
      - {name: eth2, switch: East, ip_address: 192.168.12.1/24}
  - name: client
    guest: {os: linux, cloud_init: true}
    disk: {image: ubuntu}
    routes: [{to: 192.168.12.0/24, via: 192.168.11.1}]
    network_adapters: [{switch: West, ip_address: 192.168.11.2/24}]
"""


def captured(topology):
    host = nestlab.connect("sim:ws2022-intel")
    assert [str(result) for result in nestlab.Lab(topology, host).apply() if not result.ok] == []
    return capture_all(host, of_topology=topology.name)


def inside_of(vm):
    return (
        vm.guest.cloud_init,
        vm.forwarding,
        vm.routes,
        [a.ip_address for a in vm.network_adapters],
    )


def test_routes_of_linux_routers_and_clients_are_found():
    """On the build before, each of them was a loss, after 5,000 attempts for each VM."""
    topology = nestlab.loads(LAB)
    found = captured(topology)
    assert found.losses == ()
    assert [inside_of(vm) for vm in found.topology.vms] == [inside_of(vm) for vm in topology.vms]
    assert nestlab.validate(found.topology).errors == ()


@pytest.mark.parametrize("network", ["172.16.0.0/12", "10.1.2.0/25"])
def test_a_route_to_a_network_that_no_machine_has_remains_a_loss(network):
    topology = nestlab.loads(
        LAB.replace(
            "{to: 192.168.12.0/24, via: 192.168.11.1}", f"{{to: {network}, via: 192.168.11.1}}"
        )
    )
    found = captured(topology)
    assert [loss.split(":")[0] for loss in found.losses] == ["VM client"]
    assert "routes" in found.losses[0]
