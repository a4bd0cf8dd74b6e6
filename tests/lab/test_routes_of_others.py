"""A route that others added on a switch of the lab, to a destination of the file: named before anything is done."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from tests.lab.beside_others import add_guest, applied, host_of, run

BARE = "name: one\nswitches: [{name: L1, switch_type: Internal, ip_address: 10.9.0.1/24}]\n"
ROUTE = BARE + "routes: [{to: 10.77.0.0/24, via: 10.9.0.9}]\n"
OTHER_HOP = ROUTE.replace("10.9.0.9", "10.9.0.8")
ADAPTER = {"InterfaceAlias": "vEthernet (L1)", "DestinationPrefix": "10.77.0.0/24"}
SAID = (
    "has a route to 10.77.0.0/24 via 10.9.0.{own}, and the host has one via 10.9.0.50 on "
    "vEthernet (L1), which no run of one added"
)
INSIDE = r"""
name: one
images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Nic, switch: Lan, ip_address: 10.7.0.2/24}]
    ROUTES
    nested:
      switches: [{name: L1, switch_type: Internal, ip_address: 10.9.0.1/24}]
      vms: [{name: web, memory_startup: 1GB, disk: {size: 10GB}}]
"""


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def add_route(host, hop="10.9.0.50"):
    """Add a route of others on the lab's switch."""
    run(host, "New-NetRoute", **ADAPTER, NextHop=hop)


def hops(host):
    return sorted(str(each["NextHop"]) for each in run(host, "Get-NetRoute", **ADAPTER))


def lab_of(host, text):
    return nestlab.Lab(nestlab.loads(text), host)


def conflict(lab, own):
    """The finding that refuses a plan; check, apply and drift say the same."""
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings.errors
    assert (finding.code, finding.severity) == ("route-conflict", "error")
    assert finding.message == SAID.format(own=own)
    assert "route-conflict" in lab.check().codes
    assert [item.code for item in nestlab.drift(lab.topology, lab.host)] == ["route-conflict"]
    with pytest.raises(PlanRefused):
        list(lab.apply())
    return finding


def test_a_new_route_beside_one_of_others_is_refused(host):
    applied(host, BARE)
    add_guest(host)
    add_route(host)
    finding = conflict(lab_of(host, ROUTE), own=9)
    assert finding.subject == "host"
    assert hops(host) == ["10.9.0.50"]


def test_a_route_via_another_next_hop_beside_one_of_others_is_refused(host):
    applied(host, ROUTE)
    add_guest(host)
    add_route(host)
    conflict(lab_of(host, OTHER_HOP), own=8)
    assert hops(host) == ["10.9.0.50", "10.9.0.9"]


def test_one_that_comes_beside_the_route_of_the_file_is_a_difference(host):
    lab = applied(host, ROUTE)
    add_guest(host)
    add_route(host)
    plan = lab.plan()
    assert (plan.is_empty, [item.code for item in plan.warnings]) == (True, ["route-conflict"])
    assert {item.code for item in nestlab.drift(lab.topology, host)} == {
        "route-conflict",
        "left-over",
    }


def test_with_consent_it_is_replaced(host):
    applied(host, BARE)
    add_guest(host)
    add_route(host)
    lab = applied(host, ROUTE, disconnect_others=True)
    assert hops(host) == ["10.9.0.9"]
    assert lab.plan().warnings == ()


def test_without_vms_of_others_it_is_replaced_and_named(host):
    applied(host, BARE)
    add_route(host)
    lab = lab_of(host, ROUTE)
    removal, addition = lab.plan()
    assert (removal.action, addition.action) == ("remove-route", "add-route")
    assert "no run of one made it" in removal.why
    assert "route-conflict" not in lab.check().codes
    assert all(result.ok for result in lab.apply())
    assert hops(host) == ["10.9.0.9"]


def test_a_route_of_an_earlier_run_is_replaced(host):
    applied(host, ROUTE)
    add_guest(host)
    lab = lab_of(host, OTHER_HOP)
    assert "route-conflict" not in lab.check().codes
    assert [step.action for step in lab.plan()] == ["remove-route", "add-route"]
    assert all(result.ok for result in lab.apply())
    assert hops(host) == ["10.9.0.8"]


def test_the_same_holds_on_a_switch_in_a_nested_host(host):
    applied(host, INSIDE.replace("    ROUTES\n", ""))
    inside = host.guest("HV1", "lab-admin")
    add_guest(inside)
    add_route(inside)
    text = INSIDE.replace("ROUTES", "routes: [{to: 10.77.0.0/24, via: 10.9.0.9}]")
    with pytest.raises(PlanRefused) as refused:
        lab_of(host, text).plan()
    (finding,) = refused.value.findings.errors
    assert (finding.code, finding.subject) == ("route-conflict", "HV1")
    assert "HV1 has one via 10.9.0.50 on vEthernet (L1)" in finding.message
    applied(host, text, disconnect_others=True)
    assert hops(inside) == ["10.9.0.9"]
