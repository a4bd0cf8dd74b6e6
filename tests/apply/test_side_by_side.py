"""Machines go on side by side, each in its own order, and every run of the same lab tells the same."""

from __future__ import annotations

import json
import threading
from itertools import pairwise

import pytest

import nestlab
from nestlab.errors import Cancelled
from nestlab.model import Cmdlet
from nestlab.simulator.faults import Fault
from nestlab.topology_file import loads
from tests.apply.classroom import classroom
from tests.apply.makespan import apply_timed

ROOM = classroom(3, 1)
STEPS = {"step-started", "step-finished"}


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "journal.jsonl"


def told(lab, **options):
    """Apply, and return the steps' events."""
    events = []
    list(lab.apply(on_event=lambda event: events.append(event.to_dict()), **options))
    return [event for event in events if event["event"] in STEPS]


def at_work(events):
    """Return after each event the machines that are at work on a step."""
    busy, seen = {}, []
    for event in events:
        if event["event"] == "step-started":
            assert event["machine"] not in busy, "one worker a machine"
            busy[event["machine"]] = event["id"]
        else:
            assert busy.pop(event["machine"]) == event["id"]
        seen.append(frozenset(busy))
    return seen


def test_machines_work_side_by_side_each_on_one_step_at_a_time(host, journal):
    seen = at_work(told(nestlab.Lab(ROOM, host, journal)))
    assert frozenset({"HV1", "HV2", "HV3"}) in seen
    assert seen[-1] == frozenset()


def test_the_order_on_a_machine_is_that_of_a_run_one_step_at_a_time_and_needs_come_first(
    host, tmp_path
):
    together = told(nestlab.Lab(ROOM, host, tmp_path / "1.jsonl"))
    alone = told(nestlab.Lab(ROOM, nestlab.connect(), tmp_path / "2.jsonl"), workers=1)

    def orders(events):
        machines = {event["machine"] for event in events}
        return {
            name: [e["id"] for e in events if (e["event"], e["machine"]) == ("step-started", name)]
            for name in machines
        }

    assert orders(together) == orders(alone)
    done = set()
    for event in together:
        if event["event"] == "step-started":
            assert set(event["needs"]) <= done
        else:
            done.add(event["id"])


def test_one_worker_goes_one_step_at_a_time_and_a_step_begins_when_it_is_asked_for(host, journal):
    events = []
    run = nestlab.Lab(ROOM, host, journal).apply(
        on_event=lambda event: events.append(event.to_dict()), workers=1
    )
    for count in range(1, 6):
        next(run)
        assert [event["event"] for event in events] == ["step-started", "step-finished"] * count
    list(run)
    assert all(
        len(machines) <= 1
        for machines in at_work([event for event in events if event["event"] in STEPS])
    )


def test_every_run_of_the_same_lab_tells_the_same(tmp_path):
    def run(name):
        events = []
        list(
            nestlab.Lab(ROOM, nestlab.connect(), tmp_path / name).apply(
                on_event=lambda event: events.append(event.to_dict())
            )
        )
        return [
            {key: value for key, value in event.items() if key != "seconds"} for event in events
        ]

    assert run("1.jsonl") == run("2.jsonl")


def test_a_nested_host_that_answers_does_not_wait_for_the_others(host, journal):
    host.simulated_host.inject_faults(Fault("slow", "New-VM", 5, seconds=120))
    events = told(nestlab.Lab(classroom(6, 0), host, journal))
    first = next(number for number, event in enumerate(events) if event["machine"] == "HV1")
    last = next(number for number, event in enumerate(events) if event["id"] == "host:start-vm:HV6")
    assert first < last


def test_after_a_failure_what_runs_ends_nothing_begins_and_the_failure_comes_last(host, journal):
    host.simulated_host.inject_faults(Fault.parse("fail:Install-WindowsFeature:2"))
    events = []
    results = list(
        nestlab.Lab(ROOM, host, journal).apply(
            on_event=lambda event: events.append(event.to_dict())
        )
    )
    assert (
        [result.step.id for result in results if not result.ok]
        == [results[-1].step.id]
        == ["HV2:install-hyper-v:Hyper-V"]
    )
    assert events[-1]["status"] == "failed"
    failed = next(number for number, event in enumerate(events) if event.get("status") == "failed")
    assert {event["event"] for event in events[failed:-1]} <= {"step-finished"}
    assert {event["id"] for event in events if event["event"] == "step-started"} == {
        event["id"] for event in events if event["event"] == "step-finished"
    }
    assert [
        result.message for result in nestlab.Lab(ROOM, host, journal).apply() if not result.ok
    ] == []
    assert nestlab.Lab(ROOM, host, journal).plan().is_empty


def test_cancel_stops_all_and_apply_goes_on(host, journal):
    cancel, events = threading.Event(), []

    def watch(event):
        events.append(event)
        if event["event"] == "step-started" and event["id"] == "HV2:install-hyper-v:Hyper-V":
            cancel.set()

    with pytest.raises(Cancelled):
        list(
            nestlab.Lab(ROOM, host, journal).apply(
                cancel=cancel, on_event=lambda event: watch(event.to_dict())
            )
        )
    assert events[-1]["status"] == "cancelled"
    assert [event["id"] for event in events if event["event"] == "step-started"][
        -1
    ] == "HV2:install-hyper-v:Hyper-V"
    lab = nestlab.Lab(ROOM, host, journal)
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty


def test_confirm_is_asked_before_each_step_begins_and_no_begins_nothing_more(host, journal):
    said = []

    def confirm(step):
        said.append(f"asked {step.id}")
        return step.action != "restart"

    def watch(event):
        if event["event"] == "step-started":
            said.append(f"began {event['id']}")

    with pytest.raises(Cancelled, match="Stopped before: Restart HV1"):
        list(
            nestlab.Lab(ROOM, host, journal).apply(
                confirm=confirm, on_event=lambda event: watch(event.to_dict())
            )
        )
    assert all(
        began == asked.replace("asked", "began")
        for asked, began in pairwise(said)
        if began.startswith("began")
    )
    assert said[-1] == "asked HV1:restart:HV1"


def test_who_leaves_early_finds_all_that_was_done_in_the_journal(host, journal):
    run = nestlab.Lab(ROOM, host, journal).apply()
    while next(run).step.action != "install-hyper-v":
        pass
    run.close()
    records = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    begun, ended = (
        {r.get("id") or r["step"]["id"] for r in records if r["record"] == kind}
        for kind in ("step-started", "step-finished")
    )
    assert {"HV1:install-hyper-v:Hyper-V", "HV2:install-hyper-v:Hyper-V"} <= begun == ended


def test_what_was_done_side_by_side_is_undone(host, journal):
    before = {
        key: value for key, value in host.simulated_host.world.to_dict().items() if key != "clock"
    }
    lab = nestlab.Lab(ROOM, host, journal)
    list(lab.apply())
    assert [result.message for result in lab.undo() if not result.ok] == []
    assert {
        key: value for key, value in host.simulated_host.world.to_dict().items() if key != "clock"
    } == before


WIRED = """
name: wired
switches: [{name: Up, switch_type: External, net_adapter: Ethernet}]
vms:
  - name: HV1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    nested:
      switches: [{name: A, switch_type: Private}, {name: B, switch_type: Private}, {name: C, switch_type: Private}]
"""


def test_nothing_runs_beside_a_step_that_may_cut_the_connection(host, journal):
    bare = loads(
        WIRED.replace(
            "switches: [{name: Up, switch_type: External, net_adapter: Ethernet}]\n", ""
        ).replace(", {name: B, switch_type: Private}, {name: C, switch_type: Private}", "")
    )
    list(nestlab.Lab(bare, host, journal).apply())
    events = told(nestlab.Lab(loads(WIRED), host, journal))
    wired = next(
        number for number, event in enumerate(events) if event["id"] == "host:create-switch:Up"
    )
    assert at_work(events)[wired] == {"host"}
    assert events[wired + 1]["id"] == "host:create-switch:Up"
    assert sum(event["machine"] == "HV1" for event in events) == 4


def test_thirty_vms_take_little_more_than_their_critical_path(tmp_path):
    room = classroom(10, 2)
    least = apply_timed(room, tmp_path / "1.jsonl", workers=1).critical_path()
    assert (
        apply_timed(room, tmp_path / "2.jsonl", workers=nestlab.lab.WORKERS).makespan
        <= 1.15 * least
    )


def test_a_guest_inside_that_answers_is_changed_beside_its_host(host, journal):
    list(nestlab.Lab(classroom(2, 0), host, journal).apply())
    events = told(nestlab.Lab(classroom(2, 1), host, journal))
    assert frozenset({"HV1", "HV2"}) in at_work(events)
    assert host.run(Cmdlet("Get-VM", {"Name": "HV1"})).records[0]["State"] == "Running"
