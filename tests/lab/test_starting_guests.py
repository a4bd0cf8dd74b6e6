"""Guests that start: apply and undo end when they are up, and verify waits for them for a while."""

from __future__ import annotations

import threading

import pytest

import nestlab
from nestlab.apply import UP_SECONDS, GuestsNotUp, RunFinished, RunStatus, Waiting
from nestlab.cli import app
from nestlab.errors import Cancelled
from nestlab.model import Cmdlet, SwitchParameter

LINUX = r"""
name: starts
images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.20.0.1/24}]
vms:
  - name: lx1
    memory_startup: 1GB
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true}
    network_adapters: [{switch: Lab, ip_address: 10.20.0.11/24}]
  - name: lx2
    memory_startup: 1GB
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true}
    network_adapters: [{switch: Lab, ip_address: 10.20.0.12/24}]
checks: [{from: host, to: lx1}, {from: host, to: lx2}]
"""
NESTED = r"""
name: starts-inside
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.20.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: c}
    network_adapters: [{name: Out, switch: Lab, ip_address: 10.20.0.11/24}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.30.0.1/24}]
      vms:
        - name: lx1
          memory_startup: 1GB
          disk: {image: ubuntu}
          guest: {os: linux, cloud_init: true}
          network_adapters: [{switch: In, ip_address: 10.30.0.12/24}]
checks: [{from: HV1, to: lx1}, {from: host, to: HV1}]
"""
SCENARIOS = ["ws2022-intel", "ws2022-spanish"]


def lab_of(host, text, tmp_path, name="j"):
    return nestlab.Lab(nestlab.loads(text), host, tmp_path / f"{name}.jsonl")


def run(results):
    assert [str(result) for result in results if not result.ok] == []


def world_of(host):
    return host.simulated_host.world


def waits(events):
    return {event.activity for event in events if isinstance(event, Waiting)}


@pytest.mark.parametrize("text", [LINUX, NESTED])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_an_apply_ends_when_the_linux_guests_are_up(text, scenario, tmp_path):
    # Before, it ended at Start-VM, and verify right after it was "not known".
    host, events = nestlab.connect(f"sim:{scenario}"), []
    lab = lab_of(host, text, tmp_path)
    run(lab.apply(on_event=events.append))
    now = world_of(host).clock.now
    names = "lx1, lx2" if text is LINUX else "HV1/lx1"
    assert f"Waiting for the heartbeat of {names}" in waits(events)
    assert not any(isinstance(event, GuestsNotUp) for event in events)
    assert events[-1].status is RunStatus.DONE
    assert [check.status for check in lab.verify()] == ["reachable"] * 2
    assert world_of(host).clock.now - now < UP_SECONDS


@pytest.mark.parametrize("text", [LINUX, NESTED])
def test_an_undo_ends_when_the_guests_that_it_started_are_up(text, tmp_path):
    # Before, verify after an undo that restarts a guest was "not known".
    host, events = nestlab.connect(), []
    run(lab_of(host, text, tmp_path).apply())
    changed = text.replace("memory_startup: 1GB", "memory_startup: 2GB")
    run(lab_of(host, changed, tmp_path, "more").apply())
    run(lab_of(host, changed, tmp_path, "more").undo(on_event=events.append))
    assert any("lx1" in each for each in waits(events))
    lab = lab_of(host, text, tmp_path)
    assert [check.status for check in lab.verify()] == ["reachable"] * 2
    assert lab.plan().is_empty


def test_a_windows_that_undo_starts_again_answers_at_its_end(tmp_path):
    text = NESTED[: NESTED.index("    nested:")] + "checks: [{from: HV1, to: host}]"
    host, events = nestlab.connect(), []
    run(lab_of(host, text, tmp_path).apply())
    changed = lab_of(host, text.replace("startup: 8GB", "startup: 6GB"), tmp_path, "more")
    run(changed.apply())
    run(changed.undo(on_event=events.append))
    assert waits(events) == {"Waiting for the heartbeat of HV1"}
    results = list(lab_of(host, text, tmp_path).verify())
    assert [(check.status, check.method) for check in results] == [("reachable", "ping")]


def test_a_guest_without_a_heartbeat_is_named_at_the_time_limit_and_verify_says_so(tmp_path):
    text = LINUX.replace(", cloud_init: true", "").replace("image: ubuntu", "size: 10GB", 1)
    host, events = nestlab.connect(), []
    lab = lab_of(host, text, tmp_path)
    now = world_of(host).clock.now
    run(lab.apply(on_event=events.append))
    assert world_of(host).clock.now - now >= UP_SECONDS
    (found,) = (event for event in events if isinstance(event, GuestsNotUp))
    assert found.machines == ("lx1",)
    assert "lx1 has no heartbeat 5 minutes after the start" in found.text
    # Before, it did not mention any of these.
    for reason in ("has another operating system", "Secure Boot", "other generation"):
        assert reason in found.text
    assert found.to_dict()["machines"] == ["lx1"]
    assert isinstance(events[-1], RunFinished)
    now, events = world_of(host).clock.now, []
    report = lab.verify(on_event=events.append)
    assert waits(events) == set()  # it has run for longer than the limit
    # Before, verify named only guests that had just been started.
    (found,) = (each for each in report if "lx1" in (each.check.source, each.check.target))
    assert "lx1 has no heartbeat yet" in found.explanation


def test_verify_waits_for_guests_that_were_just_started_and_names_those_that_are_not_up(tmp_path):
    host = nestlab.connect()
    lab = lab_of(host, LINUX, tmp_path)
    run(lab.apply())
    for name in ("lx1", "lx2"):
        host.run(Cmdlet("Stop-VM", {"Name": name, "TurnOff": SwitchParameter.ON}))
    host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "lx2"}, Cmdlet("Remove-VMHardDiskDrive")))
    for name in ("lx1", "lx2"):
        host.run(Cmdlet("Start-VM", {"Name": name}))
    events = []
    report = lab.verify(on_event=events.append)
    assert "Waiting for the heartbeat of lx1, lx2" in waits(events)
    first, second = report
    assert (first.status, first.explanation) == ("reachable", "")
    assert second.status == "undetermined"
    assert second.explanation.startswith("lx2 has no heartbeat yet: check on the console")


@pytest.mark.parametrize("what", ["apply", "undo", "verify"])
def test_a_wait_can_be_cancelled(what, tmp_path):
    host, cancel = nestlab.connect(), threading.Event()
    lab = lab_of(host, LINUX, tmp_path)

    def on_event(event):
        if isinstance(event, Waiting):
            cancel.set()

    if what != "apply":
        run(lab.apply())
    if what == "verify":
        host.run(Cmdlet("Restart-VM", {"Name": "lx1", "Force": SwitchParameter.ON}))
    if what == "undo":
        lab = lab_of(host, LINUX.replace("startup: 1GB", "startup: 2GB"), tmp_path, "more")
        run(lab.apply())
    runs = {
        "apply": lambda: list(lab.apply(cancel=cancel, on_event=on_event)),
        "undo": lambda: list(lab.undo(cancel=cancel, on_event=on_event)),
        "verify": lambda: lab.verify(cancel=cancel, on_event=on_event),
    }
    with pytest.raises(Cancelled):
        runs[what]()
    assert cancel.is_set()
    lab.verify()


def test_guests_without_an_operating_system_and_those_that_are_off_are_not_waited_for(tmp_path):
    text = LINUX.replace("{os: linux, cloud_init: true}", "{os: none}", 1).replace(
        "guest: {os: linux, cloud_init: true}",
        "guest: {os: linux, cloud_init: true}\n    state: Off",
    )
    host, events = nestlab.connect(), []
    lab = lab_of(host, text, tmp_path)
    run(lab.apply(on_event=events.append))
    lab.verify(on_event=events.append)
    assert waits(events) == set()


@pytest.mark.parametrize(("silent", "code"), [(True, 1), (False, 0)])
def test_the_exit_code_of_an_apply_says_whether_its_guests_came_up(
    silent, code, tmp_path, monkeypatch, capsys
):
    # Before, it was 0 where the output said that a guest gives no heartbeat.
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    file = tmp_path / "lab.yml"
    text = LINUX.replace(", cloud_init: true", "").replace("image: ubuntu", "size: 10GB", 1)
    file.write_text(text if silent else LINUX, encoding="utf-8")
    for options in ((), ("--json",)):
        state = tmp_path / f"host{len(options)}.json"
        host = f"sim:ws2022-intel?state={state}"
        assert app.run(["apply", str(file), "--yes", "--host", host, *options]) == code
        assert ("no heartbeat" in capsys.readouterr().out) is (silent and not options)
        assert app.run(["apply", str(file), "--yes", "--host", host]) == 0  # nothing to do
        capsys.readouterr()
