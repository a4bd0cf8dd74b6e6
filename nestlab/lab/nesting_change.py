"""Exposing virtualization extensions to existing VMs, and hiding them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nestlab.apply import ApplyContext, Journal, OnEvent, StepResult, ignore_event, run_plan
from nestlab.dataclass import replace
from nestlab.errors import PlanRefused
from nestlab.html import rich_html
from nestlab.lab import journal_folder
from nestlab.lab.nesting_guests import NestingGuests
from nestlab.lab.nesting_history import DISABLING, ENABLING, NestingHistory, with_current_power
from nestlab.lab.nesting_report import NestingReport
from nestlab.lab.shutdown_retry import SHUTDOWN_SECONDS, ShutdownRetry, confirm_once, stops_vm
from nestlab.lab.start_blockers import start_blockers
from nestlab.lab.undoable_journals import latest_to_undo
from nestlab.lab.undoing import undo
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.observe import identify, observe
from nestlab.plan import Action, Plan, Step, SubjectKind
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.nesting_steps import plan_nesting
from nestlab.plan.vm_names import distinct_names, find_vm
from nestlab.transport.session import Cancel, Session
from nestlab.visible import visible


class NestingChange:
    """A change of the virtualization extensions of VMs: plan it, apply it, undo it.

    The VMs need no mark of nestlab, because the user names them. If a change is interrupted,
    applying the same change again continues it, and restores the power state that each VM had at
    first, as recorded in the journals.

    Args:
        host: The host of the VMs.
        vm_names: One name, or several; names are not patterns.
        enable: Expose the extensions; false hides them and restores the values that enabling had
            changed.
        journal: The file for the undo of the change. By default each change starts a new file in
            the folder of the journals.
        shutdown_seconds: How long a guest may take to shut down before the change stops, or with
            `turn_off` turns it off.
        force: Change the VM even if its host would then refuse to start it.
        options: The other fields of `NestingOptions`, by name; `memory_startup` may
            also be given as text (`8GB`).
    """

    def __init__(
        self,
        host: Session,
        vm_names: str | Sequence[str],
        *,
        enable: bool,
        journal: str | Path | None = None,
        shutdown_seconds: float = SHUTDOWN_SECONDS,
        force: bool = False,
        **options: Any,
    ) -> None:
        self.host = host
        self.vm_names = distinct_names(vm_names)
        self.options = NestingOptions.of(enable=enable, **options)
        self.journal = Path(journal) if journal is not None else None
        self.shutdown_seconds = shutdown_seconds
        self.force = force
        self._guests = NestingGuests(host, tuple(self.vm_names), self.options.credential)
        self.notes: tuple[str, ...] = ()
        """What the last plan does not change, and what is not known."""
        self.timed_out_vm = ""
        """The VM that did not shut down in time, and was not turned off; empty if none."""
        self._given_journal = self.journal
        self._previous: Mapping[str, PreviousState] = {}

    @property
    def enable(self) -> bool:
        """Whether the extensions are to be exposed."""
        return self.options.enable

    def __repr__(self) -> str:
        verb, names = "enable" if self.enable else "disable", ", ".join(self.vm_names)
        text = f"<NestingChange: {verb} nesting of {names} on {self.host.host}>"  # not shown
        return visible(text)

    def _repr_html_(self) -> str:
        return rich_html(__name__, self)

    def plan(self, *, cancel: Cancel | None = None) -> Plan:
        """Return the steps.

        Raises:
            UsageError: A name does not match exactly one VM; a VM is saved and
                `discard_saved_state` is not set; or a VM cannot have the requested memory or
                processors.
            PlanRefused: This host would then refuse to start the VM; `force` plans it anyway.
        """
        states = self._observe(cancel)
        state = states[HOST]
        vms = self._vms(state)
        names = [vm.name for vm in vms]
        if self.enable and not self.force:
            findings = start_blockers(state, names, self.options.memory_startup)
            if not findings.ok:
                raise PlanRefused(findings)
        history = NestingHistory.of(self.host, self._given_journal)
        self._previous = with_current_power(history.previous(vms), state)
        self._guests.take_interrupted(history, names)
        plan = self._plan(states)
        self.notes = tuple(f"{each.subject}: {each.why}" for each in plan.unchanged if plan.steps)
        return plan

    def _vms(self, state: HostState) -> list[VirtualMachineState]:
        return [find_vm(state, name) for name in self.vm_names]

    def _observe(self, cancel: Cancel | None) -> dict[MachinePath, HostState]:
        return self._guests.with_states(observe(self.host, machine=HOST, cancel=cancel), cancel)

    def with_turn_off(self) -> NestingChange:
        """Return this change, to continue with the consent to turn `timed_out_vm` off."""
        change = NestingChange(
            self.host,
            self.vm_names,
            enable=self.enable,
            journal=self.journal,
            shutdown_seconds=self.shutdown_seconds,
            force=self.force,
        )
        change.options = self._options_with_turn_off([self.timed_out_vm])
        change._guests = self._guests
        return change

    def _options_with_turn_off(self, names: Sequence[str]) -> NestingOptions:
        return replace(self.options, turn_off_now=(*self.options.turn_off_now, *names))

    def _plan(
        self, states: Mapping[MachinePath, HostState], turn_off_now: Sequence[str] = ()
    ) -> Plan:
        options = self._options_with_turn_off(turn_off_now)
        plan = plan_nesting(states[HOST], self.vm_names, options=options, previous=self._previous)
        return self._guests.complete(plan, states, options)

    def apply(
        self,
        plan: Plan | None = None,
        *,
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
        confirm: Callable[[Step], bool] | None = None,
    ) -> Iterator[StepResult]:
        """Apply the plan; yield one result per step, and stop after the first failure.

        A guest that does not shut down is asked again until `shutdown_seconds` have passed. Then
        the change stops and the VM stays on, unless `turn_off` is set. Raises StalePlan, Cancelled,
        and the errors of `plan`.
        """
        plan = plan or self.plan(cancel=cancel)
        history = NestingHistory.of(self.host, self._given_journal)
        vms = self._vms(plan.states[HOST])
        if self.enable:
            history.mark_outdated_as_undone(vms)
        if self.journal is None:
            self.journal = journal_folder.new_path(plan.title[:80], self.host)
        journal = Journal(self.journal)
        shutdown = ShutdownRetry(self.host, self.shutdown_seconds, cancel, on_event or ignore_event)
        context = ApplyContext(
            session=self.host,
            observe=lambda: self._observe(cancel),
            replan=self._plan,
            identify=partial(identify, topology="", cancel=cancel),
            journal=journal,
            cancel=shutdown,
            on_event=shutdown.on_event,
            confirm=confirm_once(confirm),
        )
        with journal.locked():
            self._begin(journal, plan)
            self._guests.record(journal)
            if (yield from self._attempts(plan, context, shutdown)):
                history.mark_undone(vms, DISABLING if self.enable else ENABLING)
                self._guests.finish(history)
            shutdown.finish()

    def _begin(self, journal: Journal, plan: Plan) -> None:
        Journal.begin(
            journal.path,
            kind=SubjectKind.NESTING,
            subject=plan.subject,
            host=self.host.host,
            identity=journal_folder.identity(self.host),
            credentials=dict(plan.credentials),
        )

    def _attempts(
        self, plan: Plan, context: ApplyContext, shutdown: ShutdownRetry
    ) -> Generator[StepResult, None, bool]:
        """Yield the results of all attempts; return whether everything is done."""
        unresponsive: list[str] = []  # VMs that did not shut down in time
        while not plan.is_empty:
            run = replace(context, replan=partial(self._plan, turn_off_now=tuple(unresponsive)))
            failed = yield from shutdown.attempt(run_plan(plan, run))
            if failed is None:
                break
            if failed.step.action != Action.SHUT_DOWN_VM:
                yield shutdown.fail(failed)
                return False
            shutdown.record_vm_still_on(failed.step, context.journal)
            vm = failed.step.target.name
            if not shutdown.has_timed_out(vm):
                shutdown.wait_before_retry(failed)
            elif self.options.turn_off:
                unresponsive.append(vm)
            else:
                self.timed_out_vm = vm
                yield shutdown.fail(failed)
                return False
            plan = self._plan(self._observe(shutdown), unresponsive)
        return True

    def undo(
        self,
        *,
        turn_off: Collection[str] = (),
        cancel: Cancel | None = None,
        on_event: OnEvent | None = None,
    ) -> Iterator[StepResult]:
        """Restore the previous values of the VMs; raises JournalError if nothing was applied.

        It waits for a guest that is still starting up to `shutdown_seconds`; then it turns off the
        VMs that `turn_off` names, and stops at any other.
        """
        self.timed_out_vm = ""
        path = self.journal or latest_to_undo(
            ", ".join(self.vm_names), self.host, kind=SubjectKind.NESTING
        )
        for result in undo(
            self.host,
            path,
            shutdown_seconds=self.shutdown_seconds,
            turn_off=turn_off,
            cancel=cancel,
            on_event=on_event,
        ):
            if not result.ok and stops_vm(result.step):
                self.timed_out_vm = result.step.target.name
            yield result


def enable_nesting(
    host: Session,
    vm_name: str | Sequence[str],
    *,
    journal: str | Path | None = None,
    **options: Any,
) -> NestingReport:
    """Expose virtualization extensions to VMs.

    Running VMs are shut down and started again, and get static memory. Takes the options of
    `NestingChange`. Raises UsageError if a name does not match exactly one VM, or a VM is
    saved; PlanRefused where the host would then refuse to start the VM.
    """
    return _change(NestingChange(host, vm_name, enable=True, journal=journal, **options))


def disable_nesting(
    host: Session,
    vm_name: str | Sequence[str],
    *,
    journal: str | Path | None = None,
    **options: Any,
) -> NestingReport:
    """Hide virtualization extensions from VMs.

    The memory, processors and adapter settings that enabling changed are restored. Takes the
    options of `NestingChange`. Raises UsageError if a name does not match exactly one VM, or a
    VM is saved.
    """
    return _change(NestingChange(host, vm_name, enable=False, journal=journal, **options))


def _change(change: NestingChange) -> NestingReport:
    plan = change.plan()
    results = () if plan.is_empty else tuple(change.apply(plan))
    return NestingReport(
        ", ".join(change.vm_names),
        change.enable,
        results,
        None if plan.is_empty else change.journal,
        change.notes,
    )
