"""Removals that undo cannot restore: their reasons say so before they run."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.plan.step import Planned, Step
from nestlab.texts import mark, translate

NOT_RESTORED = mark("undo cannot restore it")
"""What the reason of a step says that removes something for good, in a plan that has an undo."""


def with_undo_limit(item: Planned) -> Planned:
    """Return a removal that says where undo cannot restore what it removes."""
    if not isinstance(item, Step) or item.undo:
        return item
    return replace(item, why=f"{item.why}; {translate(NOT_RESTORED)}")
