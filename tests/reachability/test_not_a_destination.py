"""Addresses that no default route leads to are not reachable."""

from pathlib import Path

import pytest

import nestlab

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
