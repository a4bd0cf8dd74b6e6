"""A run of a topology on a simulated host, for the steps at every level.

A plan for an empty host has only those of the host itself: what is inside a nested host is planned
when it answers.
"""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from nestlab.apply import Event, Replanned
from nestlab.constants import DEFAULT_HOST
from nestlab.errors import NestlabError, PlanRefused
from nestlab.export import PlannedRun, with_vm_names
from nestlab.lab.lab import Lab
from nestlab.model import Findings
from nestlab.model.topology import Topology
from nestlab.plan import Plan, Step
from nestlab.transport import connect
from nestlab.transport.session import Cancel, Session


def simulated_run(topology: Topology, *, cancel: Cancel | None = None) -> PlannedRun:
    """Return the steps that build a topology on an empty simulated host, in order.

    Nothing is left of the run. Objects are selected by name, since the Ids are the simulated
    host's own.
    """
    with (
        closing(connect(DEFAULT_HOST)) as session,
        TemporaryDirectory(prefix="nestlab-", ignore_cleanup_errors=True) as folder,
    ):
        try:
            return _run(topology, session, Path(folder) / "run.jsonl", cancel)
        except PlanRefused as refusal:
            findings = Findings(refusal.findings)
            return PlannedRun(session.host, is_simulated_run=True, refused=findings)


def _run(topology: Topology, session: Session, journal: Path, cancel: Cancel | None) -> PlannedRun:
    lab = Lab(topology, session, journal=journal)
    plan = lab.plan(cancel=cancel)
    planned = _PlannedSteps(plan)
    ran: list[Step] = []
    problem = ""
    try:
        for result in lab.apply(plan, workers=1, on_event=planned.on_event, cancel=cancel):
            ran.append(planned.as_planned(result.step))
            problem = "" if result.ok else f"{result.step.title}: {result.message}"
    except PlanRefused:
        raise
    except NestlabError as error:
        problem = error.message
    steps = tuple(with_vm_names(step, planned.names) for step in ran)
    last = planned.last_plan
    return PlannedRun(
        session.host,
        steps,
        out_of_reach=last.out_of_reach,
        is_simulated_run=True,
        problem=problem,
    )


class _PlannedSteps:
    """The steps of a run as they were planned, before the Ids of new objects were known."""

    def __init__(self, plan: Plan) -> None:
        self.names: dict[str, str] = {}
        self.last_plan = plan
        self._planned: dict[str, deque[Step]] = defaultdict(deque)
        self._add(plan, plan.steps)

    def on_event(self, event: Event) -> None:
        """Keep the steps that a run adds."""
        if isinstance(event, Replanned):
            self._add(event.plan, event.added)

    def _add(self, plan: Plan, steps: tuple[Step, ...]) -> None:
        self.last_plan = plan
        for step in steps:
            self._planned[step.id].append(step)
        for hyper_v in filter(None, (state.hyper_v for state in plan.states.values())):
            self.names |= {vm.id: vm.name for vm in hyper_v.vms}
            self.names |= {switch.id: switch.name for switch in hyper_v.switches}

    def as_planned(self, step: Step) -> Step:
        """Return the planned version of a step that ran."""
        planned = self._planned[step.id]
        return planned.popleft() if planned else step
