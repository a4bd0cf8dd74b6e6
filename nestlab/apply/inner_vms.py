"""Restarts the VMs inside nested hosts that were on before an undo turned the nested host off."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.apply.context import UndoContext
from nestlab.apply.events import StepFinished, StepStarted
from nestlab.apply.journal import Journal
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult, StepState
from nestlab.apply.waiting import wait_until_it_answers
from nestlab.dataclass import replace
from nestlab.errors import HostError
from nestlab.model import Cmdlet, MachinePath, Record, path_text
from nestlab.model.state import HostState
from nestlab.plan import (
    ON_STATES,
    Action,
    Deferred,
    InnerVM,
    ObservedMachine,
    Step,
    StepTarget,
    TargetKind,
    is_at_or_inside,
    restore_steps,
    stopped_machine_of,
    vms_by_host,
    vms_inside,
)
from nestlab.texts import mark, tr, translate

_POWER = frozenset({"Start-VM", "Stop-VM", "Remove-VM"})
_HINT = mark("Start them when the nested host answers.")


class InnerVMRestorer:
    """Restores the power states of the VMs inside nested hosts that an undo turns off or starts.

    What an earlier run or undo turned off and did not start again is read from the journal.
    """

    def __init__(self, journal: Journal, context: UndoContext, sessions: Sessions) -> None:
        self._context = context
        self._sessions = sessions
        self._credentials = journal.header().credentials_by_machine
        self._before = dict(journal.inner_vms())
        self._left = dict(journal.inner_vms(of_unfinished_run=True))
        self._started: set[MachinePath] = set()
        self._stopped: dict[MachinePath, Step] = {}  # nested hosts that this undo turns off
        self._unread: set[MachinePath] = set()  # nested hosts whose VMs inside are not known
        self._answering: set[MachinePath] = set()  # since they were started

    def record_inner_vms(self, step: Step) -> tuple[InnerVM, ...]:
        """Record the VMs that are on inside the nested host that a step turns off; return them."""
        path = stopped_machine_of(step)
        if path is None or step.creates:
            return ()
        if not self._is_nested_host(path):
            self._stopped[path] = step
            return ()  # nothing runs inside; the journal has what ran before
        states: dict[MachinePath, HostState] = {}
        for there in self._credentials:
            if is_at_or_inside(path, there) and (state := self._observed(there)) is not None:
                states[there] = state
        found = vms_by_host(vms_inside(path, states))
        for host in states:
            known = {vm.id: vm for vm in (*self._left.get(host, ()), *found.get(host, ()))}
            self._before[host] = tuple(known.values())
        self._stopped[path] = step
        if path not in states:
            self._unread.add(path)
        return tuple(vm for host in states for vm in self._before[host])

    def unknown_vms_texts(self, step: Step) -> tuple[str, ...]:
        """Return a sentence if it is not known which VMs inside stopped with a step."""
        path = stopped_machine_of(step)
        if path is None or path not in self._unread:
            return ()
        name = path_text(path)
        if path in self._credentials:
            text = tr(
                "{host} does not answer, so it is not known which VMs inside stopped with it: start those that were on",
                host=name,
            )
        else:
            text = tr(
                "{host} has no known credential, so it is not known which VMs inside stopped with it: start those that were on",
                host=name,
            )
        return (text,)

    def _is_nested_host(self, path: MachinePath) -> bool:
        """Whether a VM that is on may have VMs inside."""
        vm = Cmdlet("Get-VM", {"Name": path[-1]})
        try:
            found = self._sessions.to(path[:-1]).run(
                vm, replace(vm, pipe_to=Cmdlet("Get-VMProcessor")), cancel=self._context.cancel
            )
        except HostError:
            return False  # the step itself reports the error
        states = {str(record.get("State")) for record in found.of_type("VirtualMachine")}
        exposed = (
            bool(record.get("ExposeVirtualizationExtensions"))
            for record in found.of_type("VMProcessor")
        )
        return not states.isdisjoint(ON_STATES) and any(exposed)

    def _observed(self, path: MachinePath) -> HostState | None:
        try:
            return self._context.observe_machine(path)
        except HostError:
            return None

    def record_power_change(self, step: Step) -> None:
        """Record how an undone step changed the power states of VMs."""
        names = {cmdlet.last_command.name for cmdlet in step.cmdlets}
        if "Restart-Computer" in names:
            self._record_start(step.machine)
        elif step.target.kind == TargetKind.VM and names & _POWER:
            self._forget(step)
            if "Start-VM" in names:
                self._record_start((*step.machine, step.target.name))

    def _record_start(self, path: MachinePath) -> None:
        self._started.add(path)
        self._stopped.pop(path, None)
        self._answering = {known for known in self._answering if not is_at_or_inside(path, known)}

    def _forget(self, step: Step) -> None:
        """Drop a VM from this record: the step itself restores its earlier power state."""
        for vms in (self._before, self._left):
            kept = (vm for vm in vms.get(step.machine, ()) if vm.name != step.target.name)
            vms[step.machine] = tuple(kept)

    def wait_for(self, path: MachinePath) -> None:
        """Wait until a machine answers that this undo has started. Raises Cancelled."""
        if path in self._answering or path not in self._credentials:
            return
        for host in self._started:
            if is_at_or_inside(host, path):
                self._sessions.disconnect(host)
                first = Deferred(path, tr("{host} starts first.", host=path_text(host)))
                wait_until_it_answers(first, self._sessions, self._context)
                self._answering.add(path)

    def restore(self, *, is_complete: bool) -> Iterator[StepResult]:
        """Start the VMs that were on; yield a result for each, also for those that stay off.

        Where the undo `is_complete`, a nested host that it has turned off stays off. Raises
        Cancelled.
        """
        begun = self._started | {path for path, vms in self._left.items() if vms}
        for host in sorted((path for path, vms in self._before.items() if vms), key=len):
            stop = next(
                (step for path, step in self._stopped.items() if is_at_or_inside(path, host)), None
            )
            if stop is not None:
                if is_complete:
                    yield self._kept_off_result(stop, host)
            elif any(is_at_or_inside(path, host) for path in begun):
                yield from self._restore(host)

    def _kept_off_result(self, step: Step, host: MachinePath) -> StepResult:
        message = tr(
            "{host} was off before the run that is undone, so these VMs inside, which were on, stopped with it: {names}",
            host=path_text(host),
            names=self._names(host),
        )
        return StepResult(step=step, status=StepState.SKIPPED, message=message)

    def _names(self, host: MachinePath) -> str:
        return ", ".join(vm.name for vm in self._before[host])

    def _restore(self, host: MachinePath) -> Iterator[StepResult]:
        self.wait_for(host)
        state = self._observed(host)
        if state is None or state.hyper_v is None:
            yield self._unknown_result(host)
            return
        machine = ObservedMachine(path=host, state=state)
        steps = tuple(restore_steps(machine, self._before[host]))
        for number, step in enumerate(steps, 1):
            self._context.on_event(StepStarted(step, number, len(steps)))
            result = execute(step, self._sessions, self._context)
            self._context.on_event(StepFinished(result))
            yield result

    def _unknown_result(self, host: MachinePath) -> StepResult:
        step = Step(
            id=f"{path_text(host)}:{Action.START_VM}:*",
            machine=host,
            action=Action.START_VM,
            title=tr("Start the VMs in {host} again", host=path_text(host)),
            why=tr("they were on before"),
            cmdlets=(),
            target=StepTarget(TargetKind.VM, host[-1]),
        )
        message = tr(
            "{host} does not answer, so it is not known whether these VMs inside run again: {names}",
            host=path_text(host),
            names=self._names(host),
        )
        return StepResult(
            step=step, status=StepState.FAILED, message=message, hint=translate(_HINT)
        )


def with_guest_shutdown(step: Step, sessions: Sessions, context: UndoContext) -> Step:
    """Return a step that shuts a VM down where its guest can do that, and otherwise turns it off.

    A guest that is turned off loses what it has not written, and so do the VMs inside it.
    """
    if step.creates or not any(_turns_off(cmdlet) for cmdlet in step.cmdlets):
        return step
    which = {"Id": step.target.id} if step.target.id else {"Name": step.target.name}
    try:
        found = sessions.to(step.machine).run(Cmdlet("Get-VM", which), cancel=context.cancel)
    except HostError:
        return step  # the step itself reports the error
    can_shut_down = any(map(_has_heartbeat, found.of_type("VirtualMachine")))
    return (
        replace(step, cmdlets=tuple(map(_without_turn_off, step.cmdlets)))
        if can_shut_down
        else step
    )


def _has_heartbeat(vm: Record) -> bool:
    return str(vm.get("State")) == "Running" and str(vm.get("Heartbeat")).startswith("Ok")


def _turns_off(cmdlet: Cmdlet) -> bool:
    last = cmdlet.last_command
    return last.name == "Stop-VM" and "TurnOff" in last.parameters


def _without_turn_off(cmdlet: Cmdlet) -> Cmdlet:
    if not _turns_off(cmdlet):
        return cmdlet
    if cmdlet.pipe_to is not None:
        return replace(cmdlet, pipe_to=_without_turn_off(cmdlet.pipe_to))
    kept = {name: value for name, value in cmdlet.parameters.items() if name != "TurnOff"}
    return replace(cmdlet, parameters=kept)
