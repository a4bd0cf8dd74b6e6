"""What is known about a stage at a seat: when it was opened and done, checks, and help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from nestlab.dataclass import dataclass


@dataclass(frozen=True, kw_only=True)
class StageRecord:
    """What happened at a stage of a seat, as its file has it; None is what did not happen.

    `opened` is when the learner first looked at it, `seen` when anything happened last. `done` is
    the time since which it is done, `passed` when it was done first, also if it was removed later,
    and `again` when it was removed or its fault planted last. `failed` counts checks that did not
    pass since then; `hints` are the levels of help since it was done, and `helped` the most of
    them. `is_solved`: nestlab built it instead of the learner.
    """

    opened: datetime | None = None
    seen: datetime | None = None
    done: datetime | None = None
    passed: datetime | None = None
    again: datetime | None = None
    planted: datetime | None = None
    failed: int = 0
    hints: int = 0
    helped: int = 0
    is_solved: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> StageRecord:
        """Return the record of a stage from JSON data; values that cannot be used are left out."""
        times = {name: _time(data.get(name)) for name in _TIMES}
        counts = {name: _count(data.get(name)) for name in _COUNTS}
        return cls(**times, **counts, is_solved=data.get("solved") is True)  # type: ignore[arg-type]  # by name


_TIMES = ("opened", "seen", "done", "passed", "again", "planted")
_COUNTS = ("failed", "hints", "helped")


def _time(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
