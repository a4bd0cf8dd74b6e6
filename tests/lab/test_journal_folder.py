"""Journals have one home, are found by host and lab, and are used by one run at a time."""

import errno
import io
import json
import os
import sys
import threading
from pathlib import Path

import platformdirs
import pytest

import nestlab
from nestlab.apply import Journal
from nestlab.errors import JournalError
from nestlab.lab import journal_folder
from nestlab.model import Cmdlet, Size
from nestlab.topology_file import loads
from tests.lab.many import in_threads

LAB = loads("name: lab\nswitches: [{name: S, switch_type: Private}]")
MORE = loads(
    "name: lab\nswitches: [{name: S, switch_type: Private}, {name: T, switch_type: Private}]"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def statuses(results):
    return [result.status for result in results]


def test_a_run_without_a_name_is_remembered_in_the_home_and_found_there(home):
    lab = nestlab.Lab(LAB, nestlab.connect())
    list(lab.apply())
    assert [path.parent for path in home.parent.rglob("*.jsonl")] == [home]
    assert statuses(lab.undo()) == ["done"]


def test_without_the_variable_it_is_the_folder_of_the_operating_system(monkeypatch):
    monkeypatch.delenv("NESTLAB_JOURNALS")
    assert journal_folder.folder().parts[-2:] == ("nestlab", "journals")
    assert journal_folder.folder().is_absolute()
    for state in (None, "/var/own", "relative", ""):
        if state is None:
            monkeypatch.delenv("XDG_STATE_HOME", raising=False)
        else:
            monkeypatch.setenv("XDG_STATE_HOME", state)
        expected = platformdirs.user_state_path("nestlab", appauthor=False)
        assert journal_folder.folder() == expected / "journals"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="home folders come from the environment")
def test_a_user_without_an_entry_and_without_a_home_has_a_folder(monkeypatch):
    import pwd  # not on Windows

    def unknown(user):
        raise KeyError(user)

    for name in ("NESTLAB_JOURNALS", "XDG_STATE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert journal_folder.folder().parts[-2:] == ("nestlab", "journals")


def test_a_host_with_a_state_file_is_the_same_from_everywhere(tmp_path, monkeypatch):
    list(nestlab.Lab(LAB, nestlab.connect("sim:ws2022-intel?state=host.json")).apply())
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    lab = nestlab.Lab(LAB, nestlab.connect("sim:ws2022-intel?state=../host.json"))
    assert statuses(lab.undo()) == ["done"]


def test_another_host_of_the_same_address_is_another_host():
    list(nestlab.Lab(LAB, nestlab.connect()).apply())
    with pytest.raises(JournalError, match="There is no journal of lab on sim:ws2022-intel in"):
        next(nestlab.Lab(LAB, nestlab.connect()).undo())


def test_what_was_enabled_on_another_host_of_the_same_address_is_not_brought_back():
    first, second = nestlab.connect(), nestlab.connect()
    nestlab.enable_nesting(first, "sql-test")
    second.run(
        Cmdlet("Set-VMProcessor", {"VMName": "sql-test", "ExposeVirtualizationExtensions": True})
    )
    assert "not known" in nestlab.disable_nesting(second, "sql-test").notes[0]


def test_undo_goes_back_run_by_run():
    host = nestlab.connect()
    list(nestlab.Lab(LAB, host).apply())
    list(nestlab.Lab(MORE, host).apply())
    lab = nestlab.Lab(MORE, host)
    assert [result.step.target.name for result in lab.undo()] == ["T"]
    assert [result.step.target.name for result in lab.undo()] == ["S"]
    assert list(lab.undo()) == []


def test_journals_of_earlier_versions_are_found_beside_the_work(home):
    address = "sim:ws2022-intel?state=host.json"
    lab = nestlab.Lab(
        LAB, nestlab.connect(address), Path("journals") / "lab-20260131-120000-000.jsonl"
    )
    list(lab.apply())
    without_identity(lab.journal)
    assert not list(home.glob("*.jsonl"))
    assert statuses(nestlab.Lab(LAB, nestlab.connect(address)).undo()) == ["done"]


def test_what_nesting_remembered_in_earlier_versions_is_found_beside_the_work():
    host = nestlab.connect("sim:ws2022-intel?state=host.json")
    path = Path("journals") / "nesting_of_sql-test-20260131-120000-000.jsonl"
    nestlab.enable_nesting(host, "sql-test", journal=path)
    without_identity(path)
    assert [result.step.action for result in nestlab.disable_nesting(host, "sql-test").results] == [
        "hide-extensions",
        "restore-memory",
    ]


def without_identity(path):
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for record in records:
        record.pop("identity", None)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")


def test_a_damaged_journal_is_not_passed_over(home):
    lab = nestlab.Lab(LAB, nestlab.connect())
    list(lab.apply())
    (own,) = home.glob("*.jsonl")
    lines = own.read_bytes().splitlines(keepends=True)
    own.write_bytes(b"".join([*lines[:-1], b"damaged\n"]))
    with pytest.raises(JournalError, match=f"{own.name}:{len(lines)}: this line is damaged"):
        list(lab.undo())


def test_other_files_in_the_folder_are_passed_over(home):
    lab = nestlab.Lab(LAB, nestlab.connect())
    list(lab.apply())
    (own,) = home.glob("*.jsonl")
    own.with_name(own.name.replace("-20", "-99")).write_text("hello\n", encoding="utf-8")
    assert statuses(lab.undo()) == ["done"]


def test_two_runs_on_one_journal_are_refused(tmp_path):
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    first = nestlab.Lab(MORE, host, path).apply()
    next(first)
    for second in (nestlab.Lab(MORE, host, path).apply(), nestlab.undo(host, path)):
        with pytest.raises(JournalError, match=r"j.jsonl: another run is using this journal"):
            next(second)
    assert statuses(first) == ["done"]
    assert statuses(nestlab.undo(host, path)) == ["done", "done"]


def test_a_run_that_nobody_goes_on_with_gives_its_journal_back(tmp_path):
    host, path = nestlab.connect(), tmp_path / "j.jsonl"
    run = nestlab.Lab(MORE, host, path).apply()
    next(run)
    run.close()
    assert statuses(nestlab.Lab(MORE, host, path).apply()) == ["done"]


class Full(io.FileIO):
    """A file on a disk without space: half of what is written arrives."""

    def write(self, data):
        super().write(bytes(data)[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full_disk(monkeypatch):
    def fill():
        def opened(self, mode="r", *args, **options):
            return Full(self, mode) if "a" in mode else open_of_before(self, mode, *args, **options)

        open_of_before = Path.open
        monkeypatch.setattr(Path, "open", opened)

    return fill


def test_a_journal_that_cannot_be_begun_for_lack_of_space_says_so_and_is_not_there(
    tmp_path, full_disk
):
    full_disk()
    with pytest.raises(JournalError, match="the journal cannot be written: No space left") as error:
        list(nestlab.Lab(LAB, nestlab.connect(), tmp_path / "j.jsonl").apply())
    assert "There is no space left on the disk" in error.value.hint
    assert list(tmp_path.glob("j*")) == []


def test_a_journal_whose_disk_fills_up_keeps_its_whole_lines(tmp_path, full_disk):
    journal = Journal.begin(tmp_path / "j.jsonl", subject="lab", host="sim:x", credentials={})
    before = journal.path.read_bytes()
    full_disk()
    with pytest.raises(JournalError, match="No space left"):
        Journal.begin(tmp_path / "j.jsonl", subject="lab", host="sim:x", credentials={})
    assert journal.path.read_bytes() == before


def test_memory_comes_back_from_a_journal_of_the_home():
    host = nestlab.connect()
    nestlab.enable_nesting(host, "sql-test", memory_startup=Size.parse("8GB"))
    report = nestlab.disable_nesting(host, "sql-test")
    assert ([result.step.action for result in report.results], report.notes) == (
        ["hide-extensions", "restore-memory"],
        (),
    )


def test_runs_in_threads_of_one_process_never_exclude_one_another():
    host = nestlab.connect("sim:ws2022-intel?state=host.json")
    start, end = threading.Barrier(4, timeout=60), threading.Barrier(4, timeout=60)

    def run():
        for _ in range(50):
            start.wait()
            with journal_folder.topology_lock("lab", host):
                end.wait()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads take turns often, so that a race shows
    try:
        in_threads(run, run, run, run)
    finally:
        sys.setswitchinterval(interval)
