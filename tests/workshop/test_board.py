"""The trainer's board: from the files of the seats, with a clock that the test sets."""

from __future__ import annotations

import csv
import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from nestlab import workshop
from nestlab.cli import main
from nestlab.workshop import board, board_page
from nestlab.workshop.stage_progress import VARIABLE, progress_path
from nestlab.workshop.workshop_board_html import as_html
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

TEN = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
STAGES = """\
stages:
  - {name: switch, until: [switches]}
  - {name: =nat, until: [nat], hint: SECRET-HINT}
  - {name: find, until: [all], fault: {kind: nat, at: LabNet}, checks: [{from: web1, to: internet}]}
"""
CLASS = SMALL_CLASS.partition("stages:")[0] + STAGES


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress"))
    (tmp_path / "progress").mkdir()
    return tmp_path / "progress"


@pytest.fixture
def course(tmp_path, folder):
    return workshop.load(written(tmp_path, CLASS, SMALL_LAB))


def at(minutes):
    return (TEN + timedelta(minutes=minutes)).isoformat()


def known(course, name, folder=None, ended="", **stages):
    """Write the file of a seat; the name of a stage is given without what is not a letter."""
    seat = course.seat(name)
    names = {stage.name.strip("="): stage.name for stage in course.stages}
    data = {"stages": {names[key]: value for key, value in stages.items()}, "ended": ended}
    path = progress_path(seat, folder)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data), encoding="utf-8")


def done(opened, passed, **more):
    return {
        "opened": at(opened),
        "seen": at(passed),
        "passed": at(passed),
        "done": at(passed),
    } | more


def opened(first, seen, **more):
    return {"opened": at(first), "seen": at(seen), **more}


def seen_at(course, minutes, **options):
    return board(course, time=TEN + timedelta(minutes=minutes), **options)


def states(seat):
    return [str(stage.state) for stage in seat.stages]


def test_a_spare_counts_once_somebody_works_at_it(tmp_path, folder):
    text = CLASS.replace("seats: {count: 3,", "seats: {count: 1, spare: 1,")
    assert text != CLASS
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    whole = {name: done(0, 5) for name in ("switch", "nat")} | {"find": done(0, 5, planted=at(0))}
    known(course, course.all_seats[0].name, folder, **whole)
    found = seen_at(course, 6)
    assert found.verdict == "No seat is stuck; 1 of 1 seat has done all stages."
    assert "✓ No seat is stuck" in re.sub("<[^>]+>", "", as_html(found)).replace("\xa0", " ")
    known(course, "spare01", folder, switch=opened(5, 6))
    assert "1 of 2 seats" in seen_at(course, 6).verdict


def test_a_class_that_has_not_begun(course):
    found = seen_at(course, 0)
    assert found.verdict == "No seat has begun."
    assert [states(seat) for seat in found.seats] == [["untouched"] * 3] * 3
    assert found.times.to_csv() == "seat,switch,'=nat,find\nmedian,,,\n"


def test_a_seat_is_stuck_after_a_while_at_a_stage(course):
    known(course, "ada", switch=done(0, 4), nat=opened(5, 12, failed=2, helped=1))
    known(course, "seat02", switch=opened(3, 3))
    early, late = seen_at(course, 10), seen_at(course, 21)
    assert early.verdict == "No seat is stuck; 0 of 3 seats have done all stages."
    assert (early.seat("ADA").current, early.seat("ada").minutes) == ("=nat", 5)
    assert states(late.seat("ada")) == ["done", "stuck", "untouched"]
    assert [seat.seat for seat in late.stuck] == ["seat02", "ada"]
    assert late.verdict == (
        "2 of 3 seats are stuck: seat02 at switch for 18 minutes; ada at =nat for 16 minutes."
    )
    assert seen_at(course, 10, stuck_minutes=5).seat("ada").is_stuck


def test_a_seat_that_tries_often_is_stuck_at_once(course):
    known(course, "ada", switch=opened(0, 2, failed=5))
    assert seen_at(course, 2).seat("ada").is_stuck
    known(course, "ada", switch=opened(0, 2, failed=4))
    assert not seen_at(course, 2).seat("ada").is_stuck


def test_a_learner_that_does_not_go_on_is_seen_too(course):
    known(course, "ada", switch=done(0, 4))
    found = seen_at(course, 30).seat("ada")
    assert (found.current, found.minutes, found.is_stuck) == ("=nat", 26, True)


def test_who_did_a_late_stage_is_at_the_one_after_it(course):
    known(course, "ada", nat=done(0, 4))
    assert seen_at(course, 5).seat("ada").current == "find"
    known(course, "ada", find=done(0, 4))
    found = seen_at(course, 5).seat("ada")
    assert (found.current, found.is_finished) == ("", False)


def test_a_stage_begins_when_the_one_before_is_done_though_it_was_looked_at_earlier(course):
    known(course, "ada", switch=done(0, 10), nat=done(1, 16), find=opened(2, 17, planted=at(20)))
    found = seen_at(course, 22).seat("ada")
    assert [stage.seconds for stage in found.stages] == [600, 360, None]
    assert (found.current, found.minutes) == ("find", 2)


def test_what_was_removed_begins_again_and_keeps_its_first_time(course):
    removed = {"opened": at(0), "passed": at(4), "again": at(40)}
    known(course, "ada", switch={**removed, "seen": at(41)}, nat=removed)
    found = seen_at(course, 43).seat("ada")
    assert states(found) == ["open", "untouched", "untouched"]
    assert (found.current, found.minutes) == ("switch", 3)
    assert found.stages[0].seconds == 240


@pytest.mark.parametrize("known_of", [{"again": at(40)}, {"planted": at(40)}])
def test_a_seat_is_not_stuck_right_after_its_next_stage_was_removed_or_broken(course, known_of):
    known(course, "ada", switch=done(0, 4), nat={"opened": at(1), **known_of})
    found = seen_at(course, 43).seat("ada")
    assert (found.current, found.minutes, found.is_stuck) == ("=nat", 3, False)


def test_medians_are_of_those_who_did_it_themselves(course):
    known(course, "ada", switch=done(0, 4), nat=done(4, 8, solved=True))
    known(course, "seat02", switch=done(0, 6), nat=done(6, 7, solved=True))
    known(course, "seat03", switch=done(0, 1, solved=True))
    times = seen_at(course, 10).times
    assert times.medians == {"switch": 300, "=nat": None, "find": None}
    rows = list(csv.reader(times.to_csv().splitlines()))
    assert rows[0] == ["seat", "switch", "'=nat", "find"]
    assert rows[1:] == [
        ["ada", "240", "240", ""],
        ["seat02", "360", "60", ""],
        ["seat03", "60", "", ""],
        ["median", "300", "", ""],
    ]
    assert times.to_dict()["seats"][0]["stages"][1]["solved_by_nestlab"]


def test_after_the_class_no_seat_is_stuck_and_the_times_are_there(course):
    known(course, "ada", ended=at(60), switch=done(0, 4), nat=opened(5, 6, failed=9))
    found = seen_at(course, 100)
    assert not found.stuck
    assert found.seat("ada").current == ""
    assert found.times.medians["switch"] == 240


def test_a_file_that_cannot_be_read_is_said_and_hides_no_other_seat(course, folder):
    known(course, "seat02", switch=done(0, 4))
    progress_path(course.seat("ada"), folder).write_text("{", encoding="utf-8")
    found = seen_at(course, 5)
    assert found.verdict.endswith("The progress of ada cannot be read.")
    assert states(found.seat("seat02"))[0] == "done"


def test_files_in_a_folder_for_each_seat_are_found(course, tmp_path):
    known(course, "ada", tmp_path / "ada", switch=done(0, 4))
    assert states(seen_at(course, 5, progress=tmp_path).seat("ada"))[0] == "done"


def test_times_from_a_clock_that_is_ahead_are_not_negative(course):
    known(course, "ada", switch=opened(9, 9))
    assert seen_at(course, 0).seat("ada").minutes == 0


def test_a_page_for_the_projector_shows_no_host_and_no_help(tmp_path, folder):
    text = CLASS.replace("sim:ws2025-amd", "winrms://hv77.contoso.com")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    known(course, "ada", switch=done(0, 4), nat=opened(5, 12, failed=2))
    page = board_page(seen_at(course, 21))
    assert "ada at =nat for 16 minutes" in page
    for secret in ("hv77", "contoso", "sim:", "SECRET", "10.64", "lab-admin", str(tmp_path)):
        assert secret not in page
    assert "http" not in page.replace("http-equiv", "")
    html = seen_at(course, 21)._repr_html_()
    assert html.index("stuck:") < html.index("<table")


def test_names_in_the_file_are_shown_as_text(tmp_path, folder):
    text = CLASS.replace("name: switch", "name: '<img src=x>'")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    assert "<img" not in board_page(seen_at(course, 0))
    assert "&lt;img" in board_page(seen_at(course, 0))


@pytest.fixture
def file(course, tmp_path):
    known(course, "ada", switch=done(0, 4), nat=opened(5, 12, failed=2))
    return str(tmp_path / "class.yml")


def test_the_command_line_shows_and_writes_the_board(file, tmp_path, capsys):
    assert main(["workshop", "board", file]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("1 of 3 seats is stuck: ada at =nat for ")
    assert said[2].split()[0] == "ada"
    assert main(["workshop", "board", file, "--seat", "ADA", "--stuck", "1e12"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("No seat is stuck")
    assert "● at it, 2 tries" in said
    assert main(["workshop", "board", file, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["stuck"], document["stages"]) == (["ada"], ["switch", "=nat", "find"])
    page = tmp_path / "board.html"
    assert main(["workshop", "board", file, "-o", str(page)]) == 0
    assert "ada at =nat" in page.read_text(encoding="utf-8")


def test_the_command_line_shows_and_writes_times(file, tmp_path, capsys):
    assert main(["workshop", "times", file]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].split()[:2] == ["ada", "4"]
    assert said[-1].split()[:2] == ["median", "4"]
    for ending in ("csv", "json"):
        assert main(["workshop", "times", file, "-o", str(tmp_path / f"times.{ending}")]) == 0
    assert "ada,240," in (tmp_path / "times.csv").read_text(encoding="utf-8")
    written_times = json.loads((tmp_path / "times.json").read_text(encoding="utf-8"))
    assert written_times["median_seconds"]["switch"] == 240
    capsys.readouterr()
    assert main(["workshop", "times", file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == written_times


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["board", "-o", "board.txt"], "has to end in .html"),
        (["board", "--watch", "5"], "--watch needs -o"),
        (["board", "-o", "x.html", "--watch", "0.5"], "at least one second"),
        (["times", "-o", "times.html"], "has to end in .csv"),
        (["times", "--watch", "5"], "times does not take --watch"),
        (["plan", "--stuck", "5"], "plan does not take --stuck"),
        (["board", "-o", "gone/board.html"], "cannot be written"),
        (["board", "--seat", "eve"], "has no seat 'eve'"),
        (["down", "--stage", "switch"], "down does not take --stage"),
        (["status", "--stage", "switch"], "status does not take --stage"),
        (["board", "--stage", "switch"], "board does not take --stage"),
        (["times", "--seat", "ada"], "times does not take --seat"),
        (["plan", "--seat", "ada"], "plan does not take --seat"),
        (["handout", "--seat", "ada"], "handout does not take --seat"),
        (["serve", "--seat", "ada"], "serve does not take --seat"),
        (["up", "--look"], "up does not take --look"),
        (["plan", "--progress", "class"], "plan does not take --progress"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_hint(arguments, message, file, capsys):
    action, *rest = arguments
    assert main(["workshop", action, file, *rest]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("number", ["nan", "inf", "0", "-3", "1e13", "soon"])
@pytest.mark.parametrize("option", ["--stuck", "--watch"])
def test_a_time_that_is_none_is_refused(option, number, file, capsys):
    assert main(["workshop", "board", file, f"{option}={number}"]) == 2
    assert f"{number!r} is not a number above 0" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_once_is_written_again(file, tmp_path, monkeypatch, capsys):
    page, waits = tmp_path / "board.html", []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 1:
            page.unlink()
            page.mkdir()
        elif len(waits) == 2:
            page.rmdir()
        else:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", pause)
    main(["workshop", "board", file, "-o", str(page), "--watch", "100"])
    assert waits == [100, 100, 100]
    assert "board.html: cannot be written" in capsys.readouterr().err
    text = page.read_text(encoding="utf-8")
    assert 'data-refresh="100" data-stale="300"' in text
    assert "not written for 5 minutes" in text


def test_a_board_without_stages_is_refused(tmp_path, capsys):
    path = written(tmp_path, CLASS.partition("stages:")[0], SMALL_LAB)
    assert main(["workshop", "board", str(path)]) == 2
    assert "has no stages" in capsys.readouterr().err


def test_the_board_speaks_spanish(file, capsys, spanish):
    assert main(["workshop", "board", file]) == 0
    assert "1 de 3 puestos está atascado: ada en =nat desde hace" in capsys.readouterr().out
