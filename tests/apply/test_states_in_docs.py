"""The diagrams of docs/apply.md show the states of the code: all of them, and no other."""

import json
import re
from pathlib import Path

import pytest

import nestlab
from nestlab.apply import MachineState, StepState
from nestlab.apply.machine_task import FRESH_SECONDS, MachineTask
from nestlab.apply.nat_changes import LIMIT_SECONDS as NAT_SECONDS
from nestlab.apply.step_execution import _RECONNECTS, RECONNECT_SECONDS
from nestlab.apply.transient_errors import RETRIES, RETRY_SECONDS
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS
from tests.apply.classroom import classroom

PAGE = (Path(__file__).parents[2] / "docs" / "apply.md").read_text(encoding="utf-8")
DIAGRAMS = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)


def arrows(diagram):
    return set(re.findall(r"^ +(\S+) --> (\S+?)(?::|$)", diagram, re.MULTILINE))


@pytest.mark.parametrize(
    ("diagram", "states"), [*zip(DIAGRAMS, (MachineState, StepState), strict=True)]
)
def test_a_diagram_has_the_states_of_the_code(diagram, states):
    named = {name for arrow in arrows(diagram) for name in arrow} - {"[*]"}
    assert named == {state.name.lower() for state in states}
    assert {target for _, target in arrows(diagram)} - {"[*]"} == named, "each can be reached"


def test_the_numbers_of_the_page_are_those_of_the_code():
    assert f"more than {FRESH_SECONDS:.0f} seconds old" in PAGE
    assert f"A guest has {LIMIT_SECONDS / 60:.0f} minutes" in PAGE
    assert f"{POLL_SECONDS:.0f} seconds have passed" in PAGE
    assert (RETRIES, RETRY_SECONDS) == (6, 5.0)
    assert NAT_SECONDS == 5 * 60
    assert _RECONNECTS * RECONNECT_SECONDS == 2 * 60


def test_machines_of_a_run_take_only_the_arrows_of_the_diagram(monkeypatch, tmp_path):
    taken = set()

    def record(task, name, value):
        if name == "state":
            before = getattr(task, "state", None)
            taken.add((before.name.lower() if before else "[*]", value.name.lower()))
        object.__setattr__(task, name, value)

    monkeypatch.setattr(MachineTask, "__setattr__", record)
    lab = nestlab.Lab(classroom(3, 1), nestlab.connect(), tmp_path / "j.jsonl")
    assert all(result.ok for result in lab.apply())
    assert taken <= arrows(DIAGRAMS[0])
    assert {"working", "not_answering", "ended"} <= {new for _, new in taken}


def test_steps_of_a_journal_take_only_the_arrows_of_the_diagram(tmp_path):
    path = tmp_path / "j.jsonl"
    lab = nestlab.Lab(classroom(1, 1), nestlab.connect(), path)
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.undo())
    at, taken = {}, set()
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        new = {"step-started": "running", "undo-started": "undoing", "undone": "undone"}
        state = new.get(record["record"], record.get("status"))
        if state is not None and record["record"] != "step-bound":
            step = record.get("id") or record["step"]["id"]
            taken.add((at.get(step, "[*]"), state.replace("-", "_")))
            at[step] = state
    assert {("[*]", "running"), ("running", "done"), ("undoing", "undone")} <= taken
    assert taken <= arrows(DIAGRAMS[1])
