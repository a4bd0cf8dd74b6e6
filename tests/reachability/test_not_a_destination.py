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


@pytest.mark.parametrize(
    ("address", "kind"),
    [("239.1.2.3", "multicast"), ("240.0.0.1", "reserved"), ("10.77.0.1", "private")],
)
def test_the_reason_names_the_kind_of_address(address, kind):
    # Before, a multicast address was called a private one.
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    drop = nestlab.trace(topology, "host", address).drop
    assert f"{kind} addresses are not routed on the internet" in drop.explanation
