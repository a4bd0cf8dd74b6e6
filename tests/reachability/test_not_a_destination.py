"""Addresses that no default route leads to are not reachable."""

from itertools import permutations
from pathlib import Path

import pytest

import nestlab
from nestlab.reachability import matrix

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"


@pytest.mark.parametrize(
    "address",
    [
        "224.0.0.251",
        "239.1.2.3",
        "233.252.0.1",
        "255.255.255.255",
        "0.0.0.0",  # noqa: S104
        "240.0.0.1",
        "127.0.0.1",
    ],
)
def test_multicast_broadcast_and_reserved_addresses_answer_nothing(address):
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    assert nestlab.trace(topology, "web1", address).status != "reachable"


def test_a_public_address_is_still_reachable():
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    assert nestlab.trace(topology, "web1", "8.8.8.8").status == "reachable"


@pytest.mark.parametrize(
    ("address", "kind"),
    [("239.1.2.3", "multicast"), ("240.0.0.1", "reserved"), ("10.77.0.1", "private")],
)
def test_the_reason_names_the_kind_of_address(address, kind):
    # Before, a multicast address was called a private one.
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    drop = nestlab.trace(topology, "host", address).drop
    assert f"{kind} addresses are not routed on the internet" in drop.explanation


MASKS = """
name: masks
switches: [{name: Lan, switch_type: Private}]
vms:
  - {name: narrow, network_adapters: [{switch: Lan, ip_address: 10.0.1.1/28}]}
  - {name: wide, network_adapters: [{switch: Lan, ip_address: 10.0.1.14/24}]}
  - {name: last, network_adapters: [{switch: Lan, ip_address: 10.0.1.15/24}]}
"""


def test_it_is_not_known_whether_the_broadcast_address_of_a_smaller_network_answers():
    """Linux's ping refuses to send to it, and its kernel answers from it."""
    topology = nestlab.loads(MASKS)
    found = nestlab.trace(topology, "narrow", "last")
    assert (found.status, found.drop.reason) == ("undetermined", "NEIGHBOR_UNREACHABLE")
    assert "10.0.1.15 is the broadcast address of 10.0.1.0/28" in found.drop.explanation
    assert nestlab.trace(topology, "last", "narrow").status == "undetermined"  # the reply
    for pair in (("narrow", "wide"), ("wide", "last"), ("last", "wide")):
        assert nestlab.trace(topology, *pair).status == "reachable"


def test_a_matrix_tells_the_broadcast_address_from_its_neighbors():
    topology = nestlab.loads(MASKS)
    names = ["narrow", "wide", "last"]
    found = matrix(topology)
    for source, target in permutations(names, 2):
        status = nestlab.trace(topology, source, target).status
        assert found.result(source, target).status == status
