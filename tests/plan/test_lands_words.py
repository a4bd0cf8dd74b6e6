"""How a step takes effect, in words for people."""

import pytest

from nestlab.model import Cmdlet
from nestlab.plan import Hazard, Step
from nestlab.plan.step import Lands, Thing


@pytest.mark.parametrize(
    ("lands", "hazard", "said"),
    [
        (Lands.LIVE, Hazard.NONE, ""),
        (Lands.LIVE, Hazard.DELETES_DATA, ""),
        (Lands.RESTART, Hazard.NONE, "restarts the VM"),
        (Lands.RESTART, Hazard.STOPS_VM, ""),
        (Lands.RESTART, Hazard.RESTARTS_VM, ""),
        (Lands.RESTART, Hazard.DELETES_DATA, "restarts the VM"),
        (Lands.RECREATE, Hazard.DELETES_DATA, "recreates the VM"),
    ],
)
def test_a_step_says_once_that_it_restarts_or_recreates_its_vm(lands, hazard, said):
    cmdlet, thing = Cmdlet("Set-VM", {"Name": "a"}), Thing("vm", "a")
    step = Step(
        id="x",
        machine=(),
        action="set",
        title="t",
        why="w",
        cmdlets=(cmdlet,),
        thing=thing,
        lands=lands,
        hazard=hazard,
    )
    assert step.lands_words == said
