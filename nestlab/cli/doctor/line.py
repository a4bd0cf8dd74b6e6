"""A line of ``nestlab doctor``: one thing that was checked."""

from __future__ import annotations

import enum

from nestlab.dataclass import dataclass


class DoctorState(enum.Enum):
    """What a line says: works, works with a limitation, or does not work."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True)
class DoctorLine:
    """What was checked, what was found, and how to fix it where a fix is needed."""

    topic: str
    state: DoctorState
    text: str
    fix: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data."""
        return {
            "topic": self.topic,
            "state": self.state.value,
            "text": self.text,
            "fix": self.fix,
        }
