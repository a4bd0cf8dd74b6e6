import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.apply import Journal, JournalEntry, StepState, undo_steps
from nestlab.errors import JournalError
from nestlab.model import Cmdlet, Secret, Size, SwitchParameter
from nestlab.plan import Hazard, Step, StepTarget
from nestlab.plan.conversion import to_plain


def step(step_id="host:create-vm:a", **more):
    data = {
        "id": step_id,
        "machine": (),
        "action": "create-vm",
        "title": "Create a",
        "why": "no a",
        "target": StepTarget("vm", "a"),
        "cmdlets": (
            Cmdlet(
                "New-VM",
                {"Name": "a", "MemoryStartupBytes": Size.parse("1GB")},
                Cmdlet("Set-VM", {"Notes": "nestlab:lab"}),
            ),
        ),
        "undo": (Cmdlet("Remove-VM", {"Name": "a", "Force": SwitchParameter.ON}),),
    }
    return Step(**{**data, **more})


@pytest.fixture
def journal(tmp_path):
    return Journal.begin(
        tmp_path / "j.jsonl", subject="lab", host="sim:x", credentials={("HV1",): "lab-admin"}
    )


def test_steps_come_back_with_typed_cmdlets(journal):
    written = step(hazard=Hazard.STOPS_VM, creates=True, machine=("HV1",))
    journal.record_start(written)
    journal.record_end(written, StepState.DONE)
    (entry,) = Journal(journal.path).entries()
    assert (entry.step, entry.finished, entry.undone) == (written, True, False)
    assert journal.header().credentials_by_machine == {("HV1",): "lab-admin"}


@given(st.integers(1, 400))
def test_half_a_line_at_the_end_is_a_kill_and_no_damage(tmp_path_factory, cut):
    journal = Journal.begin(
        tmp_path_factory.mktemp("j") / "j.jsonl", subject="lab", host="sim:x", credentials={}
    )
    whole = len(journal.path.read_bytes())
    journal.record_start(step())
    text = journal.path.read_bytes()
    journal.path.write_bytes(text[: whole + min(cut, len(text) - whole - 2)])
    assert journal.entries() == ()


@given(st.integers(0, 10_000), st.sampled_from(["a", "Bürø", "a\u2028b"]))
def test_killed_in_the_middle_of_a_line_it_is_continued(tmp_path_factory, cut, name):
    path = tmp_path_factory.mktemp("j") / "j.jsonl"
    journal = Journal.begin(path, subject="lab", host="sim:x", credentials={})
    first, second = step("host:create-vm:1", title=name), step("host:create-vm:2", title=name)
    journal.record_start(first)
    journal.record_end(first, StepState.DONE)
    text = path.read_bytes()
    path.write_bytes(text[: cut % (len(text) + 1)])
    again = Journal.begin(path, subject="lab", host="sim:x", credentials={})
    again.record_start(second)
    again.record_end(second, StepState.DONE)
    last = again.entries()[-1]
    assert last == JournalEntry(second, StepState.DONE, finished=True, time=last.time)
    assert last.time is not None
    assert [entry.step for entry in again.entries()] in ([second], [first, second])


@pytest.mark.parametrize(
    "last",
    [b'{"record": "step-finished", "id": "x", "sta\n', b"\0\0\0\0\n", b'{"id": "x"}\n', b"5\n"],
    ids=["cut", "zeros", "no-record", "number"],
)
def test_a_damaged_last_line_that_is_complete_is_an_error_with_its_number(journal, last):
    journal.record_start(step())
    with journal.path.open("ab") as file:
        file.write(last)
    for read in (journal.entries, journal.header):
        with pytest.raises(JournalError, match=r"j\.jsonl:3: this line is damaged"):
            read()


def test_a_file_without_a_line_end_that_is_no_journal_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(JournalError, match="this is not a journal"):
        Journal.begin(tmp_path / "notes.txt", subject="lab", host="sim:x", credentials={})
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "hello"


def test_secrets_are_kept_by_name_only(journal):
    journal.record_start(
        step(cmdlets=(Cmdlet("X", {"Credential": Secret("lab-admin", "ada", "hunter2")}),))
    )
    assert "hunter2" not in journal.path.read_text(encoding="utf-8")


def test_what_is_remembered_first_is_what_was_there_before(journal):
    first = step(
        "host:set-memory:a", undo=(Cmdlet("Set-VMMemory", {"StartupBytes": Size.parse("1GB")}),)
    )
    second = step(
        "host:set-memory:a", undo=(Cmdlet("Set-VMMemory", {"StartupBytes": Size.parse("2GB")}),)
    )
    for each in (first, second):
        journal.record_start(each)
        journal.record_end(each, StepState.DONE)
    (undo,) = undo_steps(journal.entries())
    assert undo.cmdlets == first.undo


def test_steps_in_a_created_vm_go_with_it_and_the_rest_is_undone_backwards(journal):
    steps = [
        step(
            "host:create-switch:S", target=StepTarget("switch", "S"), creates=True, title="switch"
        ),
        step(creates=True, title="vm"),
        step("host:set-memory:a", title="memory"),
        step("a:set-address:x", machine=("a",), target=StepTarget("windows", "x"), title="inside"),
    ]
    for each in steps:
        journal.record_start(each)
        journal.record_end(each, StepState.DONE)
    assert [undo.title for undo in undo_steps(journal.entries())] == ["Undo: vm", "Undo: switch"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "this is not a journal", id="empty"),
        pytest.param("hello\nworld\n", "1: this is not a line of a journal", id="other-text"),
        pytest.param(
            '{"record": "header", "subject": "a", "host": "b"}\n'
            '{"record": "step-started", "id": "x"}\n{"record": "undone", "id": "x"}',
            "cannot be read: step.machine is missing",
            id="damaged",
        ),
    ],
)
def test_a_file_that_is_no_journal_is_refused_in_one_sentence(tmp_path, text, message):
    (tmp_path / "j.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(JournalError, match=message):
        Journal(tmp_path / "j.jsonl").entries()


def test_a_journal_of_the_first_format_is_read(tmp_path):
    written = step(hazard=Hazard.STOPS_VM, machine=("HV1", "web1"))
    data = {"record": "step-started", **to_plain(written), "thing": ["vm", "a"]}
    del data["needs"], data["target"]
    lines = [{"record": "header", "format": 1, "topology": "lab", "host": "sim:x"}, data]
    (tmp_path / "j.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    assert [entry.step for entry in Journal(tmp_path / "j.jsonl").entries()] == [written]


def test_a_journal_that_is_not_there(tmp_path):
    with pytest.raises(JournalError, match="there is no such journal"):
        Journal(tmp_path / "nothing.jsonl").entries()


def test_a_journal_of_another_topology_is_not_continued(journal):
    with pytest.raises(
        JournalError, match="this is a journal of lab on sim:x, not of other on sim:x"
    ):
        Journal.begin(journal.path, subject="other", host="sim:x", credentials={})


def test_a_journal_of_another_host_with_the_same_address_is_not_continued(tmp_path):
    path = tmp_path / "j.jsonl"
    Journal.begin(path, subject="lab", host="sim:x", identity="sim:x#1", credentials={})
    with pytest.raises(
        JournalError,
        match="this is a journal of lab on another host that also had the address sim:x",
    ):
        Journal.begin(path, subject="lab", host="sim:x", identity="sim:x#2", credentials={})


def test_a_journal_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(JournalError, match="the journal cannot be written"):
        Journal.begin(tmp_path / "file" / "j.jsonl", subject="lab", host="sim:x", credentials={})
