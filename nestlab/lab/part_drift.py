"""The differences between a host and a part of a topology, of which it may have more already."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, replace
from nestlab.lab.drift import compared, observed_for_drift
from nestlab.lab.drift_picture import Difference, DriftFindings
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.plan import Step, StepTarget
from nestlab.transport.session import Cancel, Session


@dataclass(frozen=True)
class PartDrift:
    """How a host differs from a part of a topology: the findings, and the steps that change it.

    `states` are what was observed. Without `is_planned`, findings block a plan, so that there are
    no steps.
    """

    findings: DriftFindings
    steps: tuple[Step, ...]
    states: Mapping[MachinePath, HostState]
    is_planned: bool


def part_drift(
    part: Topology, whole: Topology, host: Session, *, cancel: Cancel | None = None
) -> PartDrift:
    """Return how a host differs from a part of a topology, observing it once.

    What the part does not have and the whole topology does is not a difference: the host may be
    anywhere between the two. So a difference counts if the host differs from both, or if the whole
    topology would first restart the machine, which is not compared with it then. Raises the errors
    of `drift`.
    """
    planner, states = observed_for_drift(whole, host, cancel)
    plan, found = compared(replace(planner, topology=part), states)
    whole_plan, of_whole = compared(planner, states)
    steps = () if plan is None else plan.steps
    if plan is not None and whole_plan is not None:
        ids = {step.id for step in whole_plan.steps}
        later = {item.machine for item in whole_plan.deferred}
        texts = {_text(each) for each in of_whole}
        of_both = [
            each
            for each in found
            if (
                each.step.id in ids or each.step.machine in later
                if each.step is not None
                else _text(each) in texts
            )
        ]
        dropped = {_object(each.step) for each in found if each.step and each not in of_both}
        kept = {each.step.id for each in of_both if each.step}
        found = of_both
        steps = tuple(step for step in steps if step.id in kept or _object(step) not in dropped)
    return PartDrift(DriftFindings(found, part, host.host), steps, states, plan is not None)


def _text(difference: Difference) -> tuple[str, str, str]:
    return difference.kind, difference.part, difference.finding.message


def _object(step: Step) -> tuple[MachinePath, StepTarget]:
    return step.machine, step.target
