"""The lines of a journal: what is written is read back, and what earlier versions wrote is read."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nestlab
from nestlab.apply import Journal, StepState, undo_steps
from nestlab.apply import journal_records as records
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.plan import Action, Effect, Hazard, InnerVM, Step, StepTarget, SubjectKind, TargetKind

RECORDED = Path(__file__).parents[1] / "cases" / "earlier"
texts = st.text(max_size=12)
times = st.none() | st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
cmdlets = st.builds(
    Cmdlet,
    st.sampled_from(["New-VM", "Set-VMMemory"]),
    st.dictionaries(
        st.sampled_from(["Name", "StartupBytes", "Force"]),
        texts | st.integers(0, 2**40).map(Size) | st.just(SwitchParameter.ON) | st.booleans(),
    ),
    st.none() | st.just(Cmdlet("Set-VM", {"Notes": "nestlab:lab"})),
)
tuples = st.lists(texts, max_size=3).map(tuple)
names = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8
).filter(lambda name: name.strip() and name.casefold() != "host")
statements = st.lists(cmdlets, max_size=2).map(tuple)
states = st.sampled_from(StepState)
TARGET = {"kind": st.sampled_from(TargetKind), "name": texts, "id": texts, "switch": texts}
targets = st.builds(StepTarget, **TARGET)
INNER_VM = {
    "machine": st.lists(names, max_size=2).map(tuple),
    "id": texts,
    "name": texts,
    "state": texts,
}
inner_vms = st.lists(st.builds(InnerVM, **INNER_VM), max_size=2).map(tuple)
STEP = {
    "id": texts,
    "machine": st.lists(names, max_size=2).map(tuple),
    "action": st.sampled_from(Action),
    "title": texts,
    "why": texts,
    "cmdlets": statements,
    "target": targets,
    "undo": statements,
    "hazard": st.sampled_from(Hazard),
    "effect": st.sampled_from(Effect),
    "needs": tuples,
    "creates": st.booleans(),
    "by_request": st.booleans(),
    "from_host": st.booleans(),
    "disconnects": tuples,
    "deletes": tuples,
    "notices": tuples,
    "cleanup_count": st.integers(0, 3),
    "inside": inner_vms,
    "existing_disks": tuples,
    "of_no_run": st.booleans(),
    "before_hiding": st.booleans(),
    "ends_services": st.booleans(),
    "undoes": statements,
}
steps = st.builds(Step, **STEP)
RECORDS = {
    records.Header: {
        "subject": texts,
        "kind": st.sampled_from(SubjectKind),
        "host": texts,
        "identity": texts,
        "credentials": st.dictionaries(texts, texts, max_size=2),
        "version": texts,
        "format": st.integers(1, 9),
        "destroys": st.integers(0, 9),
        "time": times,
    },
    records.StepStartRecord: {"step": steps, "time": times},
    records.StepIdsRecord: {"id": texts, "target": targets, "undo": statements, "time": times},
    records.StepEndRecord: {"id": texts, "status": states, "message": texts, "time": times},
    records.UndoStartRecord: {"id": texts, "inside": inner_vms, "time": times},
    records.UndoEndRecord: {"id": texts, "status": states, "time": times},
    records.RunEndRecord: {"time": times},
    records.InnerVMsRecord: {"inside": inner_vms, "time": times},
    records.DestroyRecord: {
        "removed": st.lists(targets, max_size=3).map(tuple),
        "is_complete": st.booleans(),
        "time": times,
    },
    records.WaitRecord: {
        "kind": texts,
        "name": texts,
        "seconds": st.floats(0, 1e6),
        "time": times,
    },
}


def field_names(kind):
    return {field.name for field in dataclasses.fields(kind)}


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_every_record_comes_back_with_all_its_fields(kind, data):
    record = data.draw(st.builds(kind, **RECORDS[kind]))
    line = records.to_line(record)
    assert "\n" not in line
    written = json.loads(line)
    assert written.keys() == {"record", *field_names(kind)}
    assert records.from_data(written) == record


@given(steps)
def test_every_field_of_a_step_and_its_thing_is_written(step):
    written = json.loads(records.to_line(records.StepStartRecord(step=step)))["step"]
    assert written.keys() == field_names(Step)
    assert written["target"].keys() == field_names(StepTarget)


def test_a_new_field_or_record_has_to_be_tried_here_with_values_of_its_own():
    assert set(RECORDS) == set(records.JournalRecord.__args__)
    tried = {**RECORDS, Step: STEP, StepTarget: TARGET, InnerVM: INNER_VM}
    assert {kind: set(values) for kind, values in tried.items()} == {
        kind: field_names(kind) for kind in tried
    }


@pytest.mark.parametrize(
    ("kind", "subject", "undone_last"),
    [
        (SubjectKind.TOPOLOGY, "nat-lab", "host:create-switch:LabNet"),
        (SubjectKind.NESTING, "build-agent", "host:shut-down-vm:build-agent"),
    ],
)
@pytest.mark.parametrize("number", [2, 3])
def test_a_journal_of_an_earlier_version_is_read(number, kind, subject, undone_last):
    path = RECORDED / f"format-{number}-{kind}.jsonl"
    journal = Journal(path)
    header = journal.header()
    assert (header.format, header.kind, header.subject) == (number, kind, subject)
    assert header.host == "sim:ws2022-intel"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    begun = [line.get("step", line) for line in lines if line["record"] == "step-started"]
    entries = journal.entries()
    assert [entry.step.id for entry in entries] == [line["id"] for line in begun]
    assert {entry.state for entry in entries} == {StepState.DONE}
    assert [list(map(Cmdlet.to_dict, entry.step.cmdlets)) for entry in entries] == [
        line["cmdlets"] for line in begun
    ]
    assert undo_steps(entries)[-1].id == undone_last


@pytest.mark.parametrize("number", [2, 3])
def test_a_change_of_nesting_of_an_earlier_version_is_undone(number, tmp_path):
    host = nestlab.connect()
    nestlab.enable_nesting(
        host, "build-agent", journal=tmp_path / "now.jsonl", memory_startup=Size.parse("8GB")
    )
    path = tmp_path / "then.jsonl"
    path.write_bytes((RECORDED / f"format-{number}-nesting.jsonl").read_bytes())
    results = list(nestlab.undo(host, path))
    assert all(result.ok for result in results)
    (processor,) = host.run(Cmdlet("Get-VMProcessor", {"VMName": "build-agent"})).records
    assert processor["ExposeVirtualizationExtensions"] is False


@pytest.mark.parametrize("number", [2, 3])
def test_an_interrupted_journal_of_an_earlier_version_is_continued(number, tmp_path):
    path = tmp_path / "j.jsonl"
    earlier = RECORDED / f"format-{number}-topology.jsonl"
    *whole, last = earlier.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole) + last[:40])
    Journal.begin(path, subject="nat-lab", host="sim:ws2022-intel", credentials={})
    entries = Journal(path).entries()
    assert entries[-1].state is StepState.RUNNING
    assert Journal(path).header().format == records.FORMAT


def test_the_time_of_a_record_is_now():
    assert abs(records.UndoStartRecord(id="x").time - datetime.now(UTC)) < timedelta(minutes=5)
