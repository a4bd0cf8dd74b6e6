"""After a destroy, no journal offers to undo what the destroy has removed."""

from dataclasses import replace

import pytest

import nestlab
from nestlab.apply import Journal, undo_steps
from nestlab.lab import journal_folder
from nestlab.model import Cmdlet
from nestlab.topology_file import loads

LAB = loads(
    "name: lab\n"
    "switches:\n"
    "  - {name: S, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24,"
    " interface_metric: 30}\n"
    "vms:\n"
    "  - {name: VM1, memory_startup: 1GB, disk: {size: 20GB}, network_adapters: [{switch: S}]}\n"
    "  - {name: VM2, memory_startup: 1GB, disk: {size: 20GB}, network_adapters: [{switch: S}]}\n"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def host():
    return nestlab.connect()


def newest(host):
    return journal_folder.journals_of(host)[0]


def test_a_destroyed_lab_has_nothing_left_to_undo(host):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    assert newest(host).destroyed_at() is None
    list(lab.destroy())
    assert undo_steps(newest(host).entries()) == ()
    assert newest(host).destroyed_at() is not None
    assert list(lab.undo()) == []


def test_the_journal_of_a_panel_is_settled_too(host, tmp_path):
    lab = nestlab.Lab(LAB, host, tmp_path / "own.jsonl")
    list(lab.apply())
    list(lab.destroy())
    assert undo_steps(Journal(tmp_path / "own.jsonl").entries()) == ()


@pytest.mark.parametrize("moved", [False, True])
def test_a_journal_elsewhere_learns_of_a_destroy_before_it_is_undone(moved, host, tmp_path):
    # Before, only the journals in the usual folder did, and undo removed the next lab's network.
    own = tmp_path / "elsewhere" / "own.jsonl"
    list(nestlab.Lab(LAB, host, own).apply())
    lab = nestlab.Lab(LAB, host)
    assert {result.status for result in lab.destroy()} == {"done"}
    list(lab.apply())
    if moved:
        own = own.rename(tmp_path / "moved.jsonl")
    assert list(nestlab.undo(host, own)) == []
    assert Journal(own).destroyed_at() is not None
    assert lab.plan().is_empty
    assert {result.status for result in lab.undo()} == {"done"}


def test_a_journal_elsewhere_that_a_later_run_continues_undoes_that_run_alone(host, tmp_path):
    own = tmp_path / "own.jsonl"
    lab = nestlab.Lab(LAB, host, own)
    list(lab.apply())
    list(nestlab.Lab(LAB, host).destroy())
    list(lab.apply())
    list(nestlab.Lab(LAB, host).plan())
    assert {result.status for result in lab.undo()} == {"done"}
    assert lab.plan().steps
    assert undo_steps(Journal(own).entries()) == ()


def test_a_run_after_a_destroy_is_undone_whatever_the_clock_says(host, tmp_path):
    for number in range(3):
        own = tmp_path / f"{number}.jsonl"
        list(nestlab.Lab(LAB, host, own).apply())
        first = len(undo_steps(Journal(own).entries()))
        list(nestlab.Lab(LAB, host).destroy())
    last = tmp_path / "last.jsonl"
    list(nestlab.Lab(LAB, host, last).apply())
    assert [list(nestlab.undo(host, tmp_path / f"{number}.jsonl")) for number in range(3)] == [
        [],
        [],
        [],
    ]
    assert len(list(nestlab.undo(host, last))) == first


def test_of_an_incomplete_destroy_a_journal_elsewhere_learns_what_is_gone(host, tmp_path):
    own = tmp_path / "own.jsonl"
    list(nestlab.Lab(LAB, host, own).apply())
    removal = nestlab.Lab(LAB, host).destroy()
    next(removal)
    removal.close()
    undone = list(nestlab.undo(host, own))
    assert "VM1" not in {result.step.target.name for result in undone}
    assert {result.status for result in undone} == {"done"}


def test_a_journal_elsewhere_that_cannot_be_read_does_not_stop_a_destroy(host, tmp_path):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    folder = journal_folder.folder()
    list(lab.destroy())
    (kept,) = folder.glob(".*.destroyed")
    kept.write_text("damaged\n", encoding="utf-8")
    assert journal_folder.journals_of(host)
    list(lab.apply())
    assert {result.status for result in lab.destroy()} == {"done"}


def test_the_undo_of_a_destroyed_run_leaves_the_next_lab_alone(host):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    first = newest(host).path
    list(lab.destroy())
    list(lab.apply())
    assert list(nestlab.undo(host, first)) == []
    assert lab.plan().is_empty
    assert {result.status for result in lab.undo()} == {"done"}


def test_what_an_interrupted_destroy_left_can_be_undone(host):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    removal = lab.destroy()
    first = next(removal)
    removal.close()
    left = undo_steps(newest(host).entries())
    assert first.step.target.name == "VM1"
    assert "VM1" not in {step.target.name for step in left}
    assert {"VM2", "S"} <= {step.target.name for step in left}
    assert {result.status for result in lab.undo()} == {"done"}
    assert host.run(Cmdlet("Get-NetNat")).records == ()


def test_other_labs_and_hosts_keep_their_journals(host):
    other = loads("name: other\nswitches: [{name: T, switch_type: Private}]")
    list(nestlab.Lab(other, host).apply())
    elsewhere = nestlab.connect()
    list(nestlab.Lab(LAB, elsewhere).apply())
    list(nestlab.Lab(LAB, host).apply())
    list(nestlab.Lab(LAB, host).destroy())
    assert [result.status for result in nestlab.Lab(other, host).undo()] == ["done"]
    assert undo_steps(newest(elsewhere).entries())


def test_a_damaged_journal_does_not_stop_a_destroy(host):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    with newest(host).path.open("a", encoding="utf-8") as file:
        file.write("damaged\n")
    assert {result.status for result in lab.destroy()} == {"done"}


def test_what_was_pruned_before_the_destroy_is_not_offered_either(host):
    # Before, the steps of a pruned VM were left in the journal that had created it.
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    first = newest(host)
    smaller = nestlab.Lab(replace(LAB, vms=LAB.vms[:1]), host)
    list(smaller.apply(smaller.plan(prune=True)))
    list(smaller.destroy())
    assert undo_steps(first.entries()) == ()


def test_where_something_is_kept_the_rest_is_not_taken_for_removed(host):
    lab = nestlab.Lab(LAB, host)
    list(lab.apply())
    host.run(Cmdlet("New-VM", {"Name": "other", "NoVHD": True, "SwitchName": "S"}))
    list(lab.destroy())
    assert {"S"} <= {step.target.name for step in undo_steps(newest(host).entries())}
