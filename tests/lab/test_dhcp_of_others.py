"""A DHCP scope of a lab that VMs of others may use: it stays, and is said."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import StepStarted
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

LAB = r"""
name: one
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: L1, switch_type: Internal, ip_address: 10.3.0.1/24, dhcp: {range: 10.3.0.50-10.3.0.99}}]
vms: [{name: a, network_adapters: [{switch: L1, ip_address: 10.3.0.11/24}]}]
"""
WITHOUT = LAB.replace(", dhcp: {range: 10.3.0.50-10.3.0.99}", "")
USED = "kept: it may serve VM guest on switch L1; `--disconnect-others` removes it anyway"


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect("sim:ws2022-intel")


def applied(host, text, **options):
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert all(result.ok for result in lab.apply(lab.plan(**options)))
    return lab


def add_guest(host):
    host.run(Cmdlet("New-VM", {"Name": "guest", "NoVHD": True, "SwitchName": "L1"}))
    host.run(Cmdlet("Set-VM", {"Name": "guest", "Notes": "theirs"}))


def scopes(host):
    return [record["Name"] for record in host.run(Cmdlet("Get-DhcpServerv4Scope")).records]


def test_a_plan_for_a_file_without_it_keeps_it_and_lists_it(host):
    applied(host, LAB)
    add_guest(host)
    changed = nestlab.Lab(nestlab.loads(WITHOUT), host)
    for options in ({}, {"prune": True}):
        plan = changed.plan(**options)
        assert [*plan.steps] == []
        (left,) = plan.remainder
        assert left.subject == "DHCP scope nestlab.one.L1"
        assert left.holds == ("10.3.0.50 to 10.3.0.99", USED)
    applied(host, WITHOUT, prune=True)
    assert scopes(host) == ["nestlab.one.L1"]
    assert [each.code for each in nestlab.drift(changed.topology, host)] == ["left-over"]


def test_with_consent_a_plan_takes_it_from_others_as_a_hazard(host, tmp_path):
    applied(host, LAB)
    add_guest(host)
    changed = nestlab.Lab(nestlab.loads(WITHOUT), host)
    plan = changed.plan(disconnect_others=True)
    (step,) = plan.steps
    assert (step.action, step.hazard) == ("remove-scope", "may-cut-connection")
    assert step.why == "the file declares no DHCP for it; it may serve VM guest, too"
    plan.save(tmp_path / "plan.json")
    assert all(result.ok for result in changed.apply(nestlab.load_plan(tmp_path / "plan.json")))
    assert scopes(host) == []
    assert list(nestlab.drift(changed.topology, host)) == []


OTHER_RANGE = LAB.replace("10.3.0.50-10.3.0.99", "10.3.0.60-10.3.0.70")


def test_a_plan_for_another_range_is_refused(host):
    applied(host, LAB)
    add_guest(host)
    changed = nestlab.Lab(nestlab.loads(OTHER_RANGE), host)
    with pytest.raises(PlanRefused) as refused:
        changed.plan()
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("dhcp-scope-in-use", "switch L1")
    assert finding.message == (
        "its DHCP scope nestlab.one.L1 would change to 10.3.0.60 to 10.3.0.70, without its leases; "
        "it may serve VM guest, too"
    )
    assert "`--disconnect-others`" in finding.hint
    assert [each.code for each in nestlab.drift(changed.topology, host)] == ["dhcp-scope-in-use"]


def test_with_consent_the_range_is_changed_as_a_hazard(host, tmp_path):
    applied(host, LAB)
    add_guest(host)
    changed = nestlab.Lab(nestlab.loads(OTHER_RANGE), host)
    plan = changed.plan(disconnect_others=True)
    (step,) = plan.steps
    assert (step.action, step.hazard) == ("serve-addresses", "may-cut-connection")
    assert step.why == "its scope is 10.3.0.50 to 10.3.0.99; it may serve VM guest, too"
    plan.save(tmp_path / "plan.json")
    assert all(result.ok for result in changed.apply(nestlab.load_plan(tmp_path / "plan.json")))
    assert list(nestlab.drift(changed.topology, host)) == []


def test_without_others_the_range_is_changed_and_no_hazard(host):
    applied(host, LAB)
    (step,) = nestlab.Lab(nestlab.loads(OTHER_RANGE), host).plan().steps
    assert (step.action, step.hazard) == ("serve-addresses", "none")


def test_without_others_it_is_removed_and_no_hazard(host):
    applied(host, LAB)
    (step,) = nestlab.Lab(nestlab.loads(WITHOUT), host).plan().steps
    assert (step.action, step.hazard) == ("remove-scope", "none")
    applied(host, WITHOUT)
    assert scopes(host) == []


def test_a_vm_that_came_since_the_plan_was_made_keeps_it(host):
    applied(host, LAB)
    plan = nestlab.Lab(nestlab.loads(WITHOUT), host).plan()
    changed = nestlab.Lab(nestlab.loads(WITHOUT), host)
    results = [
        *changed.apply(plan, on_event=lambda e: add_guest(host) if type(e) is StepStarted else None)
    ]
    assert [result.message for result in results] == [f"Not done: {USED}"]
    assert scopes(host) == ["nestlab.one.L1"]


def test_undo_of_the_run_that_added_it_keeps_it_and_says_so(host, tmp_path):
    applied(host, WITHOUT)
    lab = nestlab.Lab(nestlab.loads(LAB), host, tmp_path / "dhcp.jsonl")
    assert all(result.ok for result in lab.apply())
    add_guest(host)
    texts = [result.message for result in nestlab.undo(host, tmp_path / "dhcp.jsonl")]
    assert texts == [USED, "kept: it serves the DHCP scope nestlab.one.L1"]
    assert scopes(host) == ["nestlab.one.L1"]
    undone = nestlab.undo(host, tmp_path / "dhcp.jsonl", disconnect_others=True)
    assert [result.status for result in undone] == ["done", "done"]


def test_destroy_with_consent_removes_it_with_its_switch_as_a_hazard(host):
    lab = applied(host, LAB)
    add_guest(host)
    (kept,) = (each for each in lab.plan_destroy().unchanged if "scope" in each.subject)
    assert kept.why == "kept: it serves the switch L1, which is kept"
    plan = lab.plan_destroy(disconnect_others=True)
    (step,) = (each for each in plan if each.action == "remove-scope")
    assert step.hazard == "may-cut-connection"
    assert all(result.ok for result in lab.destroy(plan, disconnect_others=True))
    assert scopes(host) == []


def test_undo_keeps_the_role_that_serves_a_scope_of_others(host):
    lab = applied(host, LAB)
    theirs = {"Name": "theirs", "StartRange": "10.8.0.50", "EndRange": "10.8.0.99"}
    mask = {"SubnetMask": "255.255.255.0"}
    host.run(Cmdlet("Add-DhcpServerv4Scope", {**theirs, **mask}))
    texts = [result.message for result in lab.undo()]
    assert "kept: it serves the DHCP scope theirs" in texts
    assert scopes(host) == ["theirs"]


def test_undo_goes_on_where_the_role_was_removed_by_hand(host):
    lab = applied(host, LAB)
    host.run(Cmdlet("Uninstall-WindowsFeature", {"Name": "DHCP"}))
    assert all(result.ok for result in lab.undo())
