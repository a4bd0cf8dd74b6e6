"""What the journals of earlier changes remember of VMs: the values of before, and what an interrupted run left open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from nestlab.apply import Journal, JournalEntry
from nestlab.lab import journal_folder
from nestlab.model.state import HostState
from nestlab.plan import Action, PreviousState, Step, ThingKind
from nestlab.plan.site import same_name
from nestlab.transport.session import Session

TOPOLOGY_PREFIX = "nesting of "
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
    """The journals that speak of the VMs of one host, oldest first."""

    journals: tuple[Journal, ...]

    @classmethod
    def of(cls, host: Session, path: Path | None = None) -> NestingHistory:
        """Return the journals of a host: the one that is named, or all in the folder of the journals."""
        if path is not None:
            return cls((Journal(path),) if path.exists() else ())
        found = [
            journal
            for journal in journal_folder.of_host(host, TOPOLOGY_PREFIX)
            if _is_of_nesting(journal)
        ]
        return cls(tuple(reversed(found)))

    def previous(self, names: Iterable[str], state: HostState) -> dict[str, PreviousState]:
        """Return by name what the VMs were like before nestlab changed them."""
        exposed = (
            {vm.name.casefold() for vm in state.hyper_v.vms if vm.expose_virtualization_extensions}
            if state.hyper_v
            else set()
        )
        return {
            name: _before(
                [entry for _, entry in self._entries(name)], exposed=name.casefold() in exposed
            )
            for name in names
        }

    def forget(self, names: Iterable[str], actions: frozenset[str]) -> None:
        """Mark what was remembered as done with: its values are back, or somebody has changed the VM since."""
        for name in names:
            for journal, entry in self._entries(name):
                if entry.step.action in actions:
                    journal.undone(entry.step, "done")

    def is_outdated(self, name: str) -> bool:
        """Whether what was remembered of a VM that hides its extensions is history: somebody has hidden them since."""
        return is_outdated([entry for _, entry in self._entries(name)], exposed=False)

    def _entries(self, name: str) -> Iterator[tuple[Journal, JournalEntry]]:
        for journal in self.journals:
            for entry in journal.entries():
                if (
                    not entry.undone
                    and entry.step.thing.kind == ThingKind.VM
                    and same_name(entry.step.thing.name, name)
                ):
                    yield journal, entry


def _is_of_nesting(journal: Journal) -> bool:
    return str(journal.header().get("topology", "")).startswith(TOPOLOGY_PREFIX)


def is_outdated(entries: Iterable[JournalEntry], *, exposed: bool) -> bool:
    """Whether nestlab exposed the extensions and somebody else has hidden them since: what was remembered is history."""
    done = {
        entry.step.action
        for entry in entries
        if entry.finished or entry.step.action == Action.HIDE_EXTENSIONS
    }
    return not exposed and Action.EXPOSE_EXTENSIONS in done and Action.HIDE_EXTENSIONS not in done


def _before(entries: list[JournalEntry], *, exposed: bool) -> PreviousState:
    before = PreviousState(
        known=any(entry.step.action in ENABLING for entry in entries), state=_open_power(entries)
    )
    if is_outdated(entries, exposed=exposed):
        return before
    for entry in entries:
        action, now = entry.step.action, entry.step.cmdlets[0].act.parameters
        was = (*entry.step.undo, *entry.step.cmdlets)[0].act.parameters
        if action == Action.SET_MEMORY:
            # What was remembered first is what was there before nestlab came; what was set last is
            # what is there now.
            before = replace(
                before,
                memory=before.memory or dict(was),
                memory_set={k: v for k, v in now.items() if k != "VMName"},
            )
        elif action == Action.SET_PROCESSOR_COUNT:
            before = replace(
                before,
                processor_count=before.processor_count or was["Count"],
                processor_count_set=now["Count"],
            )
        elif action == Action.ALLOW_MAC_SPOOFING:
            before = replace(
                before, spoofing_allowed=(*before.spoofing_allowed, *_adapters(entry.step))
            )
    return before


def _adapters(step: Step) -> Iterator[str]:
    """Yield the adapters that a step allowed spoofing on: their Ids; from journals of earlier versions their names."""
    for stage in (stage for cmdlet in step.cmdlets for stage in cmdlet.stages):
        if stage.name == "Where-Object":
            yield str(stage.parameters["Value"])
        elif "VMName" in stage.parameters:
            yield str(stage.parameters["Name"])


def _open_power(entries: list[JournalEntry]) -> str:
    """Return the power state that a run took from the VM and, being interrupted, did not give back; empty where none is owed."""
    owed = ""
    for entry in entries:
        if entry.step.action == Action.RESUME_VM:
            owed = "Paused"
        elif entry.step.action in _STOPS:
            owed = owed or "Running"
        elif entry.finished and entry.step.action == Action.START_VM:
            owed = owed if owed == "Paused" else ""
        elif entry.finished and entry.step.action == Action.SUSPEND_VM:
            owed = ""
    return owed


def record_finished_starts(journal: Journal, state: HostState) -> None:
    """Note the starts that took effect although the run ended in the middle of them: undo has to shut these VMs down."""
    running = (
        {vm.name.casefold() for vm in state.hyper_v.vms if vm.state == "Running"}
        if state.hyper_v
        else set()
    )
    for entry in journal.entries():
        began = entry.step.action == Action.START_VM and not entry.finished and not entry.undone
        if began and entry.step.thing.name.casefold() in running:
            journal.finished(entry.step, "done")
