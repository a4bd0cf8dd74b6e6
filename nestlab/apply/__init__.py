"""Applying plans: steps in order on each machine, in parallel on several, with a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nestlab.apply.context import ApplyContext, Identify, StepContext, UndoContext
    from nestlab.apply.events import (
        Event,
        HostChanged,
        NotRestored,
        OnEvent,
        Replanned,
        RunFinished,
        RunStatus,
        SettingsNotApplied,
        StepFinished,
        StepProgress,
        StepStarted,
        Waiting,
        WaitKind,
        ignore_event,
    )
    from nestlab.apply.guest_events import (
        AddressesNotUsed,
        GuestLeftOut,
        GuestsNotKnown,
        GuestsNotUp,
    )
    from nestlab.apply.guest_os import exchanged_value, is_windows
    from nestlab.apply.journal import Journal
    from nestlab.apply.journal_entries import JournalEntry
    from nestlab.apply.journal_records import DestroyRecord, Header, WaitRecord
    from nestlab.apply.left_out import require_other_work
    from nestlab.apply.machine_task import FRESH_SECONDS, MachineState
    from nestlab.apply.plan_run import run_plan
    from nestlab.apply.sessions import Sessions
    from nestlab.apply.started_vms import (
        UP_SECONDS,
        StartedVM,
        may_be_in_first_boot,
        starting_vms,
        wait_until_up,
    )
    from nestlab.apply.step_result import StepResult, StepState
    from nestlab.apply.undo_order import irreversible_steps, undo_steps
    from nestlab.apply.undo_run import undo_journal
    from nestlab.apply.wait_durations import WaitDurations

__getattr__ = lazy_exports(
    __name__,
    {
        "FRESH_SECONDS": "machine_task",
        "UP_SECONDS": "started_vms",
        "AddressesNotUsed": "guest_events",
        "ApplyContext": "context",
        "DestroyRecord": "journal_records",
        "Event": "events",
        "GuestLeftOut": "guest_events",
        "GuestsNotKnown": "guest_events",
        "GuestsNotUp": "guest_events",
        "Header": "journal_records",
        "HostChanged": "events",
        "Identify": "context",
        "Journal": "journal",
        "JournalEntry": "journal_entries",
        "MachineState": "machine_task",
        "NotRestored": "events",
        "OnEvent": "events",
        "Replanned": "events",
        "RunFinished": "events",
        "RunStatus": "events",
        "Sessions": "sessions",
        "SettingsNotApplied": "events",
        "StartedVM": "started_vms",
        "StepContext": "context",
        "StepFinished": "events",
        "StepProgress": "events",
        "StepResult": "step_result",
        "StepStarted": "events",
        "StepState": "step_result",
        "UndoContext": "context",
        "WaitDurations": "wait_durations",
        "WaitKind": "events",
        "WaitRecord": "journal_records",
        "Waiting": "events",
        "exchanged_value": "guest_os",
        "ignore_event": "events",
        "irreversible_steps": "undo_order",
        "is_windows": "guest_os",
        "may_be_in_first_boot": "started_vms",
        "require_other_work": "left_out",
        "run_plan": "plan_run",
        "starting_vms": "started_vms",
        "undo_journal": "undo_run",
        "undo_steps": "undo_order",
        "wait_until_up": "started_vms",
    },
)
"""A plan imports nothing that applies it."""

__all__ = [
    "FRESH_SECONDS",
    "UP_SECONDS",
    "AddressesNotUsed",
    "ApplyContext",
    "DestroyRecord",
    "Event",
    "GuestLeftOut",
    "GuestsNotKnown",
    "GuestsNotUp",
    "Header",
    "HostChanged",
    "Identify",
    "Journal",
    "JournalEntry",
    "MachineState",
    "NotRestored",
    "OnEvent",
    "Replanned",
    "RunFinished",
    "RunStatus",
    "Sessions",
    "SettingsNotApplied",
    "StartedVM",
    "StepContext",
    "StepFinished",
    "StepProgress",
    "StepResult",
    "StepStarted",
    "StepState",
    "UndoContext",
    "WaitDurations",
    "WaitKind",
    "WaitRecord",
    "Waiting",
    "exchanged_value",
    "ignore_event",
    "irreversible_steps",
    "is_windows",
    "may_be_in_first_boot",
    "require_other_work",
    "run_plan",
    "starting_vms",
    "undo_journal",
    "undo_steps",
    "wait_until_up",
]
