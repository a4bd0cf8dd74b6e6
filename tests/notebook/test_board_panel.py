"""The trainer's board as a panel, without a browser: each button does what it says, at one seat."""

from __future__ import annotations

import json
import time

import pytest

from nestlab import workshop
from nestlab.errors import HostUnreachable, UsageError
from nestlab.html import unbroken
from nestlab.notebook import BoardPanel, StagePanel
from nestlab.workshop import LearnerStage, WorkshopRun
from nestlab.workshop.stage_progress import StageProgress, progress_path
from tests.notebook.test_stage_panel import CLASS
from tests.workshop.classes import SMALL_LAB, written
from tests.workshop.test_faults import OneHost


@pytest.fixture
def one():
    return OneHost()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, CLASS, SMALL_LAB))


@pytest.fixture
def panel(course, one):
    panel = BoardPanel(course, connect=one.connect, refresh_seconds=0)
    yield panel
    panel.close()


def press(panel, button):
    assert not button.disabled
    button.click()
    if panel.job is not None:
        assert panel.job.join(120)


def learner(course, one, seat="ada"):
    return StagePanel(course, seat, connect=one.connect)


def test_what_learners_do_is_on_the_board(panel, course, one):
    assert "No seat has begun." in panel.table.value
    ada, bob = learner(course, one), learner(course, one, "bob")
    press(ada, ada.solve_button)
    ada.stages.value = "all"
    press(ada, ada.check_button)
    press(bob, bob.check_button)
    press(panel, panel.refresh_button)
    seat = panel.board.seat("ada")
    assert (seat.current, seat.at.record.failed) == ("all", 1)
    assert "✓ done" in panel.table.value
    assert "No seat is stuck" in panel.table.value
    assert panel.board.seat("bob").current == "switch"


def test_a_seat_is_looked_at_and_helped_without_a_trace_in_its_progress(panel, course, one):
    ada = learner(course, one)
    press(ada, ada.check_button)
    panel.refresh()
    before = progress_path(course.seat("ada")).read_bytes()
    press(panel, panel.look_button)
    assert panel.status.text == "ada: the stage switch is not done yet."
    assert "The switch does not exist" in panel.result.value
    assert f"{unbroken('● at it,')} {unbroken('1 try')}" in panel.result.value
    press(panel, panel.help_button)
    assert "An Internal one." in panel.result.value
    assert "New-VMSwitch" in panel.result.value
    assert progress_path(course.seat("ada")).read_bytes() == before
    panel.seats.value = "bob"
    assert panel.result.value == ""


def test_a_seat_is_reset_after_a_question_and_no_other_is_touched(panel, course, one):
    list(WorkshopRun(course, one.connect).up())
    for name in ("ada", "bob"):
        progress = StageProgress(course.seat(name))
        for stage in course.stages[:2]:
            progress.mark_check(stage, passed=True)
    bob = one.of_seat("bob"), progress_path(course.seat("bob")).read_bytes()
    panel.refresh()
    panel.stages.value = "all"
    panel.reset_button.click()
    panel.stages.value = "switch"
    assert panel.confirm_reset.layout.display == "none", "another stage is to be asked about again"
    panel.reset_button.click()
    assert panel.confirm_reset.layout.display == ""
    assert "the seat ada" in panel.confirm_reset.question.value
    assert LearnerStage(course, "ada", "all", one.connect).check().passed
    press(panel, panel.confirm_reset.yes_button)
    assert (panel.status.state, panel.status.text) == ("done", "ada was reset.")
    assert LearnerStage(course, "ada", "switch", one.connect).check().passed
    assert not LearnerStage(course, "ada", "all", one.connect).check(wait=0).passed
    assert not panel.board.seat("ada").has_begun
    assert (one.of_seat("bob"), progress_path(course.seat("bob")).read_bytes()) == bob


def test_an_open_panel_of_the_learner_shows_a_reset(panel, course, one):
    ada = learner(course, one)
    press(ada, ada.solve_button)
    ada.stages.value = "all"
    panel.reset_button.click()
    press(panel, panel.confirm_reset.yes_button)
    ada.stages.value = "switch"
    press(ada, ada.hint_button)
    assert not ada.progress.record(course.stages[1]).done


def test_the_page_and_the_times_are_written(panel, course, one, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ada = learner(course, one)
    press(ada, ada.solve_button)
    panel.refresh()
    press(panel, panel.page_button)
    assert "✓ done" in (tmp_path / "steps-board.html").read_text(encoding="utf-8")
    press(panel, panel.times_button)
    assert "ada," in (tmp_path / "steps-times.csv").read_text(encoding="utf-8")
    assert panel.status.state == "done"
    (tmp_path / "steps-times.csv").unlink()
    (tmp_path / "steps-times.csv").mkdir()
    press(panel, panel.times_button)
    assert panel.status.state == "failed"


def test_it_is_read_again_by_itself_until_it_is_closed(course, one):
    panel = BoardPanel(course, connect=one.connect, refresh_seconds=0.05)
    StageProgress(course.seat("ada")).mark_opened(course.stages[0])
    end = time.monotonic() + 20
    while "at it" not in panel.table.value and time.monotonic() < end:
        time.sleep(0.02)
    assert "at it" in panel.table.value
    panel.close()
    time.sleep(0.2)
    shown = panel.board
    time.sleep(0.3)
    assert panel.board is shown


def test_a_host_that_does_not_answer_is_said_and_the_board_stays(course):
    def connect(address):
        message = f"{address} does not answer"
        raise HostUnreachable(address, message)

    panel = BoardPanel(course, connect=connect, refresh_seconds=0)
    StageProgress(course.seat("bob")).mark_check(course.stages[0], passed=True)
    for button in (panel.look_button, panel.help_button):
        press(panel, button)
        assert panel.status.state == "failed"
        assert "does not answer" in panel.status.text
    panel.reset_button.click()
    press(panel, panel.confirm_reset.yes_button)
    assert panel.status.state == "failed"
    assert "✓ done" in panel.snapshot()


def test_what_it_cannot_show_is_refused(tmp_path):
    with pytest.raises(UsageError, match="BoardPanel needs a workshop"):
        BoardPanel(3)
    text = CLASS.partition("stages:")[0]
    with pytest.raises(UsageError, match="has no stages"):
        BoardPanel(written(tmp_path, text, SMALL_LAB))


def test_it_shows_a_class_of_thirty_in_a_moment(tmp_path):
    text = CLASS.replace("count: 2,", "count: 30,").replace("[ada, bob]", "[ada]")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    for seat in course.all_seats:
        path = progress_path(seat)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"stages": {"switch": {"failed": 2}}}), encoding="utf-8")
    workshop.board(course)
    began = time.process_time()
    found = workshop.board(course)
    assert len(found.seats) == 30
    assert time.process_time() - began < 0.5
