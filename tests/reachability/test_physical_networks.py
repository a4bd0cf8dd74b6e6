"""Machines on a physical network that the topology does not declare."""

import pytest

from nestlab.model.topology import Topology
from nestlab.reachability import matrix, trace
from nestlab.topology_file import loads


def _bridged(**adapters: str) -> Topology:
    """Return VMs on an External switch, by name, each with these settings of its adapter."""
    vms = "".join(
        f"\n  - {{name: {name}, guest: {{os: windows}}, network_adapters: [{{switch: S0, {settings}}}]}}"
        for name, settings in adapters.items()
    )
    switch = "{name: S0, switch_type: External, net_adapter: Ethernet, allow_management_os: false}"
    return loads(f"name: t\nswitches: [{switch}]\nvms:{vms}")


@pytest.mark.parametrize(
    "other",
    [
        "dhcp: true",
        "ip_address: 10.0.7.9/24",
        "ip_address: 10.0.7.9/24, gateway: 10.0.7.1",
        "ip_address: 10.0.1.9/24",
        "ip_address: 10.0.1.9/24, gateway: 10.0.1.1",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_settings_of_another_machine_take_no_network_from_a_gateway(
    other: str, first: bool
) -> None:
    a = "ip_address: 10.0.0.1/16, gateway: 10.0.1.1"
    topology = _bridged(z=other, a=a) if first else _bridged(a=a, z=other)
    answer = trace(topology, "a", "internet")
    assert answer.status == "reachable", answer


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ("ip_address: 10.0.7.9/24", "unreachable"),
        ("ip_address: 10.0.7.9/16", "reachable"),
        ("dhcp: true", "undetermined"),
    ],
)
def test_whether_a_gateway_outside_of_the_own_network_replies_depends_on_the_other_machines(
    other: str, status: str
) -> None:
    topology = _bridged(a="ip_address: 10.0.0.1/24, gateway: 10.0.1.1", z=other)
    answer = trace(topology, "a", "internet")
    assert answer.status == status, answer


def test_a_machine_with_dhcp_counts_behind_a_port_without_spoofing_too() -> None:
    bridge = "{name: S1, switch_type: External, net_adapter: A1}"
    inner = "{name: b, guest: {os: windows}, network_adapters: [{switch: S1, dhcp: true}]}"
    topology = loads(
        "name: t\n"
        "switches: [{name: S0, switch_type: External, net_adapter: Ethernet, allow_management_os: false}]\n"
        "vms:\n"
        "  - name: a\n"
        "    guest: {os: windows}\n"
        "    network_adapters:\n"
        "      - {name: A0, switch: S0, ip_address: 10.0.0.1/24, gateway: 10.0.1.1}\n"
        "      - {name: A1, switch: S0}\n"
        f"    nested: {{switches: [{bridge}], vms: [{inner}]}}\n"
    )
    assert trace(topology, "a", "internet").status == "undetermined"


def test_neighbours_are_not_taken_for_alike_where_one_has_a_multicast_address() -> None:
    topology = _bridged(a="ip_address: 223.1.1.1/2", z="ip_address: 224.1.1.1/2")
    table = matrix(topology)
    for target in ("a", "z"):
        drop = trace(topology, "internet", target).drop
        assert drop is not None
        assert table.result("internet", target).reason == drop.reason
