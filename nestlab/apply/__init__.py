"""Applying plans: steps run one by one, with a journal that remembers how each is undone."""

from nestlab.apply.journal import Entry, Journal
from nestlab.apply.results import OnEvent, StepResult
from nestlab.apply.running import Run, run_plan
from nestlab.apply.sessions import Sessions
from nestlab.apply.undoing import undo_journal, undo_steps

__all__ = ["Entry", "Journal", "OnEvent", "Run", "Sessions", "StepResult", "run_plan", "undo_journal", "undo_steps"]
