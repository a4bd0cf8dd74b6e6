"""Progress in a folder that learners can write to: nothing is written or read through their links."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from nestlab import workshop
from nestlab.errors import FileNotWritten
from nestlab.workshop import board
from nestlab.workshop.stage_progress import StageProgress, progress_path
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links need a privilege on Windows")
LEARNER = 65534
as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="files of another account need root"
)


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))


@pytest.fixture
def theirs(course, tmp_path):
    """Return the file of ada's progress, in the folder of that seat."""
    path = progress_path(course.seat("ada"), tmp_path / "progress" / "ada")
    path.parent.mkdir(parents=True)
    return path


def link(place, target, owner=None):
    place.symlink_to(target)
    if owner is not None:
        os.lchown(place, owner, owner)


def refused(course, path, reason):
    progress = StageProgress(course.seat("ada"), path)
    with pytest.raises(FileNotWritten, match=reason):
        progress.mark_check(course.stages[0], passed=True)
    return progress


def test_a_link_in_the_place_of_the_file_leads_to_no_other_file(course, theirs, tmp_path):
    other = StageProgress(course.seat("seat02"), tmp_path / "progress" / "seat02.json")
    other.mark_check(course.stages[0], passed=True)
    before = other.path.read_bytes()
    link(theirs, other.path)
    progress = refused(course, theirs, "symbolic link")
    assert not progress.is_readable
    assert not progress.is_done(course.stages[0])
    assert other.path.read_bytes() == before
    seat = board(course, progress=tmp_path / "progress").seat("ada")
    assert (seat.is_readable, seat.has_begun) == (False, False)


def test_a_link_to_a_file_that_is_not_there_makes_none(course, theirs, tmp_path):
    link(theirs, tmp_path / "made")
    refused(course, theirs, "symbolic link")
    assert not (tmp_path / "made").exists()


def test_a_link_in_the_place_of_the_lock_empties_and_opens_nothing(course, theirs, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("kept", encoding="utf-8")
    secret.chmod(0o600)
    link(theirs.with_name(f".{theirs.name}.lock"), secret)
    refused(course, theirs, "symbolic link")
    assert (secret.read_text(encoding="utf-8"), secret.stat().st_mode & 0o777) == ("kept", 0o600)


def test_a_link_in_the_place_of_a_temporary_file_is_not_written_to(course, theirs, tmp_path):
    name = f".nestlab-{os.getpid()}-{threading.get_ident()}.tmp"
    link(theirs.with_name(name), tmp_path / "made")
    StageProgress(course.seat("ada"), theirs).mark_check(course.stages[0], passed=True)
    assert StageProgress(course.seat("ada"), theirs).is_done(course.stages[0])
    assert not (tmp_path / "made").exists()


def test_a_pipe_in_the_place_of_the_file_holds_nobody_up(course, theirs, tmp_path):
    os.mkfifo(theirs)
    found = []
    reading = threading.Thread(
        target=lambda: found.append(board(course, progress=tmp_path / "progress")), daemon=True
    )
    reading.start()
    reading.join(60)
    assert found, "the board waits for the pipe"
    assert not found[0].seat("ada").is_readable


def test_a_folder_that_a_link_of_the_trainer_names_is_used(course, tmp_path):
    (tmp_path / "real").mkdir()
    link(tmp_path / "linked", tmp_path / "real")
    path = progress_path(course.seat("ada"), tmp_path / "linked")
    StageProgress(course.seat("ada"), path).mark_check(course.stages[0], passed=True)
    assert json.loads((tmp_path / "real" / path.name).read_text(encoding="utf-8"))["stages"]


@as_root
def test_a_link_of_a_learner_in_the_place_of_the_folder_is_not_followed(course, theirs, tmp_path):
    theirs.parent.rmdir()
    (tmp_path / "elsewhere").mkdir()
    link(theirs.parent, tmp_path / "elsewhere", LEARNER)
    refused(course, theirs, "symbolic link of another account")
    assert list((tmp_path / "elsewhere").iterdir()) == []


@as_root
def test_what_root_writes_stays_the_learners(course, theirs):
    os.chown(theirs.parent, LEARNER, LEARNER)
    StageProgress(course.seat("ada"), theirs).mark_opened(course.stages[0])
    assert theirs.stat().st_uid == LEARNER
    theirs.chmod(0o600)
    StageProgress(course.seat("ada"), theirs).mark_check(course.stages[0], passed=True)
    found = theirs.stat()
    assert (found.st_uid, found.st_mode & 0o777) == (LEARNER, 0o600)


def test_no_temporary_file_is_left(course, theirs):
    StageProgress(course.seat("ada"), theirs).mark_opened(course.stages[0])
    names = {path.name for path in Path(theirs.parent).iterdir()}
    assert names == {theirs.name, f".{theirs.name}.lock"}
