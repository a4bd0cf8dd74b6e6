"""What is left of a run, how long it waits, and what Destroy would remove, as the plan panel says it."""

import re
from pathlib import Path

import pytest

import nestlab
from nestlab.apply import Journal, Waiting, WaitRecord
from nestlab.lab.expected_run import expected_run
from nestlab.model import Cmdlet
from nestlab.notebook import NestingPanel, PlanPanel

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"


@pytest.fixture
def host():
    return nestlab.connect("sim:ws2022-intel")


@pytest.fixture
def lab(host, tmp_path):
    return nestlab.Lab(
        nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "nat-lab.jsonl"
    )


@pytest.fixture
def panel(lab):
    made = PlanPanel(lab)
    assert made.job.join(60)
    return made


def press(button, panel):
    button.click()
    assert panel.job.join(60)


def lines(html):
    return [re.sub("<[^>]+>", "", line) for line in re.findall("<li[^>]*>(.*?)</li>", html)]


def test_what_is_left_is_a_tree_of_machines_with_those_that_are_planned_later(panel):
    assert "About 37 steps left" in panel.tree.value
    assert lines(panel.tree.value) == [
        "host: 10 steps",
        "HV1: about 19 steps, planned when it answers",
        "db1: about 4 steps, planned when it answers",
        "web1: about 4 steps, planned when it answers",
    ]
    assert panel.tree.value in panel.tree.value + panel.snapshot()
    assert panel.status.text == "10 steps to apply."
    assert panel.status.hint.endswith("About 27 more steps.")


def test_the_number_that_was_expected_is_the_number_that_is_applied(panel, lab):
    expected = 37
    for _ in range(100):
        if panel.buttons.next_step.disabled:
            break
        press(panel.buttons.next_step, panel)
        done = sum(result.ok for result in panel.results)
        if panel.plan.deferred:
            assert panel.status.text == f"{done} of about {expected} steps applied."
    assert panel.status.state == "done"
    assert sum(result.ok for result in panel.results) == expected
    assert panel.tree.value == ""
    assert lab.plan().is_empty


def test_after_a_cancel_it_says_what_is_left_also_where_all_of_it_is_planned_later(panel):
    finished = panel._progress.finished

    def stop_after(result):
        finished(result)
        if len(panel.results) == 10:
            panel.cancel()

    panel._progress.finished = stop_after
    press(panel.buttons.apply, panel)
    assert panel.status.state == "cancelled"
    assert panel.status.text == "Stopped. No later step was run. 10 of about 37 steps applied."
    assert "HV1: about 19 steps, planned when it answers" in lines(panel.tree.value)


def waits(panel):
    """Return what the status line said during each wait: text, hint, value and total."""
    said = []
    shown = panel.status.show

    def show(state, text, hint="", **numbers):
        if text.startswith("Waiting"):
            said.append((text, hint, numbers["value"], numbers["total"]))
        shown(state, text, hint, **numbers)

    panel.status.show = show
    return said


def test_a_wait_says_how_long_the_simulated_host_needs_and_how_many_steps_are_done(panel):
    said = waits(panel)
    press(panel.buttons.apply, panel)
    text, hint, value, total = said[2]
    assert (text, value, total) == ("Waiting for HV1", 10, 45)
    assert hint == "10 s of about 45 s. 10 of about 37 steps done."
    assert not any("1200" in hint for _, hint, _, _ in said)


def test_a_wait_is_expected_to_take_as_long_as_in_the_earlier_run(lab, panel):
    press(panel.buttons.apply, panel)
    recorded = [
        (record.kind, record.name, record.seconds)
        for record in Journal(panel.lab.journal).records()
        if isinstance(record, WaitRecord)
    ]
    assert recorded[0] == ("answer", "HV1", 45.0)
    expected = expected_run(lab)
    assert expected.seconds("answer", {"HV1": 0}) == 45
    assert expected.seconds("answer", {"HV1": 1}) == recorded[1][2]
    assert expected.seconds("answer", {"HV1": 0, "never-waited-for": 0}) is None


def test_where_no_earlier_run_is_known_the_bar_shows_no_share(panel, monkeypatch):
    panel._expected = nestlab.lab.expected_run.ExpectedRun(panel._expected.steps)
    said = waits(panel)
    press(panel.buttons.apply, panel)
    _, hint, value, total = said[2]
    assert (value, total) == (0, 0)
    assert hint.startswith("10 s so far. How long it takes is not known from an earlier run")


def test_a_run_that_is_cancelled_in_a_wait_records_no_duration(lab):
    events = []
    cancel = __import__("threading").Event()

    def on_event(event):
        events.append(event)
        if isinstance(event, Waiting) and event.seconds >= 10:
            cancel.set()

    with pytest.raises(nestlab.Cancelled):
        list(lab.apply(cancel=cancel, on_event=on_event))
    assert not any(isinstance(each, WaitRecord) for each in Journal(lab.journal).records())


def test_destroy_is_off_where_there_is_nothing_and_lists_what_it_removes(panel):
    assert panel.buttons.destroy.disabled
    press(panel.buttons.next_step, panel)
    assert not panel.buttons.destroy.disabled
    panel.buttons.destroy.click()
    assert lines(panel.destroy_question.question.value) == ["1 virtual switch: LabNet"]
    press(panel.buttons.apply, panel)
    panel.buttons.destroy.click()
    assert lines(panel.destroy_question.question.value) == [
        "1 VM: HV1",
        "1 disk: nestlab.nat-lab.HV1.vhdx",
        "1 virtual switch: LabNet",
        "1 NAT: nestlab.nat-lab.LabNet",
    ]
    press(panel.destroy_question.yes_button, panel)
    assert panel.status.state == "done"
    assert panel.buttons.destroy.disabled


def test_objects_of_an_earlier_kernel_are_listed_too(lab, tmp_path):
    list(lab.apply())
    again = PlanPanel(nestlab.Lab(lab.topology, lab.host, journal=tmp_path / "other.jsonl"))
    assert again.job.join(60)
    again.buttons.destroy.click()
    assert "1 VM: HV1" in lines(again.destroy_question.question.value)


def test_one_button_is_prominent(panel):
    styles = [button.button_style for button in panel.buttons]
    assert styles == ["primary", "", "", "", "", "", ""]


def test_why_a_guest_does_not_shut_down_is_said_while_the_panel_waits():
    host = nestlab.connect("sim:ws2022-intel")
    host.run(Cmdlet("Disable-VMIntegrationService", {"VMName": "build-agent", "Name": "Shutdown"}))
    panel = NestingPanel(host)
    panel.vms.selected = ["build-agent"]
    said = []
    panel.status.observe(lambda change: said.append(change["new"]), "hint")
    press(panel.apply_button, panel)
    first = next(hint for hint in said if "0 s so far" in hint)
    assert "integration service" in first
