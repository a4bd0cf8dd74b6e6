"""Forwarding of a machine whose file uses a switch of others: its adapter there is left alone.

Windows forwards between two adapters where both have Forwarding enabled
(https://learn.microsoft.com/powershell/module/nettcpip/set-netipinterface).
"""

from __future__ import annotations

import json

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet
from nestlab.reachability import trace

SCENARIO = {
    "description": "A host with a switch of others",
    "based_on": "ws2022-intel",
    "switches": [{"name": "Plain", "switch_type": "Internal", "ip_address": "10.66.0.1/24"}],
}
FILE = r"""
name: lab
forwarding: true
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Plain, existing: true}, {name: Own, switch_type: Internal, ip_address: 10.77.5.1/24}]
vms:
  - {name: b, network_adapters: [{switch: Plain, ip_address: 10.66.0.7/24, gateway: 10.66.0.1, dns_servers: [1.1.1.1]}]}
  - {name: c, network_adapters: [{switch: Own, ip_address: 10.77.5.7/24, gateway: 10.77.5.1, dns_servers: [1.1.1.1]}]}
checks: [{from: b, to: c}, {from: c, to: b}]
"""
ON = Cmdlet(
    "Set-NetIPInterface",
    {"InterfaceAlias": "vEthernet (Plain)", "AddressFamily": "IPv4", "Forwarding": "Enabled"},
)


@pytest.fixture
def lab(tmp_path):
    path = tmp_path / "scenario.json"
    path.write_text(json.dumps(SCENARIO), encoding="utf-8")
    return nestlab.Lab(nestlab.loads(FILE), nestlab.connect(f"sim:{path}"))


def answers(lab):
    """Return what a trace of the file over the observed switches says, and real pings."""
    traced = lab.with_observed_switches()
    return [
        *(str(trace(traced, *pair).status) for pair in (("b", "c"), ("c", "b"))),
        *(result.status for result in lab.verify()),
    ]


def test_what_is_not_set_is_said_and_traced_as_it_is(lab):
    with pytest.raises(PlanRefused) as refused:  # the checks cannot hold
        lab.plan()
    assert {each.code for each in refused.value.findings} == {"check-contradicted"}
    without = nestlab.Lab(nestlab.loads(FILE.replace("checks:", "x-checks:")), lab.host)
    assert all(result.ok for result in without.apply())
    assert answers(lab) == ["unreachable"] * 4
    (item,) = without.plan().out_of_reach
    assert (item.values, item.why) == (
        ("forwarding on vEthernet (Plain)",),
        "the switch Plain is an existing one, whose adapter nestlab leaves as it is",
    )
    assert [each.code for each in nestlab.drift(without.topology, lab.host)] == ["drift"]


def test_once_it_forwards_the_file_matches(lab):
    lab.host.run(ON)
    assert all(result.ok for result in lab.apply())
    assert answers(lab) == ["reachable"] * 4
    assert lab.plan().out_of_reach == ()
    assert list(nestlab.drift(lab.topology, lab.host)) == []


def test_a_capture_forwards_although_the_switch_of_others_does_not(lab):
    without_checks = nestlab.Lab(nestlab.loads(FILE.partition("checks:")[0]), lab.host)
    assert all(result.ok for result in without_checks.apply())
    captured = nestlab.capture(lab.host, of_topology="lab")
    assert captured.forwarding
    assert nestlab.Lab(captured, lab.host).plan().is_empty
