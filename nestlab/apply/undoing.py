"""Undoing a journal: its steps in reverse, with the values that were remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from nestlab.apply.halfway import Again, undo_again
from nestlab.apply.journal import Entry, Journal
from nestlab.apply.results import StepResult
from nestlab.apply.run import Run
from nestlab.apply.sessions import Sessions
from nestlab.apply.stepping import execute
from nestlab.errors import Cancelled
from nestlab.model import MachinePath
from nestlab.model.ownership import is_marked, is_ours_by_name
from nestlab.model.state import HostState
from nestlab.plan import Step
from nestlab.plan.site import named, same_name


def undo_steps(entries: tuple[Entry, ...]) -> tuple[Step, ...]:
    """Return what undoes a journal, last step first.

    Steps inside a VM that the journal created, and changes of it, go with the VM: only its removal is undone.
    """
    open_entries = [entry for entry in entries if not entry.undone and entry.step.undo]
    created = {_vm_path(entry.step) for entry in entries if entry.step.creates and entry.step.thing.kind == "vm"}
    return tuple(
        replace(entry.step, cmdlets=entry.step.undo, title=f"Undo: {entry.step.title}")
        for entry in reversed(open_entries)
        if not _goes_with(entry.step, created)
    )


def _vm_path(step: Step) -> MachinePath:
    return (*step.machine, step.thing.name)


def _goes_with(step: Step, created: set[MachinePath]) -> bool:
    inside = any(step.machine[: len(path)] == path for path in created)
    return inside or (step.thing.kind == "vm" and not step.creates and _vm_path(step) in created)


Look = Callable[[MachinePath, tuple[str, ...]], HostState | None]
"""Observes one machine, with the disk files named; None where it does not answer."""


def undo_journal(journal: Journal, run: Run, look: Look) -> Iterator[StepResult]:
    """Undo what a journal remembers; yield one result a step, and stop after the first that failed.

    Only what carries the mark of the journal's topology is touched, and what somebody asked for by name. What is gone
    already is passed over. Raises Cancelled, JournalError.
    """
    entries = journal.entries()
    unfinished = {entry.step.id for entry in entries if not entry.finished}
    halfway = {entry.step.id for entry in entries if entry.undoing}
    sessions = Sessions(run.session, journal.credentials())
    check = _Check(str(journal.header()["topology"]), look, _disks(entries))
    began, status = time.monotonic(), "failed"
    steps = undo_steps(entries)
    try:
        for number, step in enumerate(steps, 1):
            _stop_where_cancelled(step, run)
            run.on_event({"event": "step-started", **step.to_dict(), "number": number, "of": len(steps)})
            again = Again(unfinished=step.id in unfinished, halfway=step.id in halfway)
            why_not = check.why_not(step, again=any(again))
            if why_not:
                result = StepResult(step=step, status="skipped", message=why_not)
            else:
                journal.undoing(step)
                state = check.state(step.machine)
                result = undo_again(step, sessions, run, again, state) if any(again) else execute(step, sessions, run)
            run.on_event(result.to_dict())
            if result.ok:
                journal.undone(step, result.status)
            yield result
            if not result.ok:
                return
        status = "done"
    except (Cancelled, GeneratorExit):
        status = "cancelled"
        raise
    finally:
        sessions.close()
        run.on_event({"event": "finished", "status": status, "seconds": round(time.monotonic() - began, 3)})


def _stop_where_cancelled(step: Step, run: Run) -> None:
    if run.cancel is not None and run.cancel.is_set():
        message = f"Stopped before: {step.title}"
        raise Cancelled(message, hint="Undo again to go on.")


def _disks(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    return tuple(entry.step.thing.name for entry in entries if entry.step.thing.kind == "disk")


@dataclass
class _Check:
    """Whether a step may be undone: its object is there, and it is the topology's."""

    topology: str
    look: Look
    disks: tuple[str, ...]

    def __post_init__(self) -> None:
        self._seen: dict[MachinePath, HostState | None] = {}

    def state(self, path: MachinePath) -> HostState | None:
        """Return a machine as it was when this undo first looked at it."""
        if path not in self._seen:
            self._seen[path] = self.look(path, self.disks if path == () else ())
        return self._seen[path]

    def why_not(self, step: Step, *, again: bool = False) -> str:
        """Return why a step is passed over; empty where it is to be undone. `again`: something ended in the middle of it."""
        if again:
            self._seen.pop(step.machine, None)
        state = self.state(step.machine)
        if step.machine and not self._is_ours(step):
            return f"{step.machine[0]} does not carry the mark of {self.topology}"
        if state is None:
            return "the machine does not answer"
        if again and not step.creates and step.thing.kind == "nat" and is_ours_by_name(step.thing.name, self.topology):
            return ""  # its prefix only changes where it is removed and made anew, and it ended between the two
        return _VERDICTS.get(step.thing.kind, _no_objection)(step, state, self.topology)

    def _is_ours(self, step: Step) -> bool:
        host = self.state(())
        vm = named(host.hyper_v.vms, step.machine[0]) if host and host.hyper_v else None
        return vm is not None and is_marked(vm.notes, self.topology)


def _no_objection(_step: Step, _state: HostState, _topology: str) -> str:
    return ""


def _vm(step: Step, state: HostState, topology: str) -> str:
    vm = named(state.hyper_v.vms, step.thing.name) if state.hyper_v else None
    if vm is None:
        return f"there is no VM {step.thing.name} any more"
    return "" if step.by_request or is_marked(vm.notes, topology) else f"{vm.name} does not carry the mark of {topology}"


def _switch(step: Step, state: HostState, topology: str) -> str:
    switch = named(state.hyper_v.switches, step.thing.name) if state.hyper_v else None
    if switch is None:
        return f"there is no switch {step.thing.name} any more"
    return "" if is_marked(switch.notes, topology) else f"{switch.name} does not carry the mark of {topology}"


def _nat(step: Step, state: HostState, topology: str) -> str:
    there = any(same_name(nat.name, step.thing.name) for nat in state.nats) and is_ours_by_name(step.thing.name, topology)
    return "" if there else f"there is no NAT {step.thing.name} any more"


def _scope(step: Step, state: HostState, topology: str) -> str:
    there = any(same_name(scope.name, step.thing.name) for scope in state.dhcp_scopes) and is_ours_by_name(step.thing.name, topology)
    return "" if there else f"there is no DHCP scope {step.thing.name} any more"


def _disk(step: Step, state: HostState, _topology: str) -> str:
    there = state.hyper_v is not None and step.thing.name.lower() in state.hyper_v.existing_disks
    return "" if there else f"there is no {step.thing.name} any more"


def _interface(step: Step, state: HostState, _topology: str) -> str:
    there = any(same_name(interface.interface_alias, step.thing.name) for interface in state.ip_interfaces)
    return "" if there else f"there is no adapter {step.thing.name} any more"


_VERDICTS: dict[str, Callable[[Step, HostState, str], str]] = {
    "vm": _vm,
    "switch": _switch,
    "nat": _nat,
    "scope": _scope,
    "disk": _disk,
    "address": _interface,
}
