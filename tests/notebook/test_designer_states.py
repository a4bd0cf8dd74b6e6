"""The designer shows what a run does to each part, and which parts differ from the host."""

import gc
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import nestlab
from nestlab.apply import StepResult, StepStarted
from nestlab.apply.step_result import StepState
from nestlab.errors import HostUnreachable, StateFileError, UsageError
from nestlab.model import Cmdlet
from nestlab.notebook import PlanPanel
from nestlab.notebook.designer import TopologyDesigner, host_vms
from nestlab.topology_file import loads

LAB = """name: states
switches: [{name: Net, switch_type: Internal, ip_address: 10.77.0.1/24}, {name: Other, switch_type: Private}]
vms:
  - {name: web1, state: 'Off', network_adapters: [{switch: Net}]}
  - {name: web2, state: 'Off', network_adapters: [{switch: Other}]}
"""
PARTS = {"switch:host/Net", "switch:host/Other", "web1", "web2"}


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nestlab.Lab:
    monkeypatch.chdir(tmp_path)
    return nestlab.Lab(loads(LAB), nestlab.connect("sim:ws2022-intel"))


def of_parts(designer: TopologyDesigner) -> dict[str, str]:
    return {part: state for part, state in designer.states.items() if part in PARTS}


def test_a_panel_that_is_followed_shows_planned_running_and_done(lab: nestlab.Lab) -> None:
    designer = TopologyDesigner(lab.topology)
    assert designer.states == {}
    panel = PlanPanel(lab)
    panel.job.join()
    designer.follow(panel)
    assert of_parts(designer) == dict.fromkeys(PARTS, "planned")
    seen: list[dict[str, str]] = []
    designer.observe(lambda change: seen.append(dict(change["new"])), "states")
    panel.apply_next().join()
    assert any("running" in states.values() for states in seen)
    assert "planned" in designer.states.values()
    panel.run_to_end()
    assert of_parts(designer) == dict.fromkeys(PARTS, "done")
    assert "running" not in designer.states.values()


def test_a_failed_step_stays_failed_and_is_done_when_it_succeeds(lab: nestlab.Lab) -> None:
    designer = TopologyDesigner(lab.topology)
    plan = lab.plan()
    designer.show_progress(plan)
    (step,) = [step for step in plan if step.target.name == "web1" and step.creates]
    designer.show_progress(StepStarted(step, 1, len(plan.steps)))
    assert designer.states["web1"] == "running"
    designer.show_progress(StepResult(step=step, status=StepState.FAILED, message="no"))
    assert designer.states["web1"] == "failed"
    designer.show_progress(lab.plan())
    assert designer.states["web1"] == "failed", "the plan that remains has the step again"
    for result in lab.apply(on_event=designer.show_progress):
        designer.show_progress(result)
    assert of_parts(designer) == dict.fromkeys(PARTS, "done")


def test_a_comparison_shows_what_differs_alone(lab: nestlab.Lab) -> None:
    designer = TopologyDesigner(lab.topology)
    for result in lab.apply(on_event=designer.show_progress):
        designer.show_progress(result)
    lab.host.run(Cmdlet("Set-VM", {"Name": "web1", "ProcessorCount": 1}))
    lab.host.run(Cmdlet("Remove-VM", {"Name": "web2", "Force": True}))
    designer.show_drift(nestlab.drift(lab.topology, lab.host))
    assert of_parts(designer) == {"web1": "drifted", "web2": "drifted"}


def test_the_vms_of_a_host_are_shown_and_read_again(lab: nestlab.Lab) -> None:
    designer = TopologyDesigner(lab.topology)
    designer.show_host(lab, seconds=0.02)
    assert designer.host_vms == {"host": "sim:ws2022-intel", "vms": {}, "problem": ""}
    assert all(result.ok for result in lab.apply())
    lab.host.run(Cmdlet("Start-VM", {"Name": "web2"}))
    expected = {"web1": ["vm-off", "Off"], "web2": ["vm-running", "Running"]}
    deadline = time.monotonic() + 20
    while designer.host_vms["vms"] != expected and time.monotonic() < deadline:
        time.sleep(0.02)
    assert designer.host_vms["vms"] == expected
    designer.show_host(None)
    assert designer.host_vms == {}
    with pytest.raises(UsageError, match="needs a host"):
        designer.show_host("sim:ws2022-intel")  # type: ignore[arg-type]


def test_a_host_that_does_not_answer_is_said_in_place_of_states(
    lab: nestlab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    designer = TopologyDesigner(lab.topology)

    def no_answer(*_statements: object, **_options: object) -> None:
        raise HostUnreachable("sim:ws2022-intel", "No answer from port 5985.")

    monkeypatch.setattr(lab.host, "run", no_answer)
    designer.show_host(lab.host)
    assert designer.host_vms["problem"] == "No answer from port 5985."
    assert designer.host_vms["vms"] == {}
    designer.close()


def test_a_reading_that_has_begun_is_not_shown_after_the_host_is_gone(
    lab: nestlab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before, it was shown when it ended, and stayed.
    designer = TopologyDesigner(lab.topology)
    designer.show_host(lab, seconds=0.02)
    begun, gone, ended = threading.Event(), threading.Event(), threading.Event()
    run = lab.host.run

    def slow(*statements: Cmdlet, **options: Any) -> object:
        begun.set()
        assert gone.wait(20)
        ended.set()
        return run(*statements, **options)

    monkeypatch.setattr(lab.host, "run", slow)
    assert begun.wait(20)
    designer.show_host(None)
    gone.set()
    assert ended.wait(20)
    time.sleep(0.2)
    assert designer.host_vms == {}


def test_any_error_is_said_and_the_states_are_read_again(
    lab: nestlab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Before, an error that is not one of the host ended the reading, and the old states stayed.
    assert all(result.ok for result in lab.apply())
    designer = TopologyDesigner(lab.topology)
    designer.show_host(lab, seconds=0.02)

    def broken(*_statements: object, **_options: object) -> None:
        raise StateFileError("The file of the host cannot be read.")

    with monkeypatch.context() as patched:
        patched.setattr(lab.host, "run", broken)
        until(lambda: designer.host_vms["problem"] == "The file of the host cannot be read.")
    until(lambda: len(designer.host_vms["vms"]) == len(("web1", "web2")))
    designer.close()


def test_a_pause_is_said_and_ends_as_soon_as_a_page_is_seen(
    lab: nestlab.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(result.ok for result in lab.apply())
    designer = TopologyDesigner(lab.topology)
    with monkeypatch.context() as patched:
        patched.setattr(host_vms, "UNSEEN", 0.0)
        designer.show_host(lab, seconds=3.0)
        assert len(designer.host_vms["vms"]) == len(("web1", "web2"))
        until(lambda: "not read while the kernel is busy" in designer.host_vms["problem"])
        assert designer.host_vms["vms"] == {}
    began = time.monotonic()
    designer.seen()
    until(lambda: len(designer.host_vms["vms"]) == len(("web1", "web2")))
    assert time.monotonic() - began < 2.0
    designer.close()


def test_a_host_without_hyper_v_is_said_not_to_have_been_read(lab: nestlab.Lab) -> None:
    # Before, the line said that none of the VMs exists there.
    designer = TopologyDesigner(lab.topology)
    designer.show_host(nestlab.connect("sim:no-role"))
    assert "Get-VM failed on host" in designer.host_vms["problem"]
    designer.close()


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, and assert it."""
    deadline = time.monotonic() + 20
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holds()


def test_a_panel_that_is_followed_shows_the_vms_of_its_host_too(lab: nestlab.Lab) -> None:
    assert all(result.ok for result in lab.apply())
    designer = TopologyDesigner(lab.topology)
    designer.follow(PlanPanel(lab))
    designer.show_host(lab, seconds=0.02)
    assert designer.host_vms["vms"] == {part: ["vm-off", "Off"] for part in ("web1", "web2")}
    designer.close()
    assert all(result.ok for result in lab.destroy())
    time.sleep(0.1)
    assert len(designer.host_vms["vms"]) == len(("web1", "web2")), "it is not read any more"


def test_a_designer_whose_argument_is_refused_is_closed_without_an_error() -> None:
    with pytest.raises(UsageError, match="needs a topology"):
        TopologyDesigner(3)  # type: ignore[arg-type]
    gc.collect()
