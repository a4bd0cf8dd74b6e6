"""What happens in a run of a workshop, as values: seats that begin, their steps, seats that end."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from nestlab.apply import Event
from nestlab.dataclass import dataclass
from nestlab.texts import mark, translate
from nestlab.visible import visible


class SeatStatus(StrEnum):
    """How the run of a seat ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_WORDS = {
    SeatStatus.DONE: mark("done"),
    SeatStatus.FAILED: mark("failed"),
    SeatStatus.CANCELLED: mark("cancelled"),
}


@dataclass(frozen=True, kw_only=True)
class SeatResult:
    """How a seat ended on a host: `steps` were done; `message` and `hint` are of what failed.

    `host` is empty for a seat that no host has room for.
    """

    seat: str
    host: str
    status: SeatStatus
    steps: int = 0
    seconds: float = 0.0
    message: str = ""
    hint: str = ""

    @property
    def ok(self) -> bool:
        """Whether the seat is as it was asked for."""
        return self.status is SeatStatus.DONE

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "event": "seat-finished",
            "seat": self.seat,
            "host": self.host,
            "status": str(self.status),
            "steps": self.steps,
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        place = f"{self.seat} ({self.host})" if self.host else self.seat
        return visible(f"{place}: {self.message or translate(_WORDS[self.status])}")


@dataclass(frozen=True)
class SeatStarted:
    """The run of a seat on a host begins."""

    seat: str
    host: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"event": "seat-started", "seat": self.seat, "host": self.host}


@dataclass(frozen=True)
class SeatEvent:
    """An event of the run of a seat."""

    seat: str
    host: str
    event: Event

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data: that of the event, with the seat and its host."""
        return {"seat": self.seat, "host": self.host, **self.event.to_dict()}


OnSeatEvent = Callable[[SeatStarted | SeatEvent], None]
"""Receives the events of all seats, one at a time, in the threads of the hosts."""


def ignore_seat_event(_event: SeatStarted | SeatEvent) -> None:
    """Ignore an event."""
