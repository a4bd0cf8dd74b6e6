"""The lab: one topology on one host, and the loop observe, check, plan, apply, verify, undo, destroy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from nestlab.apply import Journal, OnEvent, Run, Sessions, StepResult, run_plan, undo_journal
from nestlab.errors import GuestUnreachable, HostError, PlanFileError, PlanRefused, SessionBroken
from nestlab.lab import journal_folder
from nestlab.lab.completeness import require_complete
from nestlab.lab.observer import Observer
from nestlab.lab.verifying import VerifyReport, needs_all, verify
from nestlab.model import HOST, Findings, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology
from nestlab.observe import Chains, Scope, identify, observe, observe_all, with_disk_uses
from nestlab.plan import Plan, Step, credentials, make_plan, plan_destroy, without_leftovers
from nestlab.rules import fit_findings, guests_answer, host_findings, level_findings, validate
from nestlab.transport.session import Cancel, Session
from nestlab.visible import visible

WORKERS = 12
"""On how many machines an apply works side by side: a host and ten nested hosts. Each takes a shell of the host, which allows thirty a user."""


def _ignore(_event: object) -> None:
    """Take an event that nobody asked for."""


class Lab:
    """A topology on a host.

    Args:
        topology: What is wanted.
        host: A session, from `nestlab.connect`.
        journal: The file in which runs are remembered. Without one, each apply begins a new file in
            the folder of the journals (see `nestlab.lab.journal_folder`), and undo takes the
            newest of this topology on this host.
    """

    def __init__(
        self, topology: Topology, host: Session, journal: str | Path | None = None
    ) -> None:
        self.topology = topology
        self.host = host
        self.journal = Path(journal) if journal is not None else None

    def __repr__(self) -> str:
        return visible(f"<Lab {self.topology.name} on {self.host.host}>")

    def observe(self, *, cancel: Cancel | None = None) -> dict[MachinePath, HostState]:
        """Return what is on the host now, and on each of the topology's guests that answers."""
        return observe_all(self.host, self.topology, cancel=cancel)

    def check(self, *, cancel: Cancel | None = None) -> Findings:
        """Return whether this host can carry this topology: the host's findings, those across levels, the topology's, and how they fit."""
        silent: dict[MachinePath, HostError] = {}
        states = observe_all(
            self.host, self.topology, cancel=cancel, on_unreachable=silent.__setitem__
        )
        states = self._with_chains(states, cancel) if self._names_disks() else states
        levels = level_findings(states, self.topology) + guests_answer(silent)
        fit = fit_findings(self.topology, states) + self._cannot_change(states)
        return validate(self.topology) + host_findings(states[HOST]) + levels + fit

    def _cannot_change(self, states: Mapping[MachinePath, HostState]) -> Findings:
        """Return what of the VMs that are there cannot become what the file says."""
        try:
            make_plan(self.topology, states)
        except PlanRefused as refused:
            return Findings(
                finding
                for finding in refused.findings
                if finding.code in ("cannot-change", "remainder-in-the-way")
            )
        return Findings()

    def plan(
        self, *, prune: bool = False, recreate: Collection[str] = (), cancel: Cancel | None = None
    ) -> Plan:
        """Return what has to change on the host.

        What the topology owns there and its file no longer names is in the plan's `remainder`; with
        `prune` it is removed. `recreate` names VMs, by name or machine path, that are removed with
        their disks and recreated where something of them cannot change in place. Raises PlanRefused
        where findings forbid it, UsageError for a VM that is not in the file.
        """
        return self._replan_checked(
            self._observe_for(cancel, prune=prune, recreate=recreate),
            prune=prune,
            recreate=recreate,
        )

    def _observe_for(
        self, cancel: Cancel | None, *, prune: bool, recreate: Collection[str]
    ) -> dict[MachinePath, HostState]:
        """Return what a plan reads; with the chains of disks where some may go."""
        states = observe_all(self.host, self.topology, cancel=cancel, scope=_scope(prune=prune))
        chains = prune or bool(recreate) or self._names_disks()
        return self._with_chains(states, cancel) if chains else states

    def _names_disks(self) -> bool:
        """Whether a VM takes a disk that is there already: who else stands on that is asked then."""
        vms = (machine for _, machine in self.topology.machines() if isinstance(machine, VM))
        return any(vm.disk is not None and vm.disk.path for vm in vms)

    def _with_chains(
        self, states: Mapping[MachinePath, HostState], cancel: Cancel | None
    ) -> dict[MachinePath, HostState]:
        sessions = Sessions(self.host, credentials(self.topology))
        try:
            return {
                path: with_disk_uses(sessions.to(path), state, cancel=cancel)
                for path, state in states.items()
            }
        finally:
            sessions.close()

    def _replan_checked(
        self, states: Mapping[MachinePath, HostState], *, prune: bool, recreate: Collection[str]
    ) -> Plan:
        left = without_leftovers(self.topology, states) if prune else states
        findings = validate(self.topology) + fit_findings(self.topology, left)
        if not findings.ok:
            raise PlanRefused(findings)
        plan = self._replan(states, prune=prune, recreate=recreate)
        warnings = (finding for finding in findings if finding.severity == "warning")
        return replace(plan, warnings=tuple(warnings))

    def _replan(
        self, states: Mapping[MachinePath, HostState], *, prune: bool, recreate: Collection[str]
    ) -> Plan:
        require_complete(states)
        return make_plan(self.topology, states, prune=prune, recreate=recreate)

    def apply(
        self,
        plan: Plan | None = None,
        *,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
        workers: int = WORKERS,
    ) -> Iterator[StepResult]:
        """Apply a plan (a new one, where none is given) and what it defers; yield one result a step, as they end.

        The steps of a machine run in order; on several machines, up to `workers`, they run side by
        side: 1 runs one step at a time. After the first step that failed nothing new begins, and it
        is yielded last. `confirm` is asked before each step.

        Raises:
            PlanRefused: Findings forbid it.
            StalePlan: What the plan stands on has changed on the host since it was made.
            PlanFileError: The plan is for another host, or for another topology than this lab's.
            Cancelled: `cancel` was set, or `confirm` said no.
            AccessDenied: There is no credential of a name that a guest of the topology needs.
            GuestUnreachable: A guest that has to be set up never answered.
        """
        self._require_own(plan)
        plan = plan or self.plan(cancel=cancel)
        if not plan.complete:
            # Half an hour later, when the guest answers, nobody may be there to be asked.
            self.host.prepare(*sorted(set(credentials(self.topology).values())))
        sessions, chains = Sessions(self.host, credentials(self.topology)), Chains()
        follow = plan.prune or plan.recreate or self._names_disks()
        observer = Observer(
            self.topology,
            sessions,
            cancel,
            chains=chains if follow else None,
            scope=_scope(prune=plan.prune),
        )
        journal = (
            None
            if plan.complete
            else Journal(self.journal or journal_folder.new_path(self.topology.name, self.host))
        )
        run = Run(
            session=self.host,
            observe=observer.observe_all_machines,
            observe_machine=observer.observe_machine,
            observe_vms=observer.observe_vms,
            identify=partial(identify, topology=self.topology.name, chains=chains, cancel=cancel),
            replan=partial(self._replan, prune=plan.prune, recreate=plan.recreate),
            replan_checked=partial(self._replan_checked, prune=plan.prune, recreate=plan.recreate),
            journal=journal,
            cancel=cancel,
            on_event=on_event or _ignore,
            confirm=confirm,
            workers=workers,
        )
        if journal is None:
            yield from run_plan(plan, run)
            return
        with journal_folder.exclusive(self.topology.name, self.host), journal.locked():
            self._begin(journal)
            yield from run_plan(plan, run)

    def _require_own(self, plan: Plan | None) -> None:
        if plan is None:
            return
        if plan.host != self.host.host:
            msg = f"This plan was made for {plan.host}, not for {self.host.host}"
            raise PlanFileError(
                msg, hint=f"Apply it on {plan.host}, or plan again for {self.host.host}."
            )
        if plan.wanted is not None and plan.wanted != self.topology:
            msg = f"This plan was made for another version of the topology {plan.topology} than the lab's"
            raise PlanFileError(
                msg, hint="Apply it with nestlab.Lab(plan.wanted, host), or plan again."
            )

    def _begin(self, journal: Journal) -> None:
        names = credentials(self.topology)
        where = {"host": self.host.host, "identity": journal_folder.identity(self.host)}
        Journal.begin(journal.path, topology=self.topology.name, credentials=names, **where)

    def verify(self, *, cancel: Cancel | None = None) -> VerifyReport:
        """Return the results of the topology's checks on the live machines."""
        states = observe_all(self.host, self.topology, cancel=cancel, scope="neighbors")
        if needs_all(self.topology, states):
            states = self.observe(cancel=cancel)
        sessions = Sessions(self.host, credentials(self.topology))
        try:
            return verify(self.topology, states, sessions, cancel)
        finally:
            sessions.close()

    def undo(
        self,
        journal: str | Path | None = None,
        *,
        cut_off: bool = False,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
    ) -> Iterator[StepResult]:
        """Undo a journal, last step first, back to the values it remembers; yield one result a step.

        What others stand on stays: disks in their chains, and switches that they are connected to
        unless `cut_off`. Raises JournalError where there is none.
        """
        path = (
            Path(journal)
            if journal
            else self.journal or journal_folder.latest(self.topology.name, self.host)
        )
        yield from undo(self.host, path, cut_off=cut_off, cancel=cancel, on_event=on_event)

    def plan_destroy(self, *, cut_off: bool = False, cancel: Cancel | None = None) -> Plan:
        """Return what removes everything on the host that this topology created, but for what others stand on.

        `cut_off`: switches that others are connected to go as well. Raises PlanRefused where what
        is there cannot be read.
        """
        return self._replan_destroy(
            self._host_observer(cancel, Chains()).observe_all_machines(), cut_off=cut_off
        )

    def _replan_destroy(self, states: Mapping[MachinePath, HostState], *, cut_off: bool) -> Plan:
        require_complete(states)
        return plan_destroy(self.topology, states, cut_off=cut_off)

    def _host_observer(self, cancel: Cancel | None, chains: Chains) -> Observer:
        """Return the observer of a destroy: what is inside the VMs goes with them, so their guests are not asked."""
        sessions = Sessions(self.host, {})
        return Observer(
            self.topology,
            sessions,
            cancel,
            depth=0,
            chains=chains,
            scope="neighbors",
            only_removes=True,
        )

    def destroy(
        self,
        plan: Plan | None = None,
        *,
        cut_off: bool = False,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Remove what this topology created on the host, and nothing else; yield one result a step.

        What others stand on stays, as `plan_destroy` says; a plan made with `cut_off` needs it
        here, too.
        """
        chains = Chains()
        observer = self._host_observer(cancel, chains)
        with journal_folder.exclusive(self.topology.name, self.host):
            # A plan that is made here is run at once: the look that it is made from is the run's.
            states = observer.observe_all_machines()
            run = Run(
                session=self.host,
                observe=lambda: states,
                observe_machine=observer.observe_machine,
                replan=partial(self._replan_destroy, cut_off=cut_off),
                identify=partial(
                    identify, topology=self.topology.name, chains=chains, cancel=cancel
                ),
                cancel=cancel,
                on_event=on_event or _ignore,
                confirm=confirm,
            )
            yield from run_plan(plan or self._replan_destroy(states, cut_off=cut_off), run)


def _scope(*, prune: bool) -> Scope:
    """Return which VMs a plan reads in full: what is left over may have anybody's VMs on it."""
    return "all" if prune else "own"


def undo(
    host: Session,
    journal: str | Path,
    *,
    cut_off: bool = False,
    cancel: Cancel | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[StepResult]:
    """Undo a journal on a host, without its topology: last step first, back to the values it remembers.

    What others stand on stays: disks in their chains, and switches that they are connected to
    unless `cut_off`. Raises JournalError where there is no such journal.
    """
    remembered = Journal(Path(journal))
    topology = str(remembered.header()["topology"])
    sessions = Sessions(host, remembered.credentials())

    def look(path: MachinePath) -> HostState | None:
        try:
            return observe(sessions.to(path), machine=path, cancel=cancel)
        except (GuestUnreachable, SessionBroken):
            if path == HOST:
                raise
            return None

    checked = partial(identify, topology=topology, agreed=cut_off, cancel=cancel)
    run = Run(
        session=host,
        observe=dict,
        replan=_no_plan,
        identify=checked,
        cancel=cancel,
        on_event=on_event or _ignore,
    )
    with remembered.locked():
        yield from undo_journal(remembered, run, look)


def _no_plan(_states: object) -> Plan:
    """Undo follows its journal and plans nothing."""
    return Plan("", "")
