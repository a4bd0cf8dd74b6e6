"""What goes wrong on the day: a clear word at the seat that it concerns, and no other is touched."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.errors import FileNotWritten, HostUnreachable
from nestlab.lab import journal_folder
from nestlab.model import Cmdlet
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.workshop import LearnerStage, WorkshopRun, board
from nestlab.workshop.stage_progress import StageProgress
from tests.transport.doors import guests_of
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written
from tests.workshop.test_faults import HOST, OneHost
from tests.workshop.test_workshop_run import FIRST, SECOND, Hosts

ONE_HOST = SMALL_CLASS.replace(", sim:ws2025-amd", "")


@pytest.fixture
def one():
    return OneHost()


@pytest.fixture
def course(tmp_path):
    return workshop.load(written(tmp_path, ONE_HOST, SMALL_LAB))


def on(host, name, **parameters):
    return host.connect(HOST).run(Cmdlet(name, parameters))


def by_seat(results):
    return {result.seat: result for result in results}


def test_a_learner_that_deletes_the_switch_of_the_seat_hears_it_and_gets_it_back(course, one):
    list(WorkshopRun(course, one.connect).up())
    others = [one.of_seat(name) for name in ("seat02", "seat03")]
    on(one, "Disconnect-VMNetworkAdapter", VMName="ada-HV1")
    on(one, "Remove-VMSwitch", Name="ada-LabNet", Force=True)
    stage = LearnerStage(course, "ada", "all", one.connect)
    report = stage.check(wait=0)
    assert not report.passed
    assert "switch ada-LabNet: The switch does not exist" in str(report)
    assert "New-VMSwitch -Name 'ada-LabNet'" in str(report.hints[-1])
    assert LearnerStage(course, "seat02", "all", one.connect).check().passed
    assert by_seat(stage.solve())["ada"].ok
    assert stage.check().passed
    assert [one.of_seat(name) for name in ("seat02", "seat03")] == others


def test_a_host_that_is_down_at_noon_stops_the_seats_on_it_only(tmp_path):
    hosts = Hosts()
    course = workshop.load(written(tmp_path, SMALL_CLASS, SMALL_LAB))
    list(WorkshopRun(course, hosts.connect).up())
    for name in course.seat_names:
        StageProgress(course.seat(name)).mark_check(course.stages[0], passed=True)

    def connect(address):
        if address == SECOND:
            message = f"{address} does not answer"
            raise HostUnreachable(address, message)
        return hosts.connect(address)

    before = hosts.names()
    assert LearnerStage(course, "ada", "all", connect).check().passed
    with pytest.raises(HostUnreachable, match="does not answer"):
        LearnerStage(course, "seat02", "all", connect).check()
    found = workshop.status(course, connect)
    assert {seat.seat: str(seat.presence) for seat in found.seats} == {
        "ada": "complete",
        "seat02": "unknown",
        "seat03": "complete",
    }
    ended = by_seat(WorkshopRun(course, connect, seats=["ada"]).reset())
    assert ended["ada"].ok
    assert hosts.names() == before
    assert len(board(course).seats) == 3, "the board asks no host"


def test_a_seat_on_a_silent_host_is_not_built_a_second_time_on_another(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    first, second = (f"{name}?state={tmp_path / name[4:]}.json" for name in (FIRST, SECOND))
    text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", f"'{first}', '{second}'")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    list(WorkshopRun(course, nestlab.connect).up())

    def connect(address):
        if address == second:
            message = f"{address} does not answer"
            raise HostUnreachable(address, message)
        return nestlab.connect(address)

    there = json.loads((tmp_path / f"{FIRST[4:]}.json").read_text(encoding="utf-8"))
    for way in ("up", "reset"):
        run = WorkshopRun(course, connect, seats=["seat02"], stage=course.stages[-1])
        ended = by_seat(getattr(run, way)())
        assert not ended["seat02"].ok
        assert "which does not answer" in ended["seat02"].message
        assert "remove the host from the file" in ended["seat02"].hint
    ended = by_seat(WorkshopRun(course, connect).up())
    assert (ended["ada"].ok, ended["seat02"].ok, ended["seat03"].ok) == (True, False, True)
    now = json.loads((tmp_path / f"{FIRST[4:]}.json").read_text(encoding="utf-8"))
    assert names_of(now) == names_of(there)
    fewer = workshop.load(written(tmp_path, text.replace(f", '{second}'", ""), SMALL_LAB))
    assert by_seat(WorkshopRun(fewer, connect).up())["seat02"].ok


def test_a_seat_that_was_removed_from_a_silent_host_is_built_on_another(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    first, second = (f"{name}?state={tmp_path / name[4:]}.json" for name in (FIRST, SECOND))
    text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", f"'{first}', '{second}'")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    list(WorkshopRun(course, nestlab.connect).up())
    list(WorkshopRun(course, nestlab.connect).down())

    def connect(address):
        if address == second:
            raise HostUnreachable(address, "off")
        return nestlab.connect(address)

    assert by_seat(WorkshopRun(course, connect).up())["seat02"].host == first


def test_a_host_whose_address_has_options_is_known_by_its_journals(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    first, certificate = f"{FIRST}?state={tmp_path / 'first.json'}", tmp_path / "ca.pem"
    with serve(SimulatedHost.from_scenario("ws2025-amd"), tls=True) as endpoint:
        guests_of(endpoint, monkeypatch)
        monkeypatch.setenv("NESTLAB_CREDENTIAL_HOST", f"{endpoint.user}:{endpoint.password}")
        certificate.write_bytes(Path(endpoint.certificate).read_bytes())
        second = f"{endpoint.address}/?ca={certificate}"
        text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", f"'{second}'")
        alone = workshop.load(written(tmp_path, text, SMALL_LAB))
        run = WorkshopRun(alone, nestlab.connect, seats=["ada"], stage=alone.stages[0])
        assert by_seat(run.up())["ada"].ok
    course = workshop.load(
        written(tmp_path, text.replace(f"'{second}'", f"'{first}', '{second}'"), SMALL_LAB)
    )
    ended = by_seat(WorkshopRun(course, nestlab.connect, seats=["ada", "seat02"]).up())
    assert (ended["ada"].ok, ended["seat02"].ok) == (False, True)
    assert "which does not answer" in ended["ada"].message
    found = workshop.plan(course, nestlab.connect)
    assert found.on_silent == {"ada": second}
    assert "ada" not in found.placement.hosts
    assert not found.placement.left_out


def test_a_seat_that_was_removed_in_part_from_a_silent_host_is_still_there(tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    first, second = (f"{name}?state={tmp_path / name[4:]}.json" for name in (FIRST, SECOND))
    text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", f"'{first}', '{second}'")
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    list(WorkshopRun(course, nestlab.connect).up())
    removing = nestlab.Lab(course.seat("seat02").topology, nestlab.connect(second)).destroy()
    assert next(removing).ok
    removing.close()

    def connect(address):
        if address == second:
            raise HostUnreachable(address, "off")
        return nestlab.connect(address)

    ended = by_seat(WorkshopRun(course, connect, seats=["seat02"]).up())
    assert "which does not answer" in ended["seat02"].message


def test_a_renamed_seat_on_another_host_than_its_new_name_is_named(tmp_path, capsys):
    hosts = [f"{name}?state={tmp_path / name[4:]}.json" for name in (FIRST, SECOND)]
    text = SMALL_CLASS.replace(f"{FIRST}, {SECOND}", ", ".join(f"'{each}'" for each in hosts))
    course = workshop.load(written(tmp_path, text, SMALL_LAB))
    list(WorkshopRun(course, nestlab.connect).up())
    file = written(tmp_path, text.replace("[ada]", "[ada, seat02, carl]"), SMALL_LAB)
    renamed = workshop.load(file)
    (finding,) = workshop.plan(renamed, nestlab.connect).left_seats
    assert (finding.code, finding.severity) == ("seat-not-in-file", "warning")
    assert finding.subject == "seat03"
    assert "small-seat03" in finding.message
    assert "down FILE --seat seat03" in finding.hint
    assert main(["workshop", "up", str(file), "--yes"]) == 0
    assert "[seat-not-in-file]" in capsys.readouterr().err
    other = workshop.load(written(tmp_path, text.replace("name: small", "name: sma"), SMALL_LAB))
    assert workshop.plan(other, nestlab.connect).left_seats == (), "another workshop"


def names_of(state):
    return sorted(vm["name"] for vm in state["host"]["hyper_v"]["vms"])


def test_two_trainers_at_once_are_told_so_at_the_seat(course, one, tmp_path, monkeypatch):
    """Another process holds the lock of a seat: its run is refused, the others go on."""
    list(WorkshopRun(course, one.connect, stage=course.stages[0]).up())
    lock = journal_folder.topology_lock
    taken = course.seat("ada").topology.name

    def locked(name, host):
        if name == taken:
            raise journal_folder.AnotherRunActive(name, host.host)
        return lock(name, host)

    monkeypatch.setattr(journal_folder, "topology_lock", locked)
    before = one.of_seat("ada")
    found = by_seat(WorkshopRun(course, one.connect).up())
    assert not found["ada"].ok
    assert "small-ada" in found["ada"].message
    assert found["ada"].hint
    assert (found["seat02"].ok, found["seat03"].ok) == (True, True)
    progress = StageProgress(course.seat("ada"))
    progress.mark_check(course.stages[0], passed=True)
    assert not by_seat(WorkshopRun(course, one.connect, seats=["ada"]).reset())["ada"].ok
    progress.reload()
    assert progress.is_done(course.stages[0]), "nothing was removed"
    assert one.of_seat("ada") == before


def test_two_trainers_that_reset_different_seats_at_once_do_not_disturb_each_other(course, one):
    list(WorkshopRun(course, one.connect).up())
    ended = {}

    def trainer(name):
        ended.update(by_seat(WorkshopRun(course, one.connect, seats=[name]).reset()))

    threads = [threading.Thread(target=trainer, args=(name,)) for name in ("ada", "seat02")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(ended) == ["ada", "seat02"]
    assert all(result.ok for result in ended.values())
    assert workshop.status(course, one.connect).ok


def test_a_seat_renamed_in_the_middle_is_named_and_its_old_objects_stay(course, one, tmp_path):
    list(WorkshopRun(course, one.connect).up())
    before = one.of_seat("ada")
    others = [one.of_seat(name) for name in ("seat02", "seat03")]
    renamed = workshop.load(written(tmp_path, ONE_HOST.replace("[ada]", "[anna]"), SMALL_LAB))
    plan = workshop.plan(renamed, one.connect)
    assert {conflict.seat for conflict in plan.conflicts} == {"anna"}
    assert "small-ada.ada-LabNet" in plan.conflicts[0].finding.message
    ended = by_seat(WorkshopRun(renamed, one.connect).up())
    assert (ended["anna"].ok, ended["seat02"].ok, ended["seat03"].ok) == (False, True, True)
    assert "small-ada.ada-LabNet" in ended["anna"].message
    assert "Remove-NetNat" not in ended["anna"].message
    assert "with its file" in ended["anna"].message
    hints = [conflict.finding.hint for conflict in plan.conflicts]
    assert any("nestlab workshop down FILE --seat ada, then rename it" in hint for hint in hints)
    assert not any(conflict.finding.fix for conflict in plan.conflicts)
    assert one.of_seat("ada") == before
    assert [one.of_seat(name) for name in ("seat02", "seat03")] == others
    assert one.of_seat("anna") == "[]"
    back = workshop.load(written(tmp_path, ONE_HOST, SMALL_LAB))
    assert LearnerStage(back, "ada", "all", one.connect).check().passed


def test_a_full_disk_of_the_progress_is_said_at_that_seat(course, one, monkeypatch):
    def full(_number):
        raise OSError(errno.ENOSPC, "No space left on device")

    list(WorkshopRun(course, one.connect, seats=["ada", "seat02"]).up())
    ended = by_seat(WorkshopRun(course, one.connect, seats=["ada", "seat02"]).down())
    assert all(result.ok for result in ended.values()), "nothing was known to keep"
    known = StageProgress(course.seat("seat02"))
    known.mark_check(course.stages[0], passed=True)
    ada = StageProgress(course.seat("ada"))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(FileNotWritten, match="No space left") as error:
            ada.mark_check(course.stages[0], passed=True)
    assert not ada.path.exists()
    assert "free some space" in error.value.hint
    assert json.loads(known.path.read_text(encoding="utf-8"))["stages"]["switch"]["done"]
