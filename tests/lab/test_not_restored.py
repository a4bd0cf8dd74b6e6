"""What cannot come back is said in the plan, before the undo, and after it."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.apply import NotRestored
from nestlab.cli import main

LAB = r"""
name: gone
switches: [{{name: A, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24}}{more}]
vms:
  - name: web1
    generation: {generation}
    memory_startup: 1GB
    state: "Off"
    disk: {{size: 10GB}}
"""
BEFORE = LAB.format(generation=1, more="")
RECREATED = LAB.format(generation=2, more="")


def applied(host, text, **consent):
    lab = nestlab.Lab(nestlab.loads(text), host)
    plan = lab.plan(**consent)
    assert [str(result) for result in lab.apply(plan) if not result.ok] == []
    return lab, plan


@pytest.fixture
def host(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.connect()


def undone(lab):
    """Undo the newest run; return the titles of what the undo says it did not restore."""
    events = []
    assert all(result.ok for result in lab.undo(on_event=events.append))
    return [
        step.title for event in events if isinstance(event, NotRestored) for step in event.steps
    ]


def test_a_recreated_vm_does_not_come_back_and_the_plan_and_the_undo_say_so(host):
    applied(host, BEFORE)
    lab, plan = applied(host, RECREATED, recreate=["web1"])
    removals = [step for step in plan if step.action in ("remove-vm", "delete-disk")]
    assert removals
    for step in removals:
        assert "undo cannot restore it, nor what is on its disks" in step.why
    created = [step for step in plan if step.creates]
    assert not any("undo cannot" in step.why for step in created)
    assert undone(lab) == [step.title for step in removals]


def test_what_prune_removes_without_an_undo_is_said_as_well(host):
    applied(
        host,
        BEFORE.replace("nat: 10.1.0.0/24}", "nat: 10.1.0.0/24}, {name: B, switch_type: Private}"),
    )
    text = "name: gone\nswitches: [{name: C, switch_type: Private}]"
    lab, plan = applied(host, text, prune=True)
    removals = [step for step in plan if not step.undo]
    assert {step.action for step in removals} >= {
        "remove-vm",
        "delete-disk",
        "remove-nat",
        "remove-switch",
    }
    assert all("undo cannot restore it" in step.why for step in removals)
    assert set(undone(lab)) == {step.title for step in removals}


def test_an_undo_that_restores_everything_says_nothing(host):
    lab, _ = applied(host, BEFORE)
    assert undone(lab) == []


def test_destroy_has_no_undo_and_does_not_speak_of_one(host):
    lab, _ = applied(host, BEFORE)
    assert not any("undo" in step.why for step in lab.plan_destroy())


def test_the_command_line_says_it_before_and_after(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    address = f"sim:ws2022-intel?state={tmp_path / 'host.json'}"
    file = tmp_path / "lab.yml"
    file.write_text(BEFORE, "utf-8")
    assert main(["apply", str(file), "--host", address, "--yes"]) == 0
    file.write_text(RECREATED, "utf-8")
    capsys.readouterr()
    assert main(["apply", str(file), "--host", address, "--yes", "--recreate", "web1"]) == 0
    assert "undo cannot restore it, nor what is on its disks" in capsys.readouterr().out
    assert main(["undo", "--host", address, "--yes"]) == 0
    assert "Not undone, because nothing can restore" in capsys.readouterr().out
