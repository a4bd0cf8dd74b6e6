"""The panels about a host and its VMs: two hosts side by side, several VMs at once, consent, the pictures."""

import itertools
from xml.etree import ElementTree as ET

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import CapabilityPanel, NestingPanel
from nestlab.notebook.extension_pictures import extension_pictures
from nestlab.observe import observe
from nestlab.simulator.scenarios import scenario_names
from tests.lab.test_inner_power import LAB, built, states


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Journals go into the test's own folder."""
    monkeypatch.chdir(tmp_path)


def finish(panel):
    assert panel.job.join(60)


def test_two_hosts_stand_side_by_side_and_alone_again():
    panel = CapabilityPanel(nestlab.connect())
    panel.address.value = "sim:ws2019-amd"
    panel.compare_button.click()
    finish(panel)
    assert [report["verdict"]["code"] for report in panel.report.reports] == [
        "can-nest",
        "cannot-nest",
    ]
    assert [group["name"] for group in panel.report.reports[0]["groups"]] == [
        group["name"] for group in panel.report.reports[1]["groups"]
    ]
    panel.remove_comparison_button.click()
    assert len(panel.report.reports) == 1


def test_an_unknown_host_is_named_in_the_status():
    panel = CapabilityPanel(nestlab.connect())
    panel.address.value = "sim:nowhere"
    panel.compare_button.click()
    finish(panel)
    assert panel.status.state == "failed"
    assert len(panel.report.reports) == 1


def test_the_what_if_follows_its_fields():
    panel = CapabilityPanel(nestlab.connect())
    panel.memory.value = 16
    assert "3 nested hosts with 16 GB fit" in panel.capacity.value
    panel.inside.value = 20
    assert "too little for 20" in panel.capacity.value


def test_several_vms_are_changed_at_once_and_undone():
    host = nestlab.connect()
    panel = NestingPanel(host)
    panel.vms.selected = ["dc-archive", "sql-test"]
    panel.options.memory.value = 8
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert {row["name"] for row in panel.vms.rows if row["exposed"]} == {"dc-archive", "sql-test"}
    panel.undo_button.click()
    finish(panel)
    assert not any(row["exposed"] for row in panel.vms.rows)


def test_a_saved_vm_asks_for_consent():
    panel = NestingPanel(nestlab.connect("sim:old-vms"))
    panel.vms.selected = ["saved-8"]
    assert "saved-8 is saved" in panel.status.text
    panel.options.discard_saved.value = True
    assert next(step["hazard"] for step in panel.steps.steps) == "deletes-data"


def test_what_would_not_start_is_refused_with_the_finding():
    panel = NestingPanel(nestlab.connect("sim:ws2019-amd"))
    panel.vms.selected = ["dc-archive"]
    assert panel.apply_button.disabled
    assert "nested virtualization on AMD needs" in panel.refused.value


@pytest.mark.parametrize("name", scenario_names())
def test_the_pictures_are_well_formed_and_show_this_machine(name):
    state = observe(nestlab.connect(f"sim:{name}"))
    text = extension_pictures(state, ["dc-archive"])
    root = ET.fromstring(text)  # noqa: S314  # our own text
    assert len(root.findall("{http://www.w3.org/2000/svg}svg")) == 2
    assert state.computer.name in text


def test_the_pictures_show_who_has_the_extensions(tmp_path):
    host = nestlab.connect()
    before = extension_pictures(observe(host))
    assert "Not exposed to any VM on HV01 yet." in before
    assert "planned" in extension_pictures(observe(host), ["dc-archive"])
    nestlab.enable_nesting(host, "dc-archive", journal=tmp_path / "j.jsonl")
    assert "dc-archive can run a hypervisor" in extension_pictures(observe(host))


def test_a_long_description_of_a_picture_has_two_lines():
    names = ["a-vm-with-a-long-name", "another-vm-with-a-long-name", "a-third-vm-with-one"]
    vms = ", ".join(f"{{name: {name}, expose_virtualization_extensions: true}}" for name in names)
    host = nestlab.connect()
    built(host, f"name: lab\nvms: [{vms}]\n")
    text = extension_pictures(observe(host))
    described = f"{', '.join(names)} can run a hypervisor"
    assert f'aria-label="{described}"' in text
    root = ET.fromstring(text)  # noqa: S314  # our own text
    shown = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert described in [f"{one} {other}" for one, other in itertools.pairwise(shown)]


def test_a_host_whose_hyper_v_does_not_answer_has_no_pictures_of_its_vms():
    panel = CapabilityPanel(nestlab.connect("sim:no-role"))
    assert panel.pictures.value == ""
    assert "<svg" in CapabilityPanel(nestlab.connect()).pictures.value


def test_a_saved_notebook_shows_the_report_and_the_table():
    host = nestlab.connect()
    assert "HV01 can run nested hosts" in CapabilityPanel(host).snapshot()
    assert "sql-test" in NestingPanel(host).snapshot()


def test_a_host_without_hyper_v_is_told_from_one_without_vms():
    panel = NestingPanel(nestlab.connect("sim:no-role"))
    assert "Hyper-V does not answer on sim:no-role." in panel.status.text
    assert panel.apply_button.disabled


@pytest.mark.parametrize(
    ("scenario", "name"), [("ws2019-amd", "build-agent"), ("busy-host", "web")]
)
def test_the_pictures_promise_nothing_that_is_refused(scenario, name):
    panel = NestingPanel(nestlab.connect(f"sim:{scenario}"))
    panel.vms.selected = [name]
    assert panel.apply_button.disabled
    assert "soon" not in panel.pictures.value


def test_vms_of_one_name_are_told_apart_and_cannot_be_chosen():
    panel = NestingPanel(nestlab.connect("sim:busy-host"))
    twins = [row for row in panel.vms.rows if row["name"] == "web"]
    assert len({row["id"] for row in twins}) == 2
    assert all("2 VMs are named web" in row["blocked"] for row in twins)
    assert not any(row["blocked"] or row["id"] for row in panel.vms.rows if row["name"] == "db")
    assert twins[0]["id"] in panel.snapshot()


def deaf_panel():
    host = nestlab.connect()
    host.run(Cmdlet("Disable-VMIntegrationService", {"VMName": "build-agent", "Name": "Shutdown"}))
    panel = NestingPanel(host)
    panel.vms.selected = ["build-agent"]
    panel.apply_button.click()
    finish(panel)
    return panel


def power(panel):
    return next(row["state"] for row in panel.vms.rows if row["name"] == "build-agent")


def test_a_guest_that_does_not_shut_down_is_asked_about_and_stays_on():
    panel = deaf_panel()
    assert panel.turn_off_question.layout.display == ""
    assert "build-agent" in panel.turn_off_question.question.value
    assert "The VM was not turned off" in panel.steps.notes["host:shut-down-vm:build-agent"]
    panel.turn_off_question.no_button.click()
    assert (panel.turn_off_question.layout.display, power(panel)) == ("none", "Running")


def test_a_guest_that_was_left_on_can_be_asked_again():
    panel = deaf_panel()
    assert panel.apply_button.disabled is False
    panel.turn_off_question.no_button.click()
    assert panel.status.text == "The VM was left running."
    panel.apply_button.click()
    finish(panel)
    assert panel.turn_off_question.layout.display == ""
    assert power(panel) == "Running"


def test_stopped_in_the_middle_or_undone_it_can_be_applied_again():
    panel = NestingPanel(nestlab.connect())
    panel.vms.selected = ["dc-archive", "sql-test"]
    panel.steps.observe(lambda _change: panel.cancel(), names="states")
    panel.apply_button.click()
    finish(panel)
    panel.steps.unobserve_all("states")
    assert (panel.status.state, panel.apply_button.disabled) == ("cancelled", False)
    for _ in range(2):
        panel.apply_button.click()
        finish(panel)
        assert (panel.status.state, panel.apply_button.disabled) == ("done", True), (
            panel.status.text
        )
        assert set(panel.steps.states.values()) == {"done"}
        assert not any(step["title"].startswith("Undo") for step in panel.steps.steps)
        panel.undo_button.click()
        finish(panel)
        assert not panel.apply_button.disabled


def test_turned_off_by_consent_the_change_goes_on():
    panel = deaf_panel()
    panel.turn_off_question.yes_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert {row["name"] for row in panel.vms.rows if row["exposed"]} == {"build-agent"}


def test_undo_asks_about_a_guest_that_does_not_shut_down():
    panel = deaf_panel()
    panel.turn_off_question.yes_button.click()
    finish(panel)
    panel.undo_button.click()
    finish(panel)
    assert panel.status.state == "failed"
    assert panel.turn_off_question.layout.display == ""
    panel.turn_off_question.no_button.click()
    assert panel.status.hint == "Undo requests a shutdown again."
    panel.undo_button.click()
    finish(panel)
    panel.turn_off_question.yes_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert not any(row["exposed"] for row in panel.vms.rows)
    assert power(panel) == "Running"


def test_the_ticked_box_is_also_the_consent_of_undo():
    panel = deaf_panel()
    panel.options.turn_off.value = True
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    panel.undo_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert not any(row["exposed"] for row in panel.vms.rows)
    assert panel.turn_off_question.layout.display == "none"


def test_the_vm_that_blocks_the_others_is_named():
    panel = NestingPanel(nestlab.connect("sim:old-vms"))
    panel.options.discard_saved.value = True
    panel.vms.selected = [row["name"] for row in panel.vms.rows]
    assert "could not start legacy-2012 with" in panel.status.text
    assert panel.status.hint == "Deselect legacy-2012 to change the others."
    panel.vms.selected = ["legacy-2012"]
    assert "could not start legacy-2012 with" in panel.status.text
    assert not panel.status.hint


def test_what_is_done_is_not_applied_twice_and_what_is_undone_not_undone_twice():
    panel = NestingPanel(nestlab.connect())
    assert panel.undo_button.disabled
    panel.vms.selected = ["dc-archive"]
    panel.apply_button.click()
    finish(panel)
    assert (panel.apply_button.disabled, panel.undo_button.disabled) == (True, False)
    panel.undo_button.click()
    finish(panel)
    assert panel.undo_button.disabled


def test_a_failed_step_shows_cause_first_check_fix_and_source():
    host = nestlab.connect("sim:ws2022-intel?fault=deny:Set-VMProcessor:1")
    panel = NestingPanel(host)
    panel.vms.selected = ["dc-archive"]
    panel.apply_button.click()
    finish(panel)
    note = panel.steps.notes["host:expose-extensions:dc-archive"]
    assert all(part in note for part in ("First check: ", "Fix, on ", "Source: https://"))


def test_the_pictures_show_the_layer_below_a_host_that_is_a_vm():
    assert "Azure: az-lab01 is a VM there" in extension_pictures(
        observe(nestlab.connect("sim:azure-vm"))
    )
    assert "is a VM there" not in extension_pictures(observe(nestlab.connect()))


def test_the_pictures_say_why_nothing_can_be_handed_on():
    assert "Not on HV01: nested virtualization on AMD needs" in extension_pictures(
        observe(nestlab.connect("sim:ws2019-amd"))
    )
    without_role = extension_pictures(observe(nestlab.connect("sim:no-role")))
    assert "it is not known whether extensions can be exposed" in without_role
    assert "it is not known whether extensions are in use" in without_role


def test_with_the_guest_credential_vms_inside_are_named_and_run_again():
    host = nestlab.connect()
    built(host, LAB)
    before = states(host)
    panel = NestingPanel(host)
    panel.vms.selected = ["HV1"]
    panel.options.memory.value = 9
    assert "not known" in panel.snapshot()
    panel.options.credential.value = "lab-admin"
    assert "web (Running)" in panel.snapshot()
    panel.apply_button.click()
    finish(panel)
    assert states(host) == before


def test_the_picture_shows_no_hypervisor_in_a_vm_that_never_ran():
    host = nestlab.connect()
    host.run(
        Cmdlet(
            "Set-VMMemory",
            {"VMName": "sql-test", "DynamicMemoryEnabled": False, "StartupBytes": 4 << 30},
        )
    )
    host.run(
        Cmdlet("Set-VMProcessor", {"VMName": "sql-test", "ExposeVirtualizationExtensions": True})
    )
    picture = NestingPanel(host).pictures.value
    assert "own hypervisor" not in picture
    assert ">can nest<" in picture


def test_sentences_begin_with_a_capital_letter_and_names_stay_as_they_are():
    panel = CapabilityPanel(nestlab.connect("sim:no-role"))
    groups = panel.report.reports[0]["groups"]
    said = [each for group in groups for each in group["findings"] if each["subject"] == "host"]
    assert "The Hyper-V role is not installed" in [each["message"] for each in said]
    assert [each["message"] for each in said if each["message"][0].islower()] == []
    nesting = NestingPanel(nestlab.connect("sim:ws2022-intel"))
    nesting.vms.selected = ["sql-test", "build-agent"]
    reasons = [step["why"] for step in nesting.steps.steps]
    assert [why for why in reasons if why.startswith("It has 1GB to 8GB of dynamic memory")]
    assert [why for why in reasons if why[0].islower()] == [
        "build-agent is Running: its processor and memory can be changed only while it is Off"
    ]
