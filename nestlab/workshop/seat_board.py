"""One row of the trainer's board: the stages of a seat, and where it is stuck."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.workshop.stage_progress import StageProgress
from nestlab.workshop.stage_record import StageRecord
from nestlab.workshop.workshop_values import Seat


class StageState(StrEnum):
    """How far a seat is with a stage."""

    UNTOUCHED = "untouched"
    OPEN = "open"
    STUCK = "stuck"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class SeatStage:
    """A stage at a seat. `began` is when the learner came to it, `seconds` what it took until done.

    A learner comes to a stage when it is opened, its fault is planted or the stage before is done,
    the last of these.
    """

    stage: str
    state: StageState
    record: StageRecord
    began: datetime | None = None
    seconds: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; times in UTC."""
        record = self.record
        return {
            "stage": self.stage,
            "state": str(self.state),
            "began": _text(self.began),
            "done": _text(record.done),
            "seconds": None if self.seconds is None else round(self.seconds),
            "failed_checks": record.failed,
            "hints": record.helped,
            "planted": record.planted is not None,
            "solved_by_nestlab": record.is_solved,
        }


@dataclass(frozen=True, kw_only=True)
class SeatBoard:
    """The stages of a seat. `current` is the one that it is at, `since` when; "" if at none."""

    seat: str
    is_spare: bool
    stages: tuple[SeatStage, ...]
    current: str = ""
    since: datetime | None = None
    minutes: int | None = None
    is_readable: bool = True

    @property
    def has_begun(self) -> bool:
        """Whether a stage was opened."""
        return any(stage.state is not StageState.UNTOUCHED for stage in self.stages)

    @property
    def is_finished(self) -> bool:
        """Whether all stages are done."""
        return bool(self.stages) and all(stage.state is StageState.DONE for stage in self.stages)

    @property
    def is_stuck(self) -> bool:
        """Whether the seat is at its stage for long, or tried it often."""
        return any(stage.state is StageState.STUCK for stage in self.stages)

    @property
    def at(self) -> SeatStage | None:
        """The stage that the seat is at."""
        return next((stage for stage in self.stages if stage.stage == self.current), None)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; times in UTC."""
        return {
            "seat": self.seat,
            "spare": self.is_spare,
            "readable": self.is_readable,
            "current": self.current,
            "since": _text(self.since),
            "minutes": self.minutes,
            "stuck": self.is_stuck,
            "finished": self.is_finished,
            "stages": [stage.to_dict() for stage in self.stages],
        }


def seat_board(
    seat: Seat, progress: StageProgress, now: datetime, limit: timedelta, most_failed: int
) -> SeatBoard:
    """Return the row of a seat; it is stuck after `limit` at a stage or `most_failed` checks."""
    names = [stage.name for stage in seat.workshop.stages]
    records = [progress.record(stage) for stage in seat.workshop.stages]
    stages = tuple(
        _stage(name, record, records, now) for name, record in zip(names, records, strict=True)
    )
    row = SeatBoard(
        seat=seat.name, is_spare=seat.is_spare, stages=stages, is_readable=progress.is_readable
    )
    at = None if progress.has_ended else _current(stages)
    if at is None:
        return row
    times = (time for each in records for time in (each.seen, each.again, each.planted))
    since = at.began or max(filter(None, times), default=now)
    is_stuck = now - since >= limit or at.record.failed >= most_failed
    state = StageState.STUCK if is_stuck else StageState.OPEN
    return replace(
        row,
        stages=tuple(replace(each, state=state) if each is at else each for each in stages),
        current=at.stage,
        since=since,
        minutes=max(0, int((now - since).total_seconds() // 60)),
    )


def _stage(
    name: str, record: StageRecord, records: Sequence[StageRecord], now: datetime
) -> SeatStage:
    state = (
        StageState.DONE
        if record.done
        else StageState.UNTOUCHED
        if record.seen is None
        else StageState.OPEN
    )
    others = [each.passed for each in records if each is not record]
    seconds = None
    if record.opened and record.passed:
        before = (time for time in others if time and time < record.passed)
        first = _latest((record.opened, record.planted, *before), record.passed)
        seconds = (record.passed - first).total_seconds() if first else 0.0
    began = None
    if record.opened and record.seen:
        came = (record.opened, record.planted, record.again, *others)
        began = _latest(came, record.done or now)
    return SeatStage(stage=name, state=state, record=record, began=began, seconds=seconds)


def _latest(times: Iterable[datetime | None], end: datetime) -> datetime | None:
    return max((time for time in times if time is not None and time <= end), default=None)


def _current(stages: Sequence[SeatStage]) -> SeatStage | None:
    """Return the stage that a seat is at: the open one seen last, else the one after the last done.

    None at the start and at the end.
    """
    opened = [stage for stage in stages if stage.state is StageState.OPEN]
    if opened:
        return max(opened, key=_seen)
    done = [number for number, stage in enumerate(stages) if stage.state is StageState.DONE]
    return stages[done[-1] + 1] if done and done[-1] + 1 < len(stages) else None


def _seen(stage: SeatStage) -> float:
    return stage.record.seen.timestamp() if stage.record.seen else 0.0


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")
