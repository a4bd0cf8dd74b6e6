"""How a step takes effect, in words for people."""

import pytest

from nestlab.model import Cmdlet
from nestlab.plan import Hazard, Step
from nestlab.plan.step import Effect, StepTarget


@pytest.mark.parametrize(
    ("effect", "hazard", "said"),
    [
        (Effect.LIVE, Hazard.NONE, ""),
        (Effect.LIVE, Hazard.DELETES_DATA, ""),
        (Effect.RESTART, Hazard.NONE, "restarts the VM"),
        (Effect.RESTART, Hazard.STOPS_VM, ""),
        (Effect.RESTART, Hazard.RESTARTS_VM, ""),
        (Effect.RESTART, Hazard.DELETES_DATA, "restarts the VM"),
        (Effect.RECREATE, Hazard.DELETES_DATA, "recreates the VM"),
    ],
)
def test_a_step_says_once_that_it_restarts_or_recreates_its_vm(effect, hazard, said):
    cmdlet, target = Cmdlet("Set-VM", {"Name": "a"}), StepTarget("vm", "a")
    step = Step(
        id="x",
        machine=(),
        action="set",
        title="t",
        why="w",
        cmdlets=(cmdlet,),
        target=target,
        effect=effect,
        hazard=hazard,
    )
    assert step.effect_text == said
