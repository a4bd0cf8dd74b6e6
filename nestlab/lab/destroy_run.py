"""Destroying a lab: what its topology created on a host is observed, planned and removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager as ContextManager
from functools import partial
from pathlib import Path

from nestlab.apply import (
    FRESH_SECONDS,
    ApplyContext,
    DestroyRecord,
    OnEvent,
    StepResult,
    StepState,
    ignore_event,
    run_plan,
)
from nestlab.dataclass import dataclass, field
from nestlab.lab import journal_folder
from nestlab.lab.kept_vms import SwitchesOfKeptVMs
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import Observer, observer_of
from nestlab.observe import ParentCache, identify
from nestlab.plan import Plan, Step, StepTarget, refuse_missing_rights
from nestlab.transport.session import Cancel, Session


@dataclass(frozen=True)
class DestroyRun:
    """The removal of what a topology created on a host, with the consents of its planner.

    What was removed is recorded in the journals of the topology on the host, so that their undo
    does not look for it; also in `journal`, if that is a journal outside of their folder.
    """

    planner: LabPlanner
    host: Session
    cancel: Cancel | None = None
    journal: Path | None = None
    _cache: ParentCache = field(default_factory=ParentCache)

    def plan(self) -> Plan:
        """Return the plan; raises PlanRefused if the host cannot be read in full."""
        with self._observer() as observer:
            return self.planner.plan_destroy(observer.observe_all_machines())

    def run(
        self, plan: Plan | None, on_event: OnEvent | None, confirm: Callable[[Step], bool] | None
    ) -> Iterator[StepResult]:
        """Run a plan, by default a new one; yield one result per step."""
        name, planner = self.planner.topology.name, self.planner
        with journal_folder.topology_lock(name, self.host), self._observer() as observer:
            identify_step = partial(
                identify,
                topology=name,
                parent_cache=self._cache,
                read_made_entries=planner.read_made_entries,
                cancel=self.cancel,
            )
            kept = SwitchesOfKeptVMs(identify_step)
            context = ApplyContext(
                session=self.host,
                observe=partial(observer.observe_all_machines, within=FRESH_SECONDS),
                observe_machine=observer.observe_machine,
                identify=kept.identify,
                replan=planner.plan_destroy,
                cancel=self.cancel,
                on_event=on_event or ignore_event,
                confirm=confirm,
            )
            states = observer.observe_all_machines()
            if plan is not None:
                refuse_missing_rights(plan.steps, states, is_removal=True)
            plan = plan or planner.plan_destroy(states)
            kept.expect(plan.steps)
            removed: list[StepTarget] = []
            is_complete = False
            try:
                for result in run_plan(plan, context):
                    removed += [result.step.target] if result.status is StepState.DONE else []
                    yield result
                # What is kept, or is not the topology's, is in the plan with the reason.
                is_complete = len(removed) == len(plan) and not plan.unchanged
            finally:
                record = DestroyRecord(removed=tuple(removed), is_complete=is_complete)
                journal_folder.record_destroy(name, self.host, record, self.journal)

    def _observer(self) -> ContextManager[Observer]:
        # The contents of VMs are removed with them, so guests are not observed, except for the VMs
        # inside nested hosts.
        return observer_of(
            self.planner.topology,
            self.host,
            self.cancel,
            depth=0,
            parent_cache=self._cache,
            scope="neighbors",
            only_removes=True,
            with_removed=True,
            credentials=self.planner.credentials,
            unread=self.planner.unread,
        )
