"""The trainer's board and its times as words: of a cell, of a row, and whole tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nestlab.texts import mark, tr, tr_count, translate
from nestlab.workshop.seat_board import SeatBoard, SeatStage, StageState
from nestlab.workshop.stage_times import StageTimes
from nestlab.workshop.workshop_board import WorkshopBoard

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
"""The headers of a table, and its rows."""
_WORDS = {
    StageState.DONE: mark("done"),
    StageState.OPEN: mark("at it"),
    StageState.STUCK: mark("stuck"),
    StageState.UNTOUCHED: "",
}
_SHORT = 120
_MARKS = {
    StageState.DONE: "✓",
    StageState.OPEN: "●",
    StageState.STUCK: "✗",
    StageState.UNTOUCHED: "",
}


def board_table(board: WorkshopBoard) -> Table:
    """Return a row for each seat, with where it is and the state of each stage."""
    headers = (tr("seat"), tr("at stage"), *(stage.name for stage in board.workshop.stages))
    rows = [(seat.seat, place_text(seat), *map(cell_text, seat.stages)) for seat in board.seats]
    return headers, rows


def seat_table(seat: SeatBoard) -> Table:
    """Return a row for each stage of a seat, with its state."""
    rows: list[tuple[str, ...]] = [(each.stage, cell_text(each) or "-") for each in seat.stages]
    return (tr("stage"), tr("state")), rows


def times_table(times: StageTimes) -> Table:
    """Return a row for each seat that began, with the time of each stage, and the medians."""
    rows = [
        (seat.seat, *(minutes_text(stage.seconds) for stage in seat.stages)) for seat in times.begun
    ]
    rows.append((tr("median"), *map(minutes_text, times.medians.values())))
    return (tr("seat"), *times.medians), rows


def clock(time: datetime) -> str:
    """Return a time of the day, on the clock of this computer."""
    return time.astimezone().strftime("%H:%M:%S")


def place_text(seat: SeatBoard) -> str:
    """Return where a seat is: its stage and since when, or what there is to say instead."""
    if not seat.is_readable:
        return tr("not known: its file cannot be read")
    if seat.is_finished:
        return tr("all done")
    if not seat.current or seat.since is None:
        return tr("not begun") if not seat.has_begun else tr("between stages")
    return tr_count(
        "{stage}, {count} minute (since {time})",
        "{stage}, {count} minutes (since {time})",
        seat.minutes or 0,
        stage=seat.current,
        time=clock(seat.since)[:5],
    )


def cell_text(stage: SeatStage) -> str:
    """Return the state of a stage in a few words: a mark, a word, tries, hints and the time."""
    word = translate(_WORDS[stage.state]) if _WORDS[stage.state] else ""
    first = f"{_MARKS[stage.state]} {word}".strip()
    return ", ".join([first, *_details(stage)]) if first else ""


def minutes_text(seconds: float | None) -> str:
    """Return a duration in minutes, in seconds below two minutes, or "-" where there is none."""
    if seconds is None:
        return "-"
    if seconds < _SHORT:
        return tr("{seconds:.0f} s", seconds=seconds)
    return tr("{minutes:.0f} min", minutes=seconds / 60)


def _details(stage: SeatStage) -> Iterator[str]:
    record = stage.record
    if stage.seconds is not None and stage.state is StageState.DONE:
        yield minutes_text(stage.seconds)
    if record.failed:
        yield tr_count("{count} try", "{count} tries", record.failed)
    if record.helped:
        yield tr_count("{count} hint", "{count} hints", record.helped)
    if record.is_solved:
        yield tr("solved by nestlab")
