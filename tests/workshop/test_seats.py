"""Seats: copies of a topology that share no name, network, MAC address or port."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from itertools import combinations

import pytest

import nestlab
from nestlab import workshop
from nestlab.dataclass import replace
from nestlab.topology_file import dumps, loads
from tests.workshop.classes import CLASS, LAB, SMALL_CLASS, SMALL_LAB, written


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path))


def names_on_host(topology):
    own = [switch for switch in topology.switches if not switch.existing]
    adapters = (each.alias for switch in own for each in switch.all_management_adapters)
    return {topology.name, *(vm.name for vm in topology.vms), *(s.name for s in own), *adapters}


def networks(topology):
    for _, machine in topology.hosts():
        for switch in machine.switches:
            yield from (each.ip_address.network for each in switch.all_management_adapters)
            yield from (switch.nat,) if switch.nat else ()
    for path, machine in topology.machines():
        for adapter in machine.network_adapters if path else ():
            yield from (adapter.ip_address.network,) if adapter.ip_address else ()


def macs(topology):
    for path, machine in topology.machines():
        yield from (each.mac_address for each in machine.network_adapters) if path else ()
    for switch in topology.switches:
        yield from (each.mac_address for each in switch.dhcp.reservations) if switch.dhcp else ()


def ports(topology):
    return {each.external_port for switch in topology.switches for each in switch.port_forwards}


def test_no_two_seats_share_anything_on_a_host(course):
    topologies = [seat.topology for seat in course.all_seats]
    assert len(topologies) == 32
    for one, other in combinations(topologies, 2):
        assert names_on_host(one).isdisjoint(names_on_host(other))
        assert ports(one).isdisjoint(ports(other))
        assert set(filter(None, macs(one))).isdisjoint(filter(None, macs(other)))
    spans = [(set(networks(topology)), topology.name) for topology in topologies]
    for (one, name), (other, second) in combinations(spans, 2):
        assert not any(a.overlaps(b) for a in one for b in other), (name, second)


def test_every_network_of_a_seat_is_in_the_pool(course):
    pool = IPv4Network("10.64.0.0/12")
    for seat in course.all_seats:
        assert all(network.subnet_of(pool) for network in networks(seat.topology))


def test_each_seat_has_the_findings_of_the_topology_and_no_others(course):
    expected = sorted(nestlab.validate(course.base).codes)
    for seat in course.all_seats:
        assert sorted(nestlab.validate(seat.topology).codes) == expected, seat.name


def test_the_topology_of_a_seat_can_be_written_and_read_back(course):
    text = dumps(course.seat("grace").topology)
    assert loads(text) == course.seat("grace").topology


def test_addresses_keep_their_place_and_everything_names_the_seat(course):
    seat = course.seat("grace").topology
    (switch,) = seat.switches
    first = switch.nat.network_address
    assert switch.name == "grace-LabNet"
    assert [each.name for each in switch.management_adapters] == ["grace-Backup"]
    assert switch.ip_address.ip == first + 1
    assert (switch.dhcp.first, switch.dhcp.last) == (first + 100, first + 200)
    assert switch.dhcp.reservations[0].ip_address == first + 150
    assert (switch.port_forwards[0].to_address, switch.port_forwards[0].to_port) == (first + 11, 80)
    host, router = seat.vms
    (adapter,) = host.network_adapters
    assert (host.name, adapter.name, adapter.switch) == ("grace-HV1", "Ethernet", "grace-LabNet")
    assert (adapter.ip_address.ip, adapter.gateway) == (first + 11, first + 1)
    assert adapter.dns_servers == (IPv4Address("1.1.1.1"), first + 1)
    assert router.network_adapters[0].mac_address == switch.dhcp.reservations[0].mac_address
    assert router.nat.outside == "grace-LabNet"
    assert router.routes[0].to == router.nat.inside
    assert router.routes[1].to == IPv4Network("0.0.0.0/0")
    (inner,) = host.vms
    assert (inner.name, inner.network_adapters[0].switch) == ("web1", "NestedNat")
    ends = [(check.source, check.target) for check in seat.checks]
    assert ends == [
        ("web1", "internet"),
        ("grace-HV1", str(first + 9)),
        ("host", "grace-HV1/web1"),
    ]


def test_traces_of_a_seat_end_as_those_of_the_topology(tmp_path):
    course = workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    expected = nestlab.trace(course.base, "web1", "internet")
    for seat in course.all_seats:
        assert nestlab.trace(seat.topology, "web1", "internet").status == expected.status


def test_seats_keep_their_networks_where_others_are_added(tmp_path):
    few = workshop.load(written(tmp_path, CLASS.replace("count: 30", "count: 12")))
    before = {seat.name: seat.topology for seat in few.all_seats}
    more = workshop.load(written(tmp_path, CLASS.replace("spare: 2", "spare: 5")))
    after = {seat.name: seat.topology for seat in more.all_seats}
    assert len(before) == 14
    assert all(after[name] == topology for name, topology in before.items())


def test_a_shared_switch_keeps_its_name_and_its_addresses(tmp_path):
    shared = "\n  - {name: Office, existing: true, ip_address: 192.0.2.1/24}"
    adapter = "\n      - {name: Out, switch: Office, dhcp: true}"
    lab = SMALL_LAB.replace("\nvms:\n", f"{shared}\nvms:\n", 1).replace(
        "network_adapters:\n", f"network_adapters:{adapter}\n", 1
    )
    course = workshop.load(written(tmp_path, SMALL_CLASS, lab))
    for seat in course.all_seats:
        assert seat.topology.switches[1] == course.base.switches[1]
        assert seat.topology.vms[0].network_adapters[0].switch == "Office"


def test_a_network_inside_another_stays_inside(tmp_path):
    lab = LAB.replace("192.168.101.1/24", "192.168.100.129/28")
    course = workshop.load(written(tmp_path, lab=lab))
    (switch,) = course.seat("ada").topology.switches
    further = switch.management_adapters[0].ip_address
    assert further.network.subnet_of(switch.nat)
    assert int(further.ip) - int(switch.nat.network_address) == 129


def test_two_workshops_have_different_mac_addresses(course):
    other = replace(course, name="other-day")
    one, two = (set(filter(None, macs(each.seat("ada").topology))) for each in (course, other))
    assert one.isdisjoint(two)
