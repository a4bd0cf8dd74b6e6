"""A guest that refuses its credential or does not answer is left out, and the others go on."""

from __future__ import annotations

import json
import re
import threading

import pytest

import nestlab
from nestlab.apply import GuestLeftOut, Journal, StepStarted
from nestlab.cli import main
from nestlab.errors import Cancelled, GuestCredentialRefused, GuestUnreachable
from nestlab.simulator.behaviour import powershell_direct as direct
from nestlab.simulator.faults import Fault
from tests.apply.classroom import classroom

ROOM = classroom(3, 1)
OTHERS = {"host", "HV1", "HV3", "HV1/vm1-1", "HV3/vm3-1"}
OF_HV2 = {"HV2", "HV2/vm2-1"}


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect()


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal.jsonl"


def name_of(machine):
    return "/".join(machine) or "host"


def guests(host):
    return {name_of(path): guest for path, _, guest in host.simulated_host.world.host.machines()}


def refusing(host, *names, after="host:start-vm:"):
    """Return an event handler that takes the account of guests away, once such a step has ended."""

    def watch(event):
        step = getattr(getattr(event, "result", None), "step", None)
        if step is not None and step.id.startswith(after):
            for name in set(names) & set(guests(host)):
                guests(host)[name].accounts = {"other": "x"}

    return watch


def give_back(host):
    for guest in guests(host).values():
        guest.accounts = {}


def run(lab, watch, **options):
    """Apply; return the results, the events and the error at the end."""
    results, events = [], []

    def on_event(event):
        events.append(event)
        watch(event)

    try:
        for result in lab.apply(on_event=on_event, **options):
            results.append(result)  # noqa: PERF402  # those before the error count
    except GuestUnreachable as error:
        return results, events, error
    pytest.fail("no guest was left out")


def left_out(events):
    return [event for event in events if isinstance(event, GuestLeftOut)]


@pytest.mark.parametrize("workers", [1, 8])
def test_what_does_not_depend_on_a_guest_that_refuses_is_done(workers, host, journal):
    lab = nestlab.Lab(ROOM, host, journal)
    results, events, error = run(lab, refusing(host, "HV2"), workers=workers)
    assert {name_of(result.step.machine) for result in results if result.status == "done"} == OTHERS
    assert type(error) is GuestCredentialRefused
    assert re.match(r"HV2 refuses the account \w+ of the credential 'lab-admin'", error.message)
    assert "Not set up, because they are inside: HV2/vm2-1." in error.hint
    assert error.hint.endswith("What does not depend on that was done.")
    (event,) = left_out(events)
    assert (event.machine, event.inside) == ("HV2", ("HV2/vm2-1",))
    assert "Left out: HV2, HV2/vm2-1." in event.text
    assert events[-1].status == "failed"
    assert {name_of(item.machine) for item in lab.plan().deferred} == OF_HV2
    give_back(host)
    rest = list(lab.apply())
    assert {name_of(result.step.machine) for result in rest} == OF_HV2
    assert lab.plan().is_empty


def test_several_are_named_in_one_error_each_with_what_is_inside(host, journal):
    lab = nestlab.Lab(ROOM, host, journal)
    results, events, error = run(lab, refusing(host, "HV1", "HV3"))
    assert {name_of(r.step.machine) for r in results} == {"host", *OF_HV2}
    assert [line.partition(" ")[0] for line in error.message.splitlines()] == ["HV1", "HV3"]
    assert "inside: HV1/vm1-1, HV3/vm3-1." in error.hint
    assert [event.machine for event in left_out(events)] == ["HV1", "HV3"]


def test_a_guest_inside_is_left_out_alone(host, journal):
    watch = refusing(host, "HV2/vm2-1", after="HV2:start-vm:")
    results, events, error = run(nestlab.Lab(ROOM, host, journal), watch)
    done = {name_of(result.step.machine) for result in results if result.status == "done"}
    assert done == {*OTHERS, "HV2"}
    assert [(event.machine, event.inside) for event in left_out(events)] == [("HV2/vm2-1", ())]
    assert "Not set up" not in error.hint


def test_a_guest_that_does_not_answer_is_left_out_too(host, journal):
    text = ROOM.origin.text.replace(
        "images: {", r"images: {u: {path: 'D:\images\ubuntu2404.vhdx'}, ", 1
    )
    head, _, tail = text.partition("{name: HV2")
    lab = nestlab.Lab(
        nestlab.loads(head + "{name: HV2" + tail.replace("ws2022", "u", 1)), host, journal
    )
    results, _, error = run(lab, lambda _event: None)
    assert type(error) is GuestUnreachable
    assert "No Windows has started in HV2" in error.message
    assert {name_of(result.step.machine) for result in results} == OTHERS


def test_a_guest_that_refuses_after_some_of_its_steps_has_the_rest_skipped(host, journal):
    watch = refusing(host, "HV2", after="HV2:restart")
    results, events, _ = run(nestlab.Lab(ROOM, host, journal), watch)
    skipped = {result.step.id for result in results if result.status == "skipped"}
    told = {event.result.step.id for event in events if hasattr(event, "result")}
    assert skipped <= told
    assert {result.step.machine[0] for result in results if result.step.id in skipped} <= {"HV2"}
    assert all("HV2 was left out" in r.message for r in results if r.status == "skipped")
    done = {name_of(result.step.machine) for result in results if result.status == "done"}
    assert done == {*OTHERS, "HV2"}


def test_a_cancel_afterwards_stops_the_others(host, journal):
    cancel, after = threading.Event(), []
    spoil = refusing(host, "HV2")

    def watch(event):
        spoil(event)
        if cancel.is_set():
            after.append(event.to_dict()["event"])
        if isinstance(event, GuestLeftOut):
            cancel.set()

    with pytest.raises(Cancelled):
        list(nestlab.Lab(ROOM, host, journal).apply(cancel=cancel, on_event=watch))
    assert "step-started" not in after
    give_back(host)
    assert [r.message for r in nestlab.Lab(ROOM, host, journal).apply() if not r.ok] == []
    assert nestlab.Lab(ROOM, host, journal).plan().is_empty


def test_a_failed_step_of_another_machine_still_ends_the_run(host, journal):
    host.simulated_host.inject_faults(Fault.parse("fail:Install-WindowsFeature:2"))
    results, events, error = run(nestlab.Lab(ROOM, host, journal), refusing(host, "HV2"))
    (failed,) = [result for result in results if not result.ok]
    assert failed is results[-1]
    assert "was done" not in error.hint
    assert events[-1].status == "failed"
    names = [event.to_dict() for event in events]
    at = next(n for n, event in enumerate(names) if event.get("status") == "failed")
    assert "step-started" not in {event["event"] for event in names[at:]}


def test_the_journal_has_what_was_done_and_undo_takes_it_back(host, journal):
    before = {vm.name for vm in host.simulated_host.world.host.hyper_v.vms}
    run(nestlab.Lab(ROOM, host, journal), refusing(host, "HV2"))
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    kinds = [line["record"] for line in lines]
    assert kinds.count("step-started") == kinds.count("step-finished")
    steps = {entry.step.machine for entry in Journal(journal).entries()}
    assert not {name_of(machine) for machine in steps} & OF_HV2
    assert [str(result) for result in nestlab.undo(host, journal) if not result.ok] == []
    assert {vm.name for vm in host.simulated_host.world.host.hyper_v.vms} == before


ON_THE_COMMAND_LINE = r"""
name: two
images:
  ws2022: {path: 'D:\images\ws2022.vhdx'}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
vms:
  - {name: w1, memory_startup: 2GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}
  - {name: u1, memory_startup: 2GB, disk: {image: ubuntu}, guest: {os: linux}}
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_the_command_line_says_it_at_once_and_at_the_end(as_json, tmp_path, monkeypatch, capsys):
    # Windows there is generalized, and refuses every account at its setup screens.
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    file = tmp_path / "lab.yml"
    file.write_text(ON_THE_COMMAND_LINE, encoding="utf-8")
    command = ["apply", str(file), "--yes", "--host", "sim:ws2022-generalized"]
    assert main([*command, *(["--json"] if as_json else [])]) == 3
    said = capsys.readouterr()
    if as_json:
        events = [json.loads(line) for line in said.out.splitlines()]
        (event,) = [item for item in events if item.get("event") == "guest-left-out"]
        assert (event["machine"], event["inside"]) == ("w1", [])
        assert events[-1].get("status", "failed") == "failed"
    else:
        assert "Left out: w1. What does not depend on w1 continues." in said.out
        assert "done: host: Start u1" in said.out
        assert "What does not depend on that was done." in said.err


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize(
    ("name", "step", "inside"),
    [
        ("HV2", "HV2:install", ("HV2/vm2-1",)),
        ("HV2", "HV2:create-vm:vm2-1", ("HV2/vm2-1",)),
        ("HV2/vm2-1", "HV2/vm2-1:set-address", ()),
    ],
)
def test_a_guest_that_refuses_in_the_middle_of_a_step_is_left_out(
    workers, name, step, inside, host, journal
):
    def watch(event):
        if isinstance(event, StepStarted) and event.step.id.startswith(step):
            guests(host)[name].accounts = {"other": "x"}

    lab = nestlab.Lab(ROOM, host, journal)
    results, events, error = run(lab, watch, workers=workers)
    assert type(error) is GuestCredentialRefused
    assert error.message.startswith(f"{name} refuses the account")
    assert error.hint.endswith("What does not depend on that was done.")
    (failed,) = (result for result in results if not result.ok)
    assert failed.step.id.startswith(step)
    assert "refuses the account" in failed.message
    done = {name_of(result.step.machine) for result in results if result.status == "done"}
    assert done >= OTHERS
    assert [(event.machine, event.inside) for event in left_out(events)] == [(name, inside)]
    records = [json.loads(line)["record"] for line in journal.read_text("utf-8").splitlines()]
    assert records.count("step-started") == records.count("step-finished")
    give_back(host)
    rest = list(lab.apply())
    assert {result.step.machine[0] for result in rest} == {"HV2"}
    assert lab.plan().is_empty


def test_nothing_signs_in_again_to_a_guest_that_is_left_out(host, journal, monkeypatch):
    attempts, spoil = [], refusing(host, "HV2")

    def watch(event):
        spoil(event)
        if left_out([event]):
            attempts.append("left out")

    refuses = direct.credential_refused

    def counted(name):
        attempts.append("refused")
        return refuses(name)

    monkeypatch.setattr(direct, "credential_refused", counted)
    run(nestlab.Lab(ROOM, host, journal), watch)
    assert attempts[-1] == "left out"
    assert 1 <= attempts.count("refused") <= 3
