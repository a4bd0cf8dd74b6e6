"""What a machine gave itself for want of DHCP: `verify` and `drift` say the same of it."""

from __future__ import annotations

import pytest

import nestlab

GUEST = "guest: {os: windows, credential: lab-admin}"
FILE = rf"""
name: lab
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows}}}}
defaults: {{vm: {{memory_startup: 1GB, disk: {{image: ws2022}}}}, network_adapter: {{name: Ethernet}}}}
switches:
  - {{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}}
  - {{name: B, switch_type: Private}}
vms:
  - {{name: asks, {GUEST}, network_adapters: [{{switch: A, dhcp: true}}]}}
  - {{name: asks-too, {GUEST}, network_adapters: [{{switch: A, dhcp: true}}]}}
  - {{name: elsewhere, {GUEST}, network_adapters: [{{switch: B, dhcp: true}}]}}
  - {{name: static, {GUEST}, network_adapters: [{{switch: A, ip_address: 10.5.0.9/24}}]}}
  - {{name: unseen, guest: {{os: windows}}, network_adapters: [{{switch: A, dhcp: true}}]}}
checks:
  - {{from: asks, to: host, expect: unreachable}}
  - {{from: host, to: asks, expect: unreachable}}
  - {{from: static, to: asks, expect: unreachable}}
  - {{from: asks, to: elsewhere, expect: unreachable}}
  - {{from: asks, to: asks-too, expect: unreachable}}
  - {{from: host, to: unseen, expect: unreachable}}
"""
SAME_WORDS = "which it gave itself: no DHCP server gave it one"


@pytest.fixture(scope="module")
def lab():
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in built.apply())
    return built


@pytest.fixture(scope="module")
def results(lab):
    return {(each.check.source, each.check.target): each for each in lab.verify().results}


def own_address(lab, vm):
    """The address of 169.254.0.0/16 that drift names."""
    (found,) = (each for each in nestlab.drift(lab.topology, lab.host) if f" {vm}/" in each.subject)
    assert SAME_WORDS.replace("it gave", "its guest gave") in found.message
    return found.message.partition(", and has ")[2].partition(",")[0]


@pytest.mark.parametrize(
    ("source", "target", "who"),
    [
        ("asks", "host", "asks"),
        ("host", "asks", "asks"),
        ("static", "asks", "asks"),
        ("asks", "elsewhere", "elsewhere"),
    ],
)
def test_verify_names_the_address_that_drift_names(lab, results, source, target, who):
    found = results[source, target]
    assert found.status == "unreachable"
    assert found.explanation == f"{who} has {own_address(lab, who)} on Ethernet, {SAME_WORDS}."


def test_two_machines_with_such_addresses_on_one_network_may_reach_each_other(results):
    found = results["asks", "asks-too"]
    assert (found.status, found.passed) == ("undetermined", False)
    assert "may reach each other by the addresses that they gave themselves" in found.explanation


def test_of_a_guest_that_was_not_looked_into_it_is_what_hyper_v_reports(lab, results):
    found = results["host", "unseen"]
    assert (found.status, found.passed) == ("undetermined", False)
    assert f"unseen has {own_address(lab, 'unseen')} on Ethernet, {SAME_WORDS}." in (
        found.explanation
    )
    assert "not known whether it has another address" in found.explanation
