"""The steps that build a lab, with the host they were planned for, as an export shows them."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, field, replace
from nestlab.model import Cmdlet, Findings, MachinePath
from nestlab.plan import Deferred, OutOfReach, Plan, Remainder, Step


@dataclass(frozen=True)
class PlannedRun:
    """The steps of a plan; or all steps that a run on a simulated host took, at every level.

    `refused` are the findings that block the plan: there are no steps then. `problem` is why a run
    on the simulated host stopped, `disk_folders` the folder for disks of each of its machines.
    """

    host: str
    steps: tuple[Step, ...] = ()
    deferred: tuple[Deferred, ...] = ()
    out_of_reach: tuple[OutOfReach, ...] = ()
    remainder: tuple[Remainder, ...] = ()
    is_simulated_run: bool = False
    refused: Findings = field(default_factory=Findings)
    problem: str = ""
    disk_folders: Mapping[MachinePath, str] = field(default_factory=dict)

    @classmethod
    def of_plan(cls, plan: Plan) -> PlannedRun:
        """Return the steps of a plan for a host, with what it defers and leaves over."""
        return cls(plan.host, plan.steps, plan.deferred, plan.out_of_reach, plan.remainder)


def with_names(step: Step, names: Mapping[str, str]) -> Step:
    """Return a step that selects VMs and switches by name instead of the Ids in `names`.

    The Ids of a simulated host exist on that host only.
    """
    return replace(step, cmdlets=tuple(_by_name(cmdlet, names) for cmdlet in step.cmdlets))


def _by_name(cmdlet: Cmdlet, names: Mapping[str, str]) -> Cmdlet:
    following = cmdlet.pipe_to and _by_name(cmdlet.pipe_to, names)
    name = names.get(str(cmdlet.parameters.get("Id", "")))
    if cmdlet.name in ("Get-VM", "Get-VMSwitch") and name:
        return Cmdlet(cmdlet.name, {"Name": name}, following)
    return Cmdlet(cmdlet.name, cmdlet.parameters, following)
