"""What is written of a step, and read back."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Secret, Size, SwitchParameter
from nestlab.plan import (
    Deferred,
    Effect,
    Hazard,
    OutOfReach,
    Remainder,
    Step,
    StepTarget,
    make_plan,
)
from nestlab.plan.conversion import ConversionError, from_plain, to_plain
from tests.plan.states import host
from tests.strategies import topologies

STEP = Step(
    id="HV1:set-memory:web",
    machine=("HV1",),
    action="set-memory",
    title="Give web memory",
    why="it has less",
    cmdlets=(
        Cmdlet(
            "Set-VMMemory",
            {"VMName": "web", "StartupBytes": Size.parse("1GB"), "Force": SwitchParameter.ON},
        ),
    ),
    undo=(Cmdlet("Set-VMMemory", {"VMName": "web", "StartupBytes": Size.parse("512MB")}),),
    target=StepTarget("vm", "web"),
    hazard=Hazard.STOPS_VM,
    effect=Effect.RESTART,
    needs=("HV1:create-vm:web",),
    creates=True,
    by_request=True,
)


def through_json(value):
    return from_plain(json.loads(json.dumps(to_plain(value))), type(value))


LEFT = Remainder(("HV1",), "VM old", ("10.0.0.5", "disk D:\\old.vhdx"))
CLOSED = OutOfReach(("web",), ("Ethernet: 10.0.0.5/24",), "web is to be Off")


@pytest.mark.parametrize(
    "value",
    [
        STEP,
        STEP.target,
        Deferred(("HV1",), "off", datetime(2026, 1, 5, tzinfo=UTC)),
        Deferred((), "x"),
        LEFT,
        CLOSED,
    ],
)
def test_values_come_back(value):
    assert through_json(value) == value


def test_no_field_is_forgotten():
    assert set(to_plain(STEP)) == {field.name for field in dataclasses.fields(Step)}


@given(topologies)
def test_the_steps_of_any_plan_come_back(topology):
    try:
        plan = make_plan(topology, {(): host()})
    except PlanRefused:
        return
    assert tuple(map(through_json, plan.steps)) == plan.steps
    assert tuple(map(through_json, plan.deferred)) == plan.deferred


def test_a_secret_is_written_by_its_name():
    text = json.dumps(
        to_plain(
            dataclasses.replace(
                STEP, cmdlets=(Cmdlet("X", {"Credential": Secret("lab", "ada", "hunter2")}),)
            )
        )
    )
    assert "lab" in text
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        (
            "hazard",
            "none at all",
            'hazard: expected one of none, stops-vm, restarts-vm, may-cut-connection, deletes-data, found "none at all"',
        ),
        ("id", 5, "id: expected a string, found 5"),
        ("creates", "no", 'creates: expected true or false, found "no"'),
        ("needs", "abc", 'needs: expected a list, found "abc"'),
        (
            "cmdlets",
            [{"name": "Get-VM"}],
            "cmdlets[0]: Get-VM is not a cmdlet as nestlab writes it",
        ),
        ("target", {"kind": "vm"}, "target.name is missing"),
        ("colour", "red", "unknown key colour"),
    ],
)
def test_what_is_wrong_is_said_with_its_key(key, value, said):
    with pytest.raises(ConversionError) as error:
        from_plain({**to_plain(STEP), key: value}, Step)
    assert str(error.value) == said


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda part: st.lists(part) | st.dictionaries(st.text(), part),
    )
)
def test_nothing_else_is_read(data):
    with pytest.raises(ConversionError):
        from_plain(data, Step)
