"""The ready workshop "From a bare host to a routed nested lab": every stage is reached by the cmdlets that the hints show."""

from __future__ import annotations

from pathlib import Path

import pytest

from nestlab import workshop
from nestlab.workshop import LearnerStage, WorkshopRun
from tests.workshop.faulty import mend
from tests.workshop.test_faults import OneHost, ended

FOLDER = Path(__file__).parents[2] / "notebooks"
COURSES = {
    language: workshop.load(FOLDER / folder / "workshops" / "bare-to-routed.yml")
    for language, folder in (("en", "."), ("es", "es"))
}
COURSE = COURSES["en"]
MOST_HINTS = 40


@pytest.fixture
def one():
    return OneHost()


def test_a_learner_reaches_each_stage_by_what_the_hints_show(one):
    for each in COURSE.stages:
        stage = LearnerStage(COURSE, "ada", each.name, one.connect)
        if each.fault:
            assert ended(stage.plant()) == ["done"]
        report = stage.check()
        assert not report.passed, each.name
        for _ in range(MOST_HINTS):
            mend(report, one.connect)
            report = stage.check()
            if report.passed:
                break
        assert report.passed, str(report)


def test_all_seats_are_built_and_a_stage_restored_and_solved_at_one(one):
    assert ended(WorkshopRun(COURSE, one.connect).up()) == ["done"] * 4
    stage = LearnerStage(COURSE, "grace", "hosts", one.connect)
    last = LearnerStage(COURSE, "grace", "inside", one.connect)
    assert last.check().passed
    assert ended(stage.restore()) == ["done"]
    assert stage.check().passed
    assert not last.check(wait=0).passed
    assert ended(last.solve()) == ["done"]
    assert last.check().passed


def test_both_languages_have_the_same_stages():
    english, spanish = (
        [(stage.name, stage.until, stage.checks, stage.fault) for stage in course.stages]
        for course in COURSES.values()
    )
    assert english == spanish
    assert COURSES["en"].base.vms == COURSES["es"].base.vms


@pytest.mark.parametrize("folder", [".", "es"])
def test_the_guide_of_the_trainer_names_every_stage_and_ninety_minutes(folder):
    guide = (FOLDER / folder / "workshops" / "bare-to-routed.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in guide.splitlines() if line.startswith("| `")]
    named = [row[0].strip().strip("`") for row in rows]
    assert named == [stage.name for stage in COURSE.stages]
    assert sum(int(row[1]) for row in rows) == 90
