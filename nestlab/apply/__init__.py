"""Applying plans: steps run in order on each machine and side by side on several, with a journal that remembers how each is undone."""

from nestlab.apply.context import Run
from nestlab.apply.journal import Journal, JournalEntry
from nestlab.apply.plan_run import run_plan
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import OnEvent, StepResult
from nestlab.apply.undo_run import undo_journal, undo_steps

__all__ = [
    "Journal",
    "JournalEntry",
    "OnEvent",
    "Run",
    "Sessions",
    "StepResult",
    "run_plan",
    "undo_journal",
    "undo_steps",
]
