"""Previous values and interrupted changes of VMs, from the journals of earlier changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from nestlab.apply import Journal, JournalEntry, StepState
from nestlab.dataclass import dataclass, replace
from nestlab.lab import journal_folder
from nestlab.model import HOST
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.plan import Action, Step, SubjectKind, TargetKind, same_name
from nestlab.plan.nesting_options import PreviousState
from nestlab.plan.nesting_power import POWER_TO_RESTORE
from nestlab.transport.session import Session

ENABLING = frozenset(
    {
        Action.EXPOSE_EXTENSIONS,
        Action.SET_MEMORY,
        Action.SET_PROCESSOR_COUNT,
        Action.ALLOW_MAC_SPOOFING,
    }
)
DISABLING = frozenset(
    {
        Action.HIDE_EXTENSIONS,
        Action.RESTORE_MEMORY,
        Action.RESTORE_PROCESSOR_COUNT,
        Action.FORBID_MAC_SPOOFING,
    }
)
_STOPS = frozenset({Action.SHUT_DOWN_VM, Action.TURN_OFF_VM})


@dataclass(frozen=True)
class NestingHistory:
    """The journals of nesting changes on one host, oldest first."""

    journals: tuple[Journal, ...]

    @classmethod
    def of(cls, host: Session, path: Path | None = None) -> NestingHistory:
        """Return the journals of a host: the one at `path`, or all in the journal folder."""
        if path is not None:
            return cls((Journal(path),) if path.exists() else ())
        found = journal_folder.journals_of(host, kind=SubjectKind.NESTING)
        return cls(tuple(reversed(found)))

    def previous(self, vms: Iterable[VirtualMachineState]) -> dict[str, PreviousState]:
        """Return by name the states of the VMs before nestlab changed them."""
        return {
            vm.name: _previous(
                [entry for _, entry in self._entries(vm)],
                exposed=vm.expose_virtualization_extensions,
            )
            for vm in vms
        }

    def mark_undone(self, vms: Iterable[VirtualMachineState], actions: frozenset[Action]) -> None:
        """Mark recorded steps as undone: restored, or outdated by another change of the VM."""
        for vm in vms:
            for journal, entry in self._entries(vm):
                if entry.step.action in actions:
                    journal.record_undo_end(entry.step, StepState.DONE)

    def mark_outdated_as_undone(self, vms: Iterable[VirtualMachineState]) -> None:
        """Mark as undone the changes of VMs whose extensions something else has hidden since."""
        for vm in vms:
            hidden = not vm.expose_virtualization_extensions
            if hidden and _is_outdated(entry for _, entry in self._entries(vm)):
                self.mark_undone([vm], ENABLING)

    def _entries(self, vm: VirtualMachineState) -> Iterator[tuple[Journal, JournalEntry]]:
        for journal in self.journals:
            for entry in journal.entries():
                is_outer = entry.step.machine == HOST  # not a VM inside that was started again
                if is_outer and not entry.undone and _is_about(entry.step, vm):
                    yield journal, entry


def _is_about(step: Step, vm: VirtualMachineState) -> bool:
    """Whether a step changed this VM, by its Id: another VM may have its name now."""
    target = step.target
    same = target.id == vm.id if target.id else same_name(target.name, vm.name)
    return target.kind == TargetKind.VM and same


def _is_outdated(entries: Iterable[JournalEntry]) -> bool:
    """Whether nestlab exposed the extensions of a VM, and something else has hidden them since."""
    done = {
        entry.step.action
        for entry in entries
        if entry.finished or entry.step.action == Action.HIDE_EXTENSIONS
    }
    return Action.EXPOSE_EXTENSIONS in done and Action.HIDE_EXTENSIONS not in done


def _previous(entries: list[JournalEntry], *, exposed: bool) -> PreviousState:
    previous = PreviousState(
        known=any(entry.step.action in ENABLING for entry in entries),
        state=_interrupted_power(entries),
    )
    if not exposed and _is_outdated(entries):
        return previous
    for entry in entries:
        previous = _with_step(previous, entry.step)
    return previous


def _with_step(previous: PreviousState, step: Step) -> PreviousState:
    """Return the previous values with those of one more step.

    The first step of a kind has the value from before any change, the last one the current value.
    """
    now = step.cmdlets[0].last_command.parameters
    was = (*step.undo, *step.cmdlets)[0].last_command.parameters
    match step.action:
        case Action.SET_MEMORY:
            values = {name: value for name, value in now.items() if name != "VMName"}
            return replace(previous, memory=previous.memory or dict(was), memory_set=values)
        case Action.SET_PROCESSOR_COUNT:
            count = previous.processor_count or was["Count"]
            return replace(previous, processor_count=count, processor_count_set=now["Count"])
        case Action.ALLOW_MAC_SPOOFING:
            allowed = (*previous.spoofing_allowed, *_adapters(step))
            return replace(previous, spoofing_allowed=allowed)
        case _:
            return previous


def _adapters(step: Step) -> Iterator[str]:
    """Yield the Ids of the adapters that a step allowed spoofing on.

    Journals of earlier versions have their names.
    """
    for stage in (stage for cmdlet in step.cmdlets for stage in cmdlet.stages):
        if stage.name == "Where-Object":
            yield str(stage.parameters["Value"])
        elif "VMName" in stage.parameters:
            yield str(stage.parameters["Name"])


def _interrupted_power(entries: list[JournalEntry]) -> str:
    """Return the power state that an interrupted run has not restored yet; empty if none."""
    power = ""
    for entry in entries:
        if entry.step.action == Action.RESUME_VM:
            power = "Paused"
        elif entry.step.action in _STOPS:
            power = power or "Running"
        elif entry.finished and entry.step.action == Action.START_VM:
            power = power if power == "Paused" else ""
        elif entry.finished and entry.step.action == Action.SUSPEND_VM:
            power = ""
    return power


def with_current_power(
    previous: dict[str, PreviousState], state: HostState
) -> dict[str, PreviousState]:
    """Return the previous states with the current power states, unless one is to be restored.

    A change is planned again while it runs, when its VMs are off.
    """
    vms = state.hyper_v.vms if state.hyper_v else ()
    now = {vm.name: POWER_TO_RESTORE.get(vm.state, "") for vm in vms}
    return {
        name: value if value.state else replace(value, state=now[name])
        for name, value in previous.items()
    }


def record_finished_starts(journal: Journal, state: HostState) -> None:
    """Record that VMs were started although the run ended during their start.

    Undo has to shut those VMs down.
    """
    vms = state.hyper_v.vms if state.hyper_v else ()
    running = [vm for vm in vms if vm.state == "Running"]
    for entry in journal.entries():
        started = entry.step.action == Action.START_VM and entry.step.machine == HOST
        began = started and not entry.finished and not entry.undone
        if began and any(_is_about(entry.step, vm) for vm in running):
            journal.record_end(entry.step, StepState.DONE)
