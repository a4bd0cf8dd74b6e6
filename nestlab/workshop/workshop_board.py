"""The trainer's board: how far each seat is, and which is stuck since when, from their files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.texts import tr, tr_count
from nestlab.visible import visible
from nestlab.workshop.seat_board import SeatBoard, seat_board
from nestlab.workshop.stage_progress import StageProgress
from nestlab.workshop.stage_times import StageTimes, times_of
from nestlab.workshop.workshop_values import Workshop

STUCK_MINUTES = 15.0
"""After this time at a stage that is not done, a seat counts as stuck, by default."""
STUCK_CHECKS = 5
"""After so many checks of a stage that did not pass, a seat counts as stuck at once."""
_MOST_NAMED = 4


@dataclass(frozen=True)
class WorkshopBoard:
    """Seats and stages of a workshop at a time, as their files of progress have them.

    No host is asked: what was done without a check since is not known. `stuck` are the seats that
    need the trainer, the longest first.
    """

    workshop: Workshop
    time: datetime
    stuck_minutes: float
    seats: tuple[SeatBoard, ...]

    @cached_property
    def stuck(self) -> tuple[SeatBoard, ...]:
        """The seats that are stuck, the longest first."""
        found = [seat for seat in self.seats if seat.is_stuck]
        return tuple(sorted(found, key=lambda seat: seat.since or self.time))

    @property
    def finished(self) -> tuple[SeatBoard, ...]:
        """The seats where all stages are done."""
        return tuple(seat for seat in self.seats if seat.is_finished)

    @property
    def taken(self) -> tuple[SeatBoard, ...]:
        """The seats of learners: all but spares at which nothing has begun."""
        return tuple(seat for seat in self.seats if seat.has_begun or not seat.is_spare)

    @property
    def times(self) -> StageTimes:
        """How long each stage took at each seat."""
        return times_of(self.workshop, self.seats)

    @property
    def verdict(self) -> str:
        """Who is stuck, or how many are done, in a sentence or two."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        begun = [seat for seat in self.seats if seat.has_begun]
        broken = [seat.seat for seat in self.seats if not seat.is_readable]
        if self.stuck:
            yield tr_count(
                "{count} of {seats} seats is stuck: {names}.",
                "{count} of {seats} seats are stuck: {names}.",
                len(self.stuck),
                seats=len(self.taken),
                names=self._named(),
            )
        elif not begun:
            yield tr("No seat has begun.")
        else:
            yield tr_count(
                "No seat is stuck; {done} of {count} seat has done all stages.",
                "No seat is stuck; {done} of {count} seats have done all stages.",
                len(self.taken),
                done=len(self.finished),
            )
        if broken:
            yield tr("The progress of {names} cannot be read.", names=", ".join(broken))

    def _named(self) -> str:
        named = [
            tr_count(
                "{seat} at {stage} for {count} minute",
                "{seat} at {stage} for {count} minutes",
                seat.minutes or 0,
                seat=seat.seat,
                stage=seat.current,
            )
            for seat in self.stuck[:_MOST_NAMED]
        ]
        left = len(self.stuck) - len(named)
        return "; ".join([*named, *([tr("and {count} more", count=left)] if left else [])])

    def seat(self, name: str) -> SeatBoard:
        """Return the seat with a name, in any case; raises KeyError if there is none."""
        for seat in self.seats:
            if seat.seat.casefold() == name.casefold():
                return seat
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; times in UTC, durations in seconds."""
        return {
            "workshop": self.workshop.name,
            "time": self.time.isoformat(timespec="seconds"),
            "verdict": self.verdict,
            "stuck_minutes": self.stuck_minutes,
            "stages": [stage.name for stage in self.workshop.stages],
            "seats": [seat.to_dict() for seat in self.seats],
            "stuck": [seat.seat for seat in self.stuck],
            "finished": [seat.seat for seat in self.finished],
            "median_seconds": self.times.medians,
        }

    def __repr__(self) -> str:
        return visible(f"<WorkshopBoard {self.workshop.name}: {self.verdict}>")

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def board(
    workshop: Workshop,
    *,
    progress: str | Path | None = None,
    stuck_minutes: float = STUCK_MINUTES,
    time: datetime | None = None,
) -> WorkshopBoard:
    """Return the board of a workshop from the files in a folder, by default `progress_folder`.

    The file of a seat may also be in the folder of its name there. `time` is now by default.
    """
    folder = None if progress is None else Path(progress)
    now = datetime.now(UTC) if time is None else time
    limit = timedelta(minutes=stuck_minutes)
    seats = (
        seat_board(seat, StageProgress.in_folder(seat, folder), now, limit, STUCK_CHECKS)
        for seat in workshop.all_seats
    )
    return WorkshopBoard(workshop, now, stuck_minutes, tuple(seats))
