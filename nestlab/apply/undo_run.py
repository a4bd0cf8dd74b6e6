"""Undoing a journal: its steps in reverse, with the values that it recorded."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterable, Iterator, Sequence

from nestlab.apply.context import UndoContext, as_planned
from nestlab.apply.events import NotRestored, RunFinished, RunStatus, StepFinished, StepStarted
from nestlab.apply.inner_vms import InnerVMRestorer, with_guest_shutdown
from nestlab.apply.interrupted_undo import CREATES_AGAIN, Interrupted, resume_undo, sets_again
from nestlab.apply.journal import Journal
from nestlab.apply.journal_entries import JournalEntry
from nestlab.apply.kept_services import KeptServices
from nestlab.apply.sessions import Sessions
from nestlab.apply.started_vms import StartedVM, started_by, wait_until_up
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult, StepState, failure
from nestlab.apply.undo_order import creates, irreversible_steps, undoable
from nestlab.apply.undo_requirements import require_objects, require_rights
from nestlab.apply.waiting import boot_time, wait_until_it_answers
from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import (
    Cancelled,
    GuestCredentialRefused,
    GuestUnreachable,
    HostError,
    SessionBroken,
)
from nestlab.model import HOST, MachinePath
from nestlab.plan import Action, Deferred, Refusal, Step, TargetKind, serves_switch_of_others
from nestlab.texts import tr


def undo_journal(journal: Journal, context: UndoContext) -> Iterator[StepResult]:
    """Undo a journal; yield one result per step, and stop after the first failure.

    Only objects with the mark of the journal's topology are changed, and VMs that the user named.
    Objects that no longer exist are skipped. At the end it waits until the guests that it started
    again have a heartbeat; an event `GuestsNotUp` names those that have none, and `NotRestored` the
    steps that cannot be undone. Raises Cancelled, JournalError, and before anything is changed
    UndoRefused where something that the undo needs no longer exists.
    """
    remaining = undoable(journal.entries())
    sessions = Sessions(context.session, journal.header().credentials_by_machine)
    run = _UndoRun(journal, context, sessions, InnerVMRestorer(journal, context, sessions))
    began, status = time.monotonic(), RunStatus.FAILED
    try:
        run.prepare([step for _, step in remaining])
        for number, (entry, step) in enumerate(remaining, 1):
            _raise_if_cancelled(step, context)
            context.on_event(StepStarted(step, number, len(remaining)))
            result, is_final = run.undo_step(entry, step)
            context.on_event(StepFinished(result))
            if is_final:
                journal.record_undo_end(step, result.status)
            yield result
            if not result.ok:
                yield from run.inner_vm_restorer.restore(is_complete=False)
                return
        if (yield from run.restore_inner_vms()):
            status = RunStatus.DONE
            _report_irreversible(journal, context)
            wait_until_up(run.started, sessions, context)
    except (Cancelled, GeneratorExit):
        status = RunStatus.CANCELLED
        raise
    finally:
        sessions.close()
        context.on_event(RunFinished(status, time.monotonic() - began))


def _report_irreversible(journal: Journal, context: UndoContext) -> None:
    if steps := irreversible_steps(journal.entries()):
        context.on_event(NotRestored(steps))


def _was_up(step: Step) -> bool:
    """Whether a step shut down a guest that had a heartbeat, instead of turning its VM off."""
    last = [cmdlet.last_command for cmdlet in step.cmdlets]
    return any(each.name == "Stop-VM" and "TurnOff" not in each.parameters for each in last)


def _raise_if_cancelled(step: Step, context: UndoContext) -> None:
    if context.cancel is not None and context.cancel.is_set():
        message = tr("Stopped before: {title}", title=step.title)
        raise Cancelled(message, hint=tr("Undo again to continue."))


@dataclass
class _UndoRun:
    """The undo of one journal.

    `kept` maps the machine and name of each switch that is kept to the name of the kept VM that is
    connected to it, or to an empty string if VMs of others are. `removals` are the steps that
    remove the switches that the run created. `started` are the restarted VMs that had a heartbeat
    before.
    """

    journal: Journal
    context: UndoContext
    sessions: Sessions
    inner_vm_restorer: InnerVMRestorer
    kept: dict[tuple[MachinePath, str], str] = field(default_factory=dict)
    removals: dict[tuple[MachinePath, str], Step] = field(default_factory=dict)
    started: list[StartedVM] = field(default_factory=list)
    services: KeptServices | None = None

    def prepare(self, steps: Sequence[Step]) -> None:
        """Check what the steps need, and find the switches that have to be kept.

        Raises UndoRefused if something that they need no longer exists, or rights are missing.
        """
        self._find_kept_switches(steps)
        self.services = KeptServices(steps)
        require_rights(self.journal.path, steps, self._is_undone, self.context)
        require_objects(self.journal.path, steps, self._identified, self.context, self.sessions)

    def _is_undone(self, step: Step) -> bool:
        return not self._reason_kept(step) and isinstance(self._identified(step), Step)

    def _find_kept_switches(self, steps: Sequence[Step]) -> None:
        """Find the switches that have to be kept, and with them their NATs, scopes and addresses.

        Adapters of the machine that these steps remove before its switch do not count.
        """
        for step in steps:
            if not (step.creates and step.target.kind == TargetKind.SWITCH):
                continue
            try:
                removal = self._without_own_adapters(step, steps)
                self.removals[step.machine, step.target.name.casefold()] = removal
                self._check_use(removal)
            except GuestCredentialRefused:
                return  # the step in that guest reports it; no further attempt is made

    def _check_use(self, removal: Step) -> None:
        """Record whether a switch is kept, because VMs of others are connected to it now."""
        found, place = self._identified(removal), (removal.machine, removal.target.name.casefold())
        self.kept.pop(place, None)
        if isinstance(found, Refusal) and found.in_use:
            self.kept[place] = ""

    def _without_own_adapters(self, removal: Step, steps: Iterable[Step]) -> Step:
        """Return the removal of a switch, which adapters that `steps` remove do not prevent."""
        switch = removal.target.name.casefold()
        own = {
            step.subject.rpartition("/")[2].casefold()
            for step in steps
            if step.action is Action.ADD_MANAGEMENT_ADAPTER
            and (step.machine, step.target.name.casefold()) == (removal.machine, switch)
        }
        state = self.context.observe_machine(removal.machine) if own else None
        if state is None or state.hyper_v is None:
            return removal
        ids = (
            adapter.id
            for adapter in state.hyper_v.management_adapters
            if adapter.switch_name.casefold() == switch and adapter.name.casefold() in own
        )
        return replace(removal, disconnects=(*removal.disconnects, *ids))

    def restore_inner_vms(self) -> Generator[StepResult, None, bool]:
        """Turn the VMs in nested hosts on again; return whether all that were on are on again."""
        restored = True
        for result in self.inner_vm_restorer.restore(is_complete=True):
            restored = restored and result.ok
            yield result
        if restored:
            self.journal.record_run_end()
        return restored

    def undo_step(self, entry: JournalEntry, step: Step) -> tuple[StepResult, bool]:
        """Undo one step; return its result, and whether that is final.

        It is not final if others use its object: a later undo may remove it.
        """
        try:
            self._check_use_again(step)
            why_kept = self._reason_kept(step)
            if why_kept:
                return StepResult(step=step, status=StepState.SKIPPED, message=why_kept), False
            self.inner_vm_restorer.wait_for(step.machine)
            found = self._identified(step)
        except HostError as error:
            hint = tr("Nothing was changed by this step. Undo again to continue.")
            return failure(step, error, 0.0, hint), False
        interrupted = _interrupted(entry)
        if isinstance(found, Refusal):
            if found.in_use and creates(step, TargetKind.VM):
                self._keep_switches_of(step)
            if found.in_use or not (any(interrupted) and _is_replaced(step)):
                result = StepResult(step=step, status=StepState.SKIPPED, message=found.why)
                return result, not found.in_use
            found = step
        result = self._undo(step, found, interrupted)
        if _was_up(entry.step):
            self.started += filter(None, (started_by(result),))
        return result, result.ok

    def _check_use_again(self, step: Step) -> None:
        """Check again whether others use the switch that a NAT, address or scope serves."""
        place = (step.machine, step.target.switch.casefold())
        if place in self.removals and not self.kept.get(place):
            self._check_use(self.removals[place])

    def _reason_kept(self, step: Step) -> str:
        """Return why a step is not undone: for its switch, or for its DHCP scope or NAT."""
        why = self._why_kept(step)
        if why or self.services is None:
            return why
        return self.services.why_kept(step, self._identified)

    def _why_kept(self, step: Step) -> str:
        """Return why a switch, or its NAT or scope, is kept; empty if `_identified` decides."""
        serves, target = bool(step.target.switch), step.target
        if not serves and not creates(step, TargetKind.SWITCH):
            return ""
        name = target.switch or target.name
        vm = self.kept.get((step.machine, name.casefold()))
        if vm is None:
            return ""
        if not serves:
            return tr("kept: VM {vm}, which is kept, is connected to it", vm=vm) if vm else ""
        if not vm:
            return serves_switch_of_others(name)
        return tr(
            "kept: it serves the switch {switch}, which VM {vm}, which is kept, is connected to",
            switch=name,
            vm=vm,
        )

    def _keep_switches_of(self, step: Step) -> None:
        """Keep the switches of a VM that is kept: without them it loses its network."""
        state = self.context.observe_machine(step.machine)
        for vm in state.hyper_v.vms if state is not None and state.hyper_v is not None else ():
            is_kept = vm.id == step.target.id if step.target.id else vm.name == step.target.name
            for adapter in vm.network_adapters if is_kept else ():
                if adapter.switch_name:
                    self.kept[step.machine, adapter.switch_name.casefold()] = vm.name

    def _undo(self, step: Step, found: Step, interrupted: Interrupted) -> StepResult:
        self.journal.record_undo_start(step, self.inner_vm_restorer.record_inner_vms(step))
        context = replace(self.context, identify=as_planned)
        found = with_guest_shutdown(found, self.sessions, self.context)
        restart = self._restart_of(found)
        if any(interrupted) or sets_again(found):
            state = self.context.observe_machine(step.machine) if any(interrupted) else None
            result = resume_undo(found, self.sessions, context, interrupted, state)
        else:
            result = execute(found, self.sessions, context)
        if result.ok:
            not_known = self.inner_vm_restorer.unknown_vms_texts(step)
            result = replace(result, warnings=(*result.warnings, *not_known))
            self.inner_vm_restorer.record_power_change(step)
        if restart is not None and result.ok:
            wait_until_it_answers(restart, self.sessions, self.context)
        return result

    def _restart_of(self, step: Step) -> Deferred | None:
        """Return the restart that this step causes, which the next steps in the guest wait for."""
        if step.machine == HOST or not any(
            cmdlet.name == "Restart-Computer" for cmdlet in step.cmdlets
        ):
            return None
        booted_at = None
        with contextlib.suppress(HostError):  # the step itself reports it
            booted_at = boot_time(self.sessions.to(step.machine), self.context.cancel)
        return Deferred(step.machine, tr("Its restart comes first."), booted_at)

    def _identified(self, step: Step) -> Step | Refusal:
        """Return the step with its objects as they are now, or why it is not undone.

        Objects in a guest that does not answer are kept. Raises errors of the host's session, and
        GuestCredentialRefused: the step can be undone once the credential is correct.
        """
        try:
            return self.context.identify(step, self.sessions.to)
        except GuestCredentialRefused:
            raise
        except (GuestUnreachable, SessionBroken):
            if not step.machine:
                raise
            return Refusal(tr("the machine does not answer"))


def _interrupted(entry: JournalEntry) -> Interrupted:
    """Return what was interrupted; a superseded step may be partly undone as well."""
    return Interrupted(
        unfinished=not entry.finished, undo_interrupted=entry.undoing or entry.superseded
    )


def _is_replaced(step: Step) -> bool:
    # The prefix of a NAT and the range of a DHCP scope are changed by removing it and creating it
    # again: an interrupted run may have ended between the two.
    creates = any(cmdlet.name in CREATES_AGAIN for cmdlet in step.cmdlets)
    return step.target.kind in (TargetKind.NAT, TargetKind.SCOPE) and creates and not step.creates
