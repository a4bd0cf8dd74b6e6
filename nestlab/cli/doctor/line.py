"""A line of ``nestlab doctor``: one thing that was looked at."""

from __future__ import annotations

import enum

from nestlab.dataclass import dataclass


class DoctorState(enum.Enum):
    """What a line says: works; works, and there is something to know; does not work."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True)
class DoctorLine:
    """What was looked at, what was found, and where something is to be done, what."""

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
