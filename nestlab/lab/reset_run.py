"""A run that restores VMs of a lab to checkpoints that an apply created."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager as ContextManager
from functools import partial

from nestlab.apply import (
    FRESH_SECONDS,
    ApplyContext,
    Event,
    Journal,
    OnEvent,
    StepFinished,
    StepResult,
    StepState,
    run_plan,
)
from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import Cancelled, JournalError, NestlabError
from nestlab.lab import journal_folder
from nestlab.lab.completeness import require_complete
from nestlab.lab.observer import Observer, observer_of
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import ParentCache, identify
from nestlab.plan import (
    ON_STATES,
    Action,
    InnerVM,
    Plan,
    Step,
    SubjectKind,
    vms_by_host,
    windows_credential_names,
)
from nestlab.plan.reset_refusals import ResetTarget
from nestlab.plan.resetting import ResetProgress, plan_reset
from nestlab.transport.session import Cancel, Session

States = Mapping[MachinePath, HostState]


def on_before(topology: str, host: Session) -> dict[MachinePath, tuple[InnerVM, ...]]:
    """Return the VMs that were on before an interrupted reset, by the path of their host."""
    found = journal_folder.journals_of(host, kind=SubjectKind.RESET, subject=topology)
    try:
        return dict(found[0].inner_vms(of_unfinished_run=True)) if found else {}
    except JournalError:
        return {}  # a new journal is written


@dataclass
class ResetRun:
    """One reset: `was_on` has the VMs that were on before, by the path of their host."""

    topology: Topology
    host: Session
    targets: tuple[ResetTarget, ...]
    was_on: dict[MachinePath, tuple[InnerVM, ...]]
    delete_others: bool = field(kw_only=True)
    cancel: Cancel | None = field(kw_only=True)
    done: set[str] = field(default_factory=set)
    cache: ParentCache = field(default_factory=ParentCache)

    def planned(self, states: States) -> Plan:
        """Return the plan of the VMs that are not restored yet; raises PlanRefused."""
        require_complete({HOST: states[HOST]})
        progress = ResetProgress(
            was_on={vm.id for vms in self.was_on.values() for vm in vms},
            done=self.done,
            inner_vms=self.was_on,
        )
        return plan_reset(
            self.topology, states, self.targets, progress, delete_others=self.delete_others
        )

    def observer(self) -> ContextManager[Observer]:
        """Return the observer; it reads all disk chains, since others may use discarded disks."""
        return observer_of(self.topology, self.host, self.cancel, parent_cache=self.cache)

    def run(
        self, plan: Plan | None, on_event: OnEvent | None, confirm: Callable[[Step], bool] | None
    ) -> Iterator[StepResult]:
        """Run a plan, by default a new one, with a journal of its own."""
        name = self.topology.name

        def note(event: Event) -> None:
            self._record_restored(event)
            if on_event:
                on_event(event)

        with journal_folder.topology_lock(name, self.host), self.observer() as observer:
            states = observer.observe_all_machines()
            plan = plan or self.planned(states)
            title = SubjectKind.RESET.title_of(name)
            journal = Journal(journal_folder.new_path(title, self.host))
            context = self._context(observer, journal)
            with journal.locked():
                self._begin(journal)
                self._add_running(states)
                journal.record_inner_vms(self.was_on)
                try:
                    for result in run_plan(plan, replace(context, on_event=note, confirm=confirm)):
                        if not result.ok:
                            self._forget_running(journal)
                        yield result
                except (Cancelled, KeyboardInterrupt, GeneratorExit):
                    self._forget_running(journal)
                    raise

    def _context(self, observer: Observer, journal: Journal) -> ApplyContext:
        find = partial(
            identify, topology=self.topology.name, parent_cache=self.cache, cancel=self.cancel
        )
        return ApplyContext(
            session=self.host,
            observe=partial(observer.observe_all_machines, within=FRESH_SECONDS),
            observe_machine=observer.observe_machine,
            identify=find,
            replan=self.planned,
            journal=journal,
            cancel=self.cancel,
        )

    def _begin(self, journal: Journal) -> None:
        Journal.begin(
            journal.path,
            kind=SubjectKind.RESET,
            subject=self.topology.name,
            host=self.host.host,
            identity=journal_folder.identity(self.host),
            credentials=windows_credential_names(self.topology),
        )

    def _add_running(self, states: States) -> None:
        """Add the VMs to restore that are on to those that were on before."""
        for target in self.targets:
            host = target.path[:-1]
            state = states.get(host)
            named = state.hyper_v.vms_named(target.path[-1]) if state and state.hyper_v else ()
            self._add(
                InnerVM(host, vm.id, vm.name, "Running") for vm in named if vm.state in ON_STATES
            )

    def _forget_running(self, journal: Journal) -> None:
        """Record, after a failure or a stop, only the VMs that are still off as left off.

        The next reset must not start a VM that is on again and that its owner turns off later. If
        the host does not answer, all stay recorded. It is read even if the run was cancelled.
        """
        reading = observer_of(self.topology, self.host, None)
        with contextlib.suppress(NestlabError), reading as observer:
            states = observer.observe_all_machines()
            on = {
                (path, vm.id)
                for path, state in states.items()
                for vm in (state.hyper_v.vms if state.hyper_v else ())
                if vm.state in ON_STATES
            }
            recorded = journal.inner_vms(of_unfinished_run=True)
            left = {
                path: tuple(vm for vm in vms if (path, vm.id) not in on)
                for path, vms in recorded.items()
            }
            journal.record_run_end()
            journal.record_inner_vms(left)

    def _add(self, vms: Iterable[InnerVM]) -> None:
        for host, found in vms_by_host(tuple(vms)).items():
            known = {vm.id: vm for vm in (*self.was_on.get(host, ()), *found)}
            self.was_on[host] = tuple(known.values())

    def _record_restored(self, event: Event) -> None:
        """Record the VMs that were restored, and the VMs that were on inside them."""
        if not isinstance(event, StepFinished) or event.result.status is not StepState.DONE:
            return
        step = event.result.step
        if step.action is Action.RESET_VM:
            self.done.add(step.target.id)
            self._add(step.inside)
