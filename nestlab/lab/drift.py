"""The differences between a topology and a host, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.errors import PlanRefused
from nestlab.lab.lab import Lab
from nestlab.model import Finding, Findings, path_text
from nestlab.model.topology import Topology
from nestlab.plan import Action, Plan, Step
from nestlab.transport.session import Cancel, Session

_POWER_ACTIONS = {
    Action.RESTART,
    Action.RESUME_VM,
    Action.SHUT_DOWN_VM,
    Action.START_VM,
    Action.STOP_VM,
    Action.SUSPEND_VM,
}


def drift(topology: Topology, host: Session, *, cancel: Cancel | None = None) -> Findings:
    """Return how a host differs from a topology, a finding for each difference; nothing is changed.

    A difference (``drift``) is what a plan would change. What the topology owns and its file no
    longer names is ``left-over``, and what could not be compared ``drift-not-known``. Where
    findings block a plan, these are returned. Raises what `Lab.plan` raises, except PlanRefused.
    """
    try:
        plan = Lab(topology, host).plan(cancel=cancel)
    except PlanRefused as refused:
        return Findings(refused.findings)
    return Findings(_findings(topology.name, plan))


def _findings(name: str, plan: Plan) -> Iterator[Finding]:
    changed = {step.target for step in plan.steps if step.action not in _POWER_ACTIONS}
    for step in plan.steps:
        # Another change of a VM may need it off for a while; without one, its power state differs.
        if step.action not in _POWER_ACTIONS or step.target not in changed:
            yield _difference(step)
    for item in plan.deferred:
        yield _not_known(path_text(item.machine), item.why)
    for out_of_reach in plan.out_of_reach:
        values = "; ".join(out_of_reach.values)
        yield _not_known(path_text(out_of_reach.machine), f"{values}: {out_of_reach.why}")
    for left in plan.remainder:
        hint = "Remove it with `nestlab apply --prune`, or name it in the file again."
        message = f"{left.subject} belongs to {name}, and its file does not name it"
        yield Finding(
            "left-over",
            "warning",
            path_text(left.machine),
            message,
            hint,
            evidence=", ".join(left.holds),
        )


def _difference(step: Step) -> Finding:
    hint = "Apply it with `nestlab apply`, or change the file to match the host."
    return Finding("drift", "warning", path_text(step.machine), f"{step.title} ({step.why})", hint)


def _not_known(machine: str, why: str) -> Finding:
    return Finding("drift-not-known", "info", machine, why)
