"""Runs a topology on a simulated host, to find the steps at every level.

A plan for an empty host has only the steps of the host itself: those inside a nested host are
planned when it answers.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from nestlab.apply import Event, Replanned, StepResult
from nestlab.constants import DEFAULT_HOST
from nestlab.errors import NestlabError, PlanRefused
from nestlab.export import PlannedRun, with_names
from nestlab.model import Findings, MachinePath
from nestlab.model.topology import Topology
from nestlab.plan import Plan, Step
from nestlab.transport import connect
from nestlab.transport.session import Cancel


class RunnableLab(Protocol):
    """What a run needs of a lab."""

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the plan; raises PlanRefused."""
        ...

    def apply(
        self,
        plan: Plan,
        *,
        workers: int,
        on_event: Callable[[Event], None],
        cancel: Cancel | None = None,
    ) -> Iterator[StepResult]:
        """Yield the result of each step."""
        ...


_CLIENT = "sim:win11-ryzen"

MakeLab = Callable[..., RunnableLab]
"""Returns the lab of a topology on a host, with a journal: `Lab`."""


def simulated_run(
    topology: Topology, make_lab: MakeLab, *, cancel: Cancel | None = None
) -> PlannedRun:
    """Return the steps that build a topology on an empty simulated host, in order.

    The host has the images, adapters and existing switches that the topology expects there.
    Nothing of the run is kept. Objects are selected by name, because the Ids are only valid on the
    simulated host.
    """
    with (
        closing(connect(scenario_for(topology), prepared_for=topology)) as session,
        TemporaryDirectory(prefix="nestlab-", ignore_cleanup_errors=True) as folder,
    ):
        try:
            lab = make_lab(topology, session, journal=Path(folder) / "run.jsonl")
            return _run(lab, session.host, cancel)
        except PlanRefused as refusal:
            findings = Findings(refusal.findings)
            return PlannedRun(session.host, is_simulated_run=True, refused=findings)


def scenario_for(topology: Topology) -> str:
    """Return the address of a host: only Windows clients have the Default Switch."""
    uses_default_switch = any(switch.is_default_switch for switch in topology.switches)
    return _CLIENT if uses_default_switch else DEFAULT_HOST


def _run(lab: RunnableLab, host: str, cancel: Cancel | None) -> PlannedRun:
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
    steps = tuple(with_names(step, planned.names) for step in ran)
    last = planned.last_plan
    return PlannedRun(
        host,
        steps,
        out_of_reach=last.out_of_reach,
        is_simulated_run=True,
        problem=problem,
        disk_folders=planned.disk_folders,
    )


class _PlannedSteps:
    """The steps of a run as they were planned, before the Ids of new objects were known."""

    def __init__(self, plan: Plan) -> None:
        self.names: dict[str, str] = {}
        self.disk_folders: dict[MachinePath, str] = {}
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
        for path, state in plan.states.items():
            if (hyper_v := state.hyper_v) is None:
                continue
            self.disk_folders[path] = hyper_v.vm_host.virtual_hard_disk_path
            self.names |= {vm.id: vm.name for vm in hyper_v.vms}
            self.names |= {switch.id: switch.name for switch in hyper_v.switches}

    def as_planned(self, step: Step) -> Step:
        """Return the planned version of a step that ran."""
        planned = self._planned[step.id]
        return planned.popleft() if planned else step
