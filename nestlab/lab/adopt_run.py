"""Adoption: objects of a host that match the file of a lab become part of that lab."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
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
from nestlab.dataclass import replace
from nestlab.lab import journal_folder
from nestlab.lab.adopted import adopted_ids
from nestlab.lab.completeness import require_complete
from nestlab.lab.observer import Observer, States, observer_of
from nestlab.model import HOST, MachinePath
from nestlab.model.topology import Topology
from nestlab.observe import identify
from nestlab.plan import Plan, RefusedCredential, Step, plan_adopt
from nestlab.transport.session import Cancel, Session

Refused = dict[MachinePath, RefusedCredential]


class AdoptionMixin:
    """The methods of `Lab` that adopt objects which nestlab did not create."""

    topology: Topology
    host: Session
    journal: Path | None

    def plan_adopt(self, *, only: Collection[str] = (), cancel: Cancel | None = None) -> Plan:
        """Return the plan that marks objects that match the file as owned by this topology.

        They are marked at every level. From then on, `apply` changes them, and `destroy` removes
        them, except for disks that nestlab did not create. `only` lists the names or machine paths
        of the VMs and switches to mark, by default all in the file; in a lab that nestlab built,
        only those in `only` are added. The plan's `warnings` say what cannot be adopted, and why.
        Raises UsageError if the file has no such name.
        """
        refused: Refused = {}
        with self._adoption_observer(cancel, refused) as observer:
            return self._planned(observer.observe_all_machines(), only, refused)

    def adopt(
        self,
        plan: Plan | None = None,
        *,
        only: Collection[str] = (),
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Mark objects that match the file as owned by this topology; yield one result per step.

        The mark is added to the Notes, and `undo` restores them. Pass the `only` of the plan.
        Raises the errors of `apply`.
        """
        name = self.topology.name
        refused: Refused = {}
        with (
            journal_folder.topology_lock(name, self.host),
            self._adoption_observer(cancel, refused) as observer,
        ):
            context = ApplyContext(
                session=self.host,
                observe=partial(observer.observe_all_machines, within=FRESH_SECONDS),
                observe_machine=observer.observe_machine,
                identify=partial(identify, topology=name, cancel=cancel),
                replan=partial(self._planned, only=only, refused=refused),
                cancel=cancel,
                on_event=on_event or ignore_event,
                confirm=confirm,
            )
            plan = plan or self._planned(observer.observe_all_machines(), only, refused)
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

    def _planned(self, states: States, only: Collection[str], refused: Refused) -> Plan:
        require_complete({HOST: states[HOST]})
        adopted = adopted_ids(self.topology.name, self.host, self.journal)
        return plan_adopt(self.topology, states, only=only, refused=refused, adopted=adopted)

    def _adoption_observer(
        self, cancel: Cancel | None, refused: Refused
    ) -> ContextManager[Observer]:
        return observer_of(self.topology, self.host, cancel, scope="own", refused=refused)
