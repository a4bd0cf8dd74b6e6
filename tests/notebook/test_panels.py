"""The panels without a browser: their buttons, pressed from Python, change the simulated host as they say."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import CapabilityPanel, ConnectPanel, NestingPanel, PlanPanel, TracePanel

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"


def finish(panel):
    assert panel.job.join(60)


def exposes(host, name):
    return next(iter(host.run(Cmdlet("Get-VMProcessor", {"VMName": name}))))["ExposeVirtualizationExtensions"]


@pytest.fixture
def host():
    return nestlab.connect("sim:ws2022-intel")


@pytest.fixture
def lab(host, tmp_path):
    return nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "nat-lab.jsonl")


def test_connecting_gives_a_session():
    panel = ConnectPanel()
    panel.connect_button.click()
    finish(panel)
    assert panel.host.host == "sim:ws2022-intel"
    assert panel.status.state == "done"


def test_before_connecting_the_panel_says_what_to_do():
    with pytest.raises(nestlab.NestlabError, match="Press Connect"):
        _ = ConnectPanel().host


def test_an_unknown_scenario_is_an_error_in_the_page_with_the_known_ones():
    panel = ConnectPanel("sim:ws2099")
    panel.connect_button.click()
    finish(panel)
    assert panel.status.state == "failed"
    assert "ws2022-intel" in panel.status.hint
    assert not panel.connect_button.disabled


def test_the_password_leaves_the_page_when_it_is_used():
    panel = ConnectPanel("sim:ws2022-intel")
    panel.password.value = "Wd-4711-geheim"
    panel.connect_button.click()
    finish(panel)
    assert panel.password.value == ""
    assert "geheim" not in repr(panel) + str(panel.snapshot()) + str(panel.get_state())


def test_the_capability_report_begins_with_the_verdict(host):
    panel = CapabilityPanel(host)
    assert panel.findings[0].code == "can-nest"
    assert "ws2022-intel" in panel.report.value
    panel.read_button.click()
    finish(panel)
    assert panel.status.state == "done"


def test_nesting_is_previewed_applied_and_undone(host):
    panel = NestingPanel(host)
    panel.vm.value = "dc-archive"
    assert any("ExposeVirtualizationExtensions $true" in text for step in panel.steps.steps for text in step["cmdlets"])
    assert not exposes(host, "dc-archive")
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert exposes(host, "dc-archive")
    assert "exposed" in panel.table.value
    panel.undo_button.click()
    finish(panel)
    assert not exposes(host, "dc-archive")
    assert panel.undo_button.disabled


def test_a_vm_that_exposes_nothing_has_nothing_to_hide(host):
    panel = NestingPanel(host)
    panel.direction.value = False
    assert panel.apply_button.disabled
    assert "Nothing to do" in panel.steps.empty


def test_steps_are_applied_one_at_a_time_then_all(lab):
    panel = PlanPanel(lab)
    first = panel.steps.steps[0]["id"]
    panel.next_button.click()
    finish(panel)
    assert panel.steps.states[first] == "done"
    assert len(panel.results) == 1
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert lab.plan().complete
    assert set(panel.steps.states.values()) == {"done"}


def test_verify_shows_every_check(lab):
    panel = PlanPanel(lab)
    panel.run_to_end()
    panel.verify_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert "web1" in panel.answer.value


def test_run_to_end_leaves_nothing_to_do_and_can_run_again(lab):
    panel = PlanPanel(lab)
    assert panel.run_to_end().complete
    assert panel.run_to_end().complete


def test_undo_brings_the_host_back(lab, host):
    before = {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))}
    panel = PlanPanel(lab)
    panel.run_to_end()
    panel.undo_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))} == before


def test_destroy_asks_first(lab, host):
    panel = PlanPanel(lab)
    panel.run_to_end()
    panel.destroy_button.click()
    assert panel.confirm.layout.display == ""
    assert any(vm["Name"] == "HV1" for vm in host.run(Cmdlet("Get-VM")))
    panel.confirm.yes_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert not any(vm["Name"] == "HV1" for vm in host.run(Cmdlet("Get-VM")))


def test_a_host_that_changed_meanwhile_is_planned_again(lab, host):
    panel = PlanPanel(lab)
    host.run(Cmdlet("New-VMSwitch", {"Name": "Surprise", "SwitchType": "Private"}))
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state in {"warning", "done"}
    panel.apply_button.click()
    finish(panel)
    assert lab.plan().complete


def test_the_walk_is_drawn_and_explained():
    panel = TracePanel(nestlab.load(TOPOLOGIES / "bridged-lab.yml"), "web1", "internet")
    assert panel.status.state == "done"
    assert "<svg" in panel.picture.value
    panel.target.value = "HV1"
    assert panel.trace.status == "reachable"
