"""The panel of a workshop's stages without a browser: each button does at the seat what it says."""

from __future__ import annotations

import pytest

from nestlab import workshop
from nestlab.errors import HostUnreachable, UsageError
from nestlab.notebook import StagePanel
from nestlab.workshop import LearnerStage
from tests.workshop.classes import SMALL_LAB, written
from tests.workshop.test_faults import HOST, OneHost

CLASS = f"""\
name: steps
topology: lab.yml
seats: {{count: 2, names: [ada, bob]}}
networks: 10.64.0.0/14
hosts: ['{HOST}']
stages:
  - {{name: switch, until: [switches], text: Create LabNet., hint: An Internal one.}}
  - {{name: all, until: [all], checks: [{{from: web1, to: internet}}]}}
  - {{name: find, until: [all], checks: [{{from: web1, to: internet}}], fault: {{kind: nat, at: LabNet}}, hint: Who translates?}}
"""


@pytest.fixture
def one():
    return OneHost()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, CLASS, SMALL_LAB))


@pytest.fixture
def panel(course, one, tmp_path):
    return StagePanel(course, "ADA", connect=one.connect, progress=tmp_path / "p.json")


def press(panel, button):
    assert not button.disabled
    button.click()
    assert panel.job.join(120)


def test_a_stage_is_checked_helped_with_and_solved(panel):
    assert panel.stages.value == "switch"
    assert "Create LabNet." in panel.task.value
    press(panel, panel.check_button)
    assert (panel.status.state, panel.report.passed) == ("warning", False)
    assert "The switch does not exist" in panel.result.value
    shown = []
    for _ in range(4):
        press(panel, panel.hint_button)
        shown.append(panel.result.value)
    assert "An Internal one." not in shown[0]
    assert "An Internal one." in shown[1]
    assert "New-VMSwitch" not in shown[1]
    assert "New-VMSwitch" in shown[2]
    assert shown[3] == shown[2]
    assert panel.hint_button.description == "Next hint"
    press(panel, panel.solve_button)
    assert panel.status.state == "done"
    assert panel.status.text == "ada: the stage switch is done."
    assert panel.status.hint == "Next: all"
    assert panel.stages.options[0][0] == "1. switch ✓"
    assert panel.hint_button.description == "Hint"


def test_progress_is_kept_over_a_new_kernel(panel, course, one, tmp_path):
    press(panel, panel.solve_button)
    panel.stages.value = "all"
    press(panel, panel.hint_button)
    again = StagePanel(course, "ada", connect=one.connect, progress=tmp_path / "p.json")
    assert again.stages.value == "all"
    assert again.hint_button.description == "Next hint"
    assert "✓" in again.snapshot()
    (tmp_path / "p.json").write_text("{", encoding="utf-8")
    assert (
        StagePanel(course, "ada", connect=one.connect, progress=tmp_path / "p.json").stages.value
        == "switch"
    )


def test_seats_and_workshops_keep_their_own_progress(course, one):
    first = StagePanel(course, "ada", connect=one.connect)
    press(first, first.solve_button)
    assert StagePanel(course, "ada", connect=one.connect).stages.value == "all"
    assert StagePanel(course, "bob", connect=one.connect).stages.value == "switch"


def test_restore_asks_first_and_takes_away_what_later_stages_have(panel, course, one):
    panel.stages.value = "all"
    press(panel, panel.solve_button)
    panel.stages.value = "switch"
    panel.restore_button.click()
    assert panel.confirm_restore.layout.display == ""
    assert LearnerStage(course, "ada", "all", one.connect).check().passed
    press(panel, panel.confirm_restore.yes_button)
    assert panel.confirm_restore.layout.display == "none"
    assert panel.report.passed
    assert not LearnerStage(course, "ada", "all", one.connect).check(wait=0).passed


def test_a_fault_is_planted_where_a_stage_has_one(panel):
    assert panel.plant_button.disabled
    panel.stages.value = "find"
    press(panel, panel.plant_button)
    assert (panel.status.state, panel.report.passed) == ("warning", False)
    press(panel, panel.hint_button)
    assert "not a router and has no NAT" in panel.result.value
    press(panel, panel.solve_button)
    assert panel.report.passed
    assert panel.stages.value == "find"
    assert panel.stages.options[2][0].endswith("✓")


def test_a_host_that_does_not_answer_is_said(course, tmp_path):

    def connect(address):
        message = f"{address} does not answer"
        raise HostUnreachable(address, message)

    panel = StagePanel(course, "ada", connect=connect, progress=tmp_path / "p.json")
    press(panel, panel.check_button)
    assert panel.status.state == "failed"
    assert "does not answer" in panel.status.text
    press(panel, panel.solve_button)
    assert panel.status.state == "failed"


def test_what_it_cannot_show_is_refused(course, tmp_path):
    with pytest.raises(UsageError, match="has no seat 'eve'"):
        StagePanel(course, "eve")
    with pytest.raises(UsageError, match="has no stage 'end'"):
        StagePanel(course, "ada", stage="end")
    assert StagePanel(course, "ada", stage="FIND").stages.value == "find"
    with pytest.raises(UsageError, match="needs a workshop"):
        StagePanel(3, "ada")
    text = CLASS.partition("stages:")[0]
    with pytest.raises(UsageError, match="has no stages"):
        StagePanel(written(tmp_path, text, SMALL_LAB), "ada")


def test_a_stage_that_was_removed_or_broken_is_not_shown_as_done(panel):
    for name in ("switch", "all", "find"):
        panel.stages.value = name
        press(panel, panel.solve_button)
    press(panel, panel.plant_button)
    assert done(panel) == ["switch", "all"]
    panel.stages.value = "switch"
    panel.restore_button.click()
    press(panel, panel.confirm_restore.yes_button)
    assert done(panel) == ["switch"]
    assert panel.status.hint == "Next: all"
    assert panel.stages.value == "switch"


def done(panel):
    return [name for shown, name in panel.stages.options if shown.endswith("✓")]
