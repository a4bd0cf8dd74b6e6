"""A run that marks objects of a host that match the file of a lab as part of that lab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager as ContextManager
from functools import partial
from pathlib import Path

from nestlab.apply import (
    FRESH_SECONDS,
    ApplyContext,
    Journal,
    OnEvent,
    StepResult,
    ignore_event,
    run_plan,
)
from nestlab.dataclass import dataclass, field, replace
from nestlab.lab import journal_folder
from nestlab.lab.adopted import adopted_ids
from nestlab.lab.completeness import require_complete
from nestlab.lab.observer import Observer, observer_of
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import identify
from nestlab.plan import Plan, RefusedCredential, Step
from nestlab.plan.adopting import plan_adopt
from nestlab.transport.session import Cancel, Session


@dataclass
class AdoptRun:
    """One adoption: `only` are the names or machine paths of what is marked."""

    topology: Topology
    host: Session
    journal: Path | None
    only: Collection[str]
    cancel: Cancel | None
    refused: dict[MachinePath, RefusedCredential] = field(default_factory=dict)

    def plan(self) -> Plan:
        """Return the plan; raises UsageError if the file has no such name."""
        with self._observer() as observer:
            return self._planned(observer.observe_all_machines())

    def run(
        self,
        plan: Plan | None,
        on_event: OnEvent | None,
        confirm: Callable[[Step], bool] | None,
    ) -> Iterator[StepResult]:
        """Run a plan, by default a new one; yield one result per step."""
        name = self.topology.name
        with journal_folder.topology_lock(name, self.host), self._observer() as observer:
            context = ApplyContext(
                session=self.host,
                observe=partial(observer.observe_all_machines, within=FRESH_SECONDS),
                observe_machine=observer.observe_machine,
                identify=partial(identify, topology=name, cancel=self.cancel),
                replan=self._planned,
                cancel=self.cancel,
                on_event=on_event or ignore_event,
                confirm=confirm,
            )
            plan = plan or self._planned(observer.observe_all_machines())
            yield from self._adopt(plan, context)

    def _adopt(self, plan: Plan, context: ApplyContext) -> Iterator[StepResult]:
        """Run a plan, with a journal if there is something to do."""
        if plan.is_empty:
            yield from run_plan(plan, context)
            return
        path = self.journal or journal_folder.new_path(self.topology.name, self.host)
        journal = Journal(path)
        with journal.locked():
            journal_folder.begin(path, self.topology, self.host)
            yield from run_plan(plan, replace(context, journal=journal))

    def _planned(self, states: Mapping[MachinePath, HostState]) -> Plan:
        require_complete({HOST: states[HOST]})
        adopted = adopted_ids(self.topology.name, self.host, self.journal)
        return plan_adopt(
            self.topology, states, only=self.only, refused=self.refused, adopted=adopted
        )

    def _observer(self) -> ContextManager[Observer]:
        return observer_of(self.topology, self.host, self.cancel, scope="own", refused=self.refused)
