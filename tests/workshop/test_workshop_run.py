"""Building, resetting and removing seats on hosts: one that fails stops no other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import Cancelled, PlanRefused
from nestlab.model import Cmdlet
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from nestlab.workshop import SeatStarted, WorkshopRun
from tests.lab.many import belongings_of, in_threads, timeless
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

ROOT = Path(__file__).parents[2]
FIRST, SECOND = "sim:ws2022-intel", "sim:ws2025-amd"


class Hosts:
    """Simulated hosts of this process, each with any number of sessions."""

    def __init__(self):
        self.by_address = {
            address: SimulatedHost.from_scenario(address[4:]) for address in (FIRST, SECOND)
        }

    def connect(self, address):
        return SimulatedSession(Runspace(self.by_address[address]), address)

    def names(self):
        """Return the names of everything that a run creates on a host."""
        kinds = ("Get-VM", "Get-VMSwitch", "Get-NetNat")
        return {
            address: [
                sorted(record["Name"] for record in self.connect(address).run(Cmdlet(kind)).records)
                for kind in kinds
            ]
            for address in self.by_address
        }


@pytest.fixture
def hosts():
    return Hosts()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))


def ended(results):
    return {result.seat: (str(result.status), result.steps > 0) for result in results}


def presence(course, hosts):
    found = workshop.status(course, hosts.connect)
    return {seat.seat: str(seat.presence) for seat in found.seats}


DONE, NOTHING_TO_DO = ("done", True), ("done", False)


def test_seats_are_built_once_and_removed_again(course, hosts):
    before = hosts.names()
    run = WorkshopRun(course, hosts.connect)
    assert presence(course, hosts) == dict.fromkeys(course.seat_names, "absent")
    assert ended(run.up()) == dict.fromkeys(course.seat_names, DONE)
    found = workshop.status(course, hosts.connect)
    assert found.ok
    assert {seat.seat: seat.host for seat in found.seats} == {
        "ada": FIRST,
        "seat02": SECOND,
        "seat03": FIRST,
    }
    assert ended(run.up()) == dict.fromkeys(course.seat_names, NOTHING_TO_DO)
    for seat in found.seats:
        lab = nestlab.Lab(course.seat(seat.seat).topology, hosts.connect(seat.host))
        assert lab.verify().ok
    assert ended(run.down()) == dict.fromkeys(course.seat_names, DONE)
    assert presence(course, hosts) == dict.fromkeys(course.seat_names, "absent")
    assert hosts.names() == before


def test_seats_side_by_side_end_as_in_turn(course, tmp_path):
    states = []
    for at_once in (4, 1):
        text = SMALL_CLASS.replace("stages:", f"limits: {{seats_at_once: {at_once}}}\nstages:")
        hosts = Hosts()
        again = workshop.load(written(tmp_path, text, SMALL_LAB))
        assert ended(WorkshopRun(again, hosts.connect).up()) == dict.fromkeys(
            course.seat_names, DONE
        )
        states.append({address: timeless(host) for address, host in hosts.by_address.items()})
    assert states[0] == states[1]


def test_seats_are_built_in_turn_where_there_are_no_threads(course, hosts, monkeypatch):
    """As in a browser tab: Pyodide cannot start threads."""

    def refuse(_thread):
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert workshop.plan(course, hosts.connect).ok
    run = WorkshopRun(course, hosts.connect)
    assert ended(run.up()) == dict.fromkeys(course.seat_names, DONE)
    assert workshop.status(course, hosts.connect).ok
    results = run.down()
    assert next(results).ok
    results.close()
    assert set(presence(course, hosts).values()) == {"absent", "complete"}
    stop = threading.Event()
    stop.set()
    cancelled = WorkshopRun(course, hosts.connect, cancel=stop)
    with pytest.raises(Cancelled):
        list(cancelled.down())


def test_a_seat_that_fails_stops_no_other(course, hosts):
    other = nestlab.loads("name: other\nvms: [{name: ada-HV1, generation: 1}]")
    for address in (FIRST, SECOND):
        assert all(result.ok for result in nestlab.Lab(other, hosts.connect(address)).apply())
    found = {result.seat: result for result in WorkshopRun(course, hosts.connect).up()}
    assert not found["ada"].ok
    assert "ada-HV1" in found["ada"].message
    assert (found["seat02"].ok, found["seat03"].ok) == (True, True)


def test_a_reset_leaves_the_other_seats_as_they_are(course, hosts):
    list(WorkshopRun(course, hosts.connect).up())
    plans = ("ada", "seat03")

    def ids():
        host = hosts.by_address[FIRST].world.to_dict()["host"]["hyper_v"]
        return json.dumps([vm for vm in host["vms"] if vm["name"] == "seat03-HV1"], default=str)

    before = ids()
    stage = workshop.stage_named(course, "switch")
    run = WorkshopRun(course, hosts.connect, seats=["ADA"], stage=stage)
    assert ended(run.reset()) == {"ada": DONE}
    assert ids() == before
    assert presence(course, hosts) == {"ada": "partial", "seat02": "complete", "seat03": "complete"}
    again = WorkshopRun(course, hosts.connect, seats=plans)
    assert ended(again.up()) == {"ada": DONE, "seat03": NOTHING_TO_DO}


def test_while_a_seat_is_reset_and_others_work_nothing_of_theirs_changes_in_a_byte(tmp_path):
    """On one host, seat one is reset again and again, three is built, and two is checked."""
    hosts, names = Hosts(), ("one", "two", "three")
    text = SMALL_CLASS.replace("names: [ada]", "names: [one, two, three]").replace(
        f", {SECOND}", ""
    )
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    host = hosts.by_address[FIRST]
    host.machine.hardware.memory = 1 << 38
    for name in names[:2]:
        assert ended(WorkshopRun(course, hosts.connect, seats=[name]).up()) == {name: DONE}
    before, looked = belongings_of(host, "two"), []

    def reset():
        for _ in range(2):
            assert ended(WorkshopRun(course, hosts.connect, seats=["one"]).reset()) == {"one": DONE}

    def build():
        assert ended(WorkshopRun(course, hosts.connect, seats=["three"]).up()) == {"three": DONE}

    def check():
        for _ in range(3):
            report = workshop.LearnerStage(course, "two", "all", hosts.connect).check(wait=0)
            looked.append((report.passed, belongings_of(host, "two") == before))

    in_threads(reset, build, check)
    assert looked == [(True, True)] * 3
    assert belongings_of(host, "two") == before
    assert workshop.status(course, hosts.connect).ok
    third = belongings_of(host, "three")
    reset()
    assert (belongings_of(host, "two"), belongings_of(host, "three")) == (before, third)


def test_a_seat_without_a_host_is_reported_and_the_others_are_built(tmp_path, hosts):
    text = SMALL_CLASS.replace("hosts: [sim:ws2022-intel, ", "hosts: [")
    lab = SMALL_LAB.replace("memory_startup: 8GB", "memory_startup: 24GB")
    course = workshop.load(written(tmp_path, text, lab))
    found = {result.seat: result for result in WorkshopRun(course, hosts.connect).up()}
    assert (found["ada"].ok, found["seat02"].ok) == (True, True)
    assert (found["seat03"].host, str(found["seat03"].status)) == ("", "failed")
    assert "no host has room" in found["seat03"].message


def test_a_seat_above_the_quota_is_refused_before_anything_changes(tmp_path, hosts):
    text = SMALL_CLASS.replace("stages:", "quota: {memory: 6GB}\nstages:")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    with pytest.raises(PlanRefused, match="quota is 6 GB"):
        list(WorkshopRun(course, hosts.connect).up())
    assert presence(course, hosts) == dict.fromkeys(course.seat_names, "absent")


def test_without_consent_nothing_changes(course, hosts):
    run = WorkshopRun(course, hosts.connect)
    assert list(run.up(lambda _plan: False)) == []
    assert presence(course, hosts) == dict.fromkeys(course.seat_names, "absent")


def test_a_cancelled_run_is_continued_by_the_next(course, hosts):
    stop = threading.Event()

    def after_the_first_step(event):
        if not isinstance(event, SeatStarted) and event.to_dict()["event"] == "step-finished":
            stop.set()

    first = WorkshopRun(course, hosts.connect, cancel=stop, on_event=after_the_first_step)
    assert "cancelled" in {str(result.status) for result in first.up()}
    assert ended(WorkshopRun(course, hosts.connect).up()).keys() == set(course.seat_names)
    assert workshop.status(course, hosts.connect).ok


def test_a_caller_that_stops_cancels_the_seats(course, hosts):
    results = WorkshopRun(course, hosts.connect).up()
    assert next(results).ok
    results.close()
    again = ended(WorkshopRun(course, hosts.connect).up())
    assert again.keys() == set(course.seat_names)
    assert workshop.status(course, hosts.connect).ok


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Return a workshop file whose hosts keep their state."""
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    addresses = ", ".join(f"'{name}?state={tmp_path / name[4:]}.json'" for name in (FIRST, SECOND))
    return written(tmp_path, SMALL_CLASS.replace(f"{FIRST}, {SECOND}", addresses), SMALL_LAB)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("steps", [1, 20])
def test_a_run_that_was_killed_is_continued_by_the_next(steps, file, capsys):
    command = [sys.executable, "-m", "nestlab", "workshop", "up", str(file), "--yes", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        for line in process.stdout:
            steps -= json.loads(line)["event"] == "step-finished"
            if not steps:
                os.kill(process.pid, signal.SIGKILL)
                break
    assert main(["workshop", "up", str(file), "--yes"]) == 0
    assert main(["workshop", "status", str(file), "--json"]) == 0
    said = capsys.readouterr().out
    assert "3 of 3 seats done." in said
    assert main(["workshop", "up", str(file), "--yes"]) == 0
    assert capsys.readouterr().out.count("(0 steps)") == 3


def test_the_command_line_builds_shows_resets_and_removes(file, capsys):
    assert main(["workshop", "up", str(file), "--yes", "--seat", "ada", "--stage", "switch"]) == 0
    assert "1 of 1 seats done." in capsys.readouterr().out
    assert main(["workshop", "status", str(file)]) == 1
    assert "in part" in capsys.readouterr().out
    assert main(["workshop", "reset", str(file), "--yes", "--seat", "ada"]) == 0
    capsys.readouterr()
    assert main(["workshop", "status", str(file), "--seat", "ADA", "--json"]) == 0
    (seat,) = json.loads(capsys.readouterr().out)["seats"]
    assert (seat["presence"], seat["running"]) == ("complete", 1)
    assert main(["workshop", "down", str(file), "--yes", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "seat-started"
    assert lines[-1] == {"event": "finished", "done": 1, "seats": 1}
    assert main(["workshop", "down", str(file), "--yes"]) == 0
    assert f"nestlab workshop times {file} -o times.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["up", "--yes", "--seat", "bob"], "has no seat 'bob'"),
        (["up", "--yes", "--stage", "end"], "has no stage 'end'"),
        (["reset", "--yes"], "No seat was given"),
        (["down"], "asks for confirmation"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_hint(arguments, message, file, capsys):
    action, *rest = arguments
    assert main(["workshop", action, str(file), *rest]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 2


def test_runs_speak_spanish(file, capsys, spanish):
    assert main(["workshop", "up", str(file), "--yes", "--seat", "ada", "--stage", "switch"]) == 0
    assert "1 de 1 puestos terminados." in capsys.readouterr().out
    assert main(["workshop", "status", str(file)]) == 1
    assert "en parte" in capsys.readouterr().out
