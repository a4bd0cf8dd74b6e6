"""What is known of stages at a seat: durable, with several that write at the same time."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import FileNotWritten
from nestlab.workshop import LearnerStage, WorkshopRun
from nestlab.workshop.stage_progress import VARIABLE, StageProgress, progress_path
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written
from tests.workshop.test_faults import OneHost

ROOT = Path(__file__).parents[2]
FIND = """\
stages:
  - {name: switch, until: [switches], hint: A switch of type Internal.}
  - {name: all, until: [all], checks: [{from: web1, to: internet}]}
  - {name: find, until: [all], fault: {kind: nat, at: LabNet}, checks: [{from: web1, to: internet}]}
"""
CLASS = SMALL_CLASS.partition("stages:")[0].replace(", sim:ws2025-amd", "") + FIND
MANY = "".join(f"  - {{name: s{number}, until: [all]}}\n" for number in range(5))


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress"))
    return workshop.load(written(tmp_path, CLASS, SMALL_LAB))


@pytest.fixture
def one():
    return OneHost()


def done(results):
    return [str(result.status) for result in results]


def test_a_file_that_cannot_be_written_is_named(tmp_path, course):
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    path = tmp_path / "taken" / "progress"
    progress = StageProgress(course.seat("ada"), path)
    with pytest.raises(FileNotWritten, match="taken"):
        progress.mark_hints(course.stages[0], 1)


def test_a_file_that_cannot_be_read_is_kept_beside_the_new_one(course):
    progress = StageProgress(course.seat("ada"))
    progress.mark_check(course.stages[0], passed=True)
    progress.path.write_text("{", encoding="utf-8")
    again = StageProgress(course.seat("ada"))
    assert not again.is_readable
    assert not again.is_done(course.stages[0])
    again.mark_hints(course.stages[1], 2)
    assert (again.is_readable, again.hints(course.stages[1])) == (True, 2)
    progress.path.write_text("[", encoding="utf-8")
    again.mark_hints(course.stages[1], 3)
    kept = sorted(progress.path.parent.glob("*.unreadable"))
    assert [path.read_text(encoding="utf-8") for path in kept] == ["{", "["]


def test_a_file_that_is_refused_for_a_moment_is_not_replaced(course, monkeypatch):
    progress = StageProgress(course.seat("ada"))
    progress.mark_check(course.stages[0], passed=True)
    before, refusals = progress.path.read_bytes(), [3]

    def refusing(original):
        def opened(path, *arguments, **options):
            if Path(path).name == progress.path.name and refusals[0] > 0:
                refusals[0] -= 1
                raise PermissionError(13, "Permission denied")
            return original(path, *arguments, **options)

        return opened

    monkeypatch.setattr(Path, "read_text", refusing(Path.read_text))
    monkeypatch.setattr(os, "open", refusing(os.open))
    assert StageProgress(course.seat("ada")).is_done(course.stages[0])
    refusals[0] = 1000
    with pytest.raises(FileNotWritten, match="Permission denied"):
        progress.mark_hints(course.stages[1], 2)
    assert not StageProgress(course.seat("ada")).is_readable
    assert progress.path.read_bytes() == before
    assert not list(progress.path.parent.glob("*.unreadable"))
    refusals[0] = 0
    progress.mark_hints(course.stages[1], 2)
    assert progress.is_done(course.stages[0])


def test_the_trainer_finds_the_file_of_a_seat_in_the_folder_of_its_name(course, one):
    folder, find = Path(os.environ[VARIABLE]), course.stages[-1]
    seats = course.seat("ada"), course.seat("seat02")
    theirs = [progress_path(seat, folder / seat.name) for seat in seats]
    StageProgress(seats[0], theirs[0]).mark_check(course.stages[0], passed=True)
    theirs[1].parent.mkdir()
    assert done(WorkshopRun(course, one.connect, seats=["ada", "seat02"], stage=find).plant())
    for seat, path in zip(seats, theirs, strict=True):
        assert StageProgress(seat, path).is_planted(find)
    assert StageProgress(seats[0], theirs[0]).is_done(course.stages[0])
    assert not list(folder.glob("*.json"))


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes of files")
def test_another_account_can_open_the_lock(course):
    progress = StageProgress(course.seat("ada"))
    progress.mark_opened(course.stages[0])
    (lock,) = progress.path.parent.glob(".*.lock")
    assert lock.stat().st_mode & 0o066 == 0o066


def test_what_happens_at_a_stage_is_counted_and_dated(course):
    switch, *_ = course.stages
    progress = StageProgress(course.seat("ada"))
    assert progress.record(switch).opened is None
    progress.mark_opened(switch)
    progress.mark_check(switch, passed=False)
    progress.mark_check(switch, passed=False)
    progress.mark_hints(switch, 2)
    progress.mark_check(switch, passed=True)
    found = StageProgress(course.seat("ada")).record(switch)
    assert (found.failed, found.hints, found.helped, found.is_solved) == (2, 0, 2, False)
    assert found.opened <= found.passed == found.done <= found.seen
    progress.forget(*course.stages)
    again = StageProgress(course.seat("ada")).record(switch)
    assert (again.done, again.passed) == (None, found.passed)
    progress.mark_solved(switch)
    assert not progress.record(switch).is_solved, "the learner had it done before"


@pytest.mark.parametrize("stages", ["[]", "{}", '{"stages": []}', '{"stages": {"switch": 3}}'])
def test_data_of_another_shape_counts_as_unreadable(stages, course):
    path = progress_path(course.seat("ada"))
    path.parent.mkdir()
    path.write_text(stages, encoding="utf-8")
    assert not StageProgress(course.seat("ada")).is_readable


def test_values_that_cannot_be_used_are_left_out(course):
    path = progress_path(course.seat("ada"))
    path.parent.mkdir()
    known = {"opened": "noon", "failed": "many", "hints": -2, "done": "2026-05-04T10:00:00"}
    path.write_text(json.dumps({"stages": {"switch": known}}), encoding="utf-8")
    found = StageProgress(course.seat("ada")).record(course.stages[0])
    assert (found.opened, found.failed, found.hints) == (None, 0, 0)
    assert found.done.isoformat() == "2026-05-04T10:00:00+00:00"


def test_a_trainer_and_a_learner_that_write_at_the_same_time_lose_nothing(tmp_path, course):
    many = SMALL_CLASS.partition("stages:")[0] + "stages:\n" + MANY
    course = workshop.load(written(tmp_path, many, SMALL_LAB))
    seat = course.seat("ada")

    def work(stage):
        progress = StageProgress(seat)
        for _ in range(5):
            progress.mark_check(stage, passed=False)

    stages = course.stages
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [*stages, *stages]))
    known = StageProgress(seat)
    assert [known.record(stage).failed for stage in stages] == [10] * 5


def test_two_processes_that_write_at_the_same_time_lose_nothing(course, tmp_path):
    script = (
        "import sys; from nestlab import workshop\n"
        "from nestlab.workshop.stage_progress import StageProgress\n"
        "course = workshop.load(sys.argv[1])\n"
        "for _ in range(30):\n"
        "    StageProgress(course.seat('ada')).mark_check(course.stages[0], passed=False)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "class.yml")]
    both = [subprocess.Popen(command, cwd=ROOT) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert StageProgress(course.seat("ada")).record(course.stages[0]).failed == 60


def test_a_fault_is_to_be_found_only_after_it_was_planted(course, one):
    find = LearnerStage(course, "ada", "find", one.connect)
    assert done(find.solve()) == ["done"]
    report = find.check()
    assert (report.passed, report.is_unknown) == (False, False)
    assert report.verdict == "ada: the fault of the stage find is not planted yet."
    (hint,) = report.hints
    assert "Plant the fault of the stage" in hint.text
    assert workshop.current_stage(course, "ada", one.connect).name == "find"
    assert done(find.plant()) == ["done"]
    assert find.check().verdict == "ada: the stage find is not done yet."
    assert done(find.solve()) == ["done"]
    assert find.check().passed


def test_a_fault_that_was_planted_elsewhere_is_noticed(course, one, tmp_path):
    theirs = StageProgress(course.seat("ada"), tmp_path / "trainer.json")
    find = LearnerStage(course, "ada", "find", one.connect, progress=theirs)
    assert done(find.plant()) == ["done"]
    learner = LearnerStage(course, "ada", "find", one.connect)
    report = learner.check()
    assert report.verdict == "ada: the stage find is not done yet."
    learner.progress.note(learner.stage, report)
    assert learner.progress.record(learner.stage).failed == 1
    list(learner.solve())
    assert learner.check().passed


def test_a_reset_shows_the_stages_as_not_done_and_the_end_of_the_class_begins_another(course, one):
    switch, every, _ = course.stages
    progress = StageProgress(course.seat("ada"))
    for stage in (switch, every):
        list(LearnerStage(course, "ada", stage.name, one.connect).solve())
        progress.mark_check(stage, passed=True)
    ada = {"seats": ["ada"]}
    list(WorkshopRun(course, one.connect, stage=every, **ada).reset())
    progress.reload()
    assert [progress.is_done(stage) for stage in (switch, every)] == [True, False]
    assert done(WorkshopRun(course, one.connect, **ada).down()) == ["done"]
    progress.reload()
    assert (progress.is_done(switch), progress.hints(switch)) == (False, 0)
    assert progress.record(switch).passed is not None
    progress.mark_opened(every)
    assert progress.record(switch).passed is None
    (kept,) = progress.path.parent.glob("*.ended")
    assert json.loads(kept.read_text(encoding="utf-8"))["stages"]["switch"]["passed"]


def test_a_seat_whose_progress_cannot_be_written_is_said_at_that_seat(course, one):
    list(WorkshopRun(course, one.connect, seats=["ada", "seat02"]).up())
    path = progress_path(course.seat("ada"))
    path.with_name(f".{path.name}.lock").mkdir(parents=True)  # in the place of its lock
    run = WorkshopRun(course, one.connect, seats=["ada", "seat02"], stage=course.stages[-1])
    found = {result.seat: result for result in run.plant()}
    assert (found["ada"].ok, found["seat02"].ok) == (False, True)
    assert path.name in found["ada"].message
    assert StageProgress(course.seat("seat02")).is_planted(course.stages[-1])


def test_a_seat_whose_progress_cannot_be_written_is_not_removed_by_a_reset(course, one):
    list(WorkshopRun(course, one.connect, seats=["ada"]).up())
    progress = StageProgress(course.seat("ada"))
    progress.mark_check(course.stages[0], passed=True)
    before = one.of_seat("ada")
    lock = progress.path.with_name(f".{progress.path.name}.lock")
    lock.unlink()
    lock.mkdir()
    (ended,) = WorkshopRun(course, one.connect, seats=["ada"]).reset()
    assert not ended.ok
    assert progress.path.name in ended.message
    assert one.of_seat("ada") == before


def test_the_command_line_remembers_the_level_of_hints_and_what_was_done(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress"))
    state = f"'sim:ws2022-intel?state={tmp_path / 'host.json'}'"
    name = str(written(tmp_path, CLASS.replace("sim:ws2022-intel", state), SMALL_LAB))
    first_lines = []
    for _ in range(4):
        assert main(["workshop", "hint", name, "ada"]) == 1
        first_lines.append(capsys.readouterr().out.splitlines()[0])
    assert first_lines == [
        "What is wrong (1/3)",
        "From the author of the workshop (2/3)",
        "What fixes it (3/3)",
        "What fixes it (3/3)",
    ]
    assert main(["workshop", "hint", name, "ada", "--level", "1"]) == 1
    assert "What is wrong (1/3)" in capsys.readouterr().out
    capsys.readouterr()
    assert main(["workshop", "check", name, "ada", "--look"]) == 1
    assert main(["workshop", "hint", name, "seat02", "--look"]) == 1
    assert "What fixes it (3/3)" in capsys.readouterr().out
    assert not progress_path(workshop.load(name).seat("seat02")).exists()
    assert main(["workshop", "check", name, "ada"]) == 1
    assert main(["workshop", "solve", name, "ada", "--stage", "switch", "--yes"]) == 0
    assert StageProgress(workshop.load(name).seat("ada")).is_done(workshop.load(name).stages[0])
    assert main(["workshop", "check", name, "ada", "--stage", "switch"]) == 0
    course = workshop.load(name)
    found = StageProgress(course.seat("ada")).record(course.stages[0])
    assert (found.failed, found.helped, found.is_solved) == (1, 3, True)
    assert found.done
    capsys.readouterr()
    assert main(["workshop", "hint", name, "ada", "--stage", "switch"]) == 0
    assert "is done" in capsys.readouterr().out
