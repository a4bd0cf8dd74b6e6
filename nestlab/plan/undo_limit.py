"""Removals that undo cannot restore: their reasons say so before they run."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.plan.step import Planned, Step
from nestlab.texts import mark, translate

NOT_RESTORED = mark("undo cannot restore it")
"""A clause for steps that remove an object permanently, in a plan that can be undone."""


def with_undo_limit(item: Planned) -> Planned:
    """Return an item; if it is a step without undo, its reason says so."""
    if not isinstance(item, Step) or item.undo:
        return item
    return replace(item, why=f"{item.why}; {translate(NOT_RESTORED)}")
