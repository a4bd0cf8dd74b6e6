"""The trainer's board as HTML: the verdict, then seats and stages as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from nestlab.html import Html, escape, headline, unbroken, without_math
from nestlab.texts import mark, tr, tr_count, translate
from nestlab.workshop.seat_board import SeatBoard, SeatStage, StageState
from nestlab.workshop.workshop_board import WorkshopBoard

_LEFT = ' style="text-align:left;vertical-align:top"'
_WORDS = {
    StageState.DONE: mark("done"),
    StageState.OPEN: mark("at it"),
    StageState.STUCK: mark("stuck"),
    StageState.UNTOUCHED: "",
}
_SHORT = 120
_WHOLE = 16  # characters; a longer name or phrase may break, so that a table stays narrow
_MARKS = {
    StageState.DONE: "✓",
    StageState.OPEN: "●",
    StageState.STUCK: "✗",
    StageState.UNTOUCHED: "",
}


def as_html(board: WorkshopBoard) -> Html:
    """Return a board as HTML: the verdict first."""
    shown = "✗" if board.stuck else "✓" if len(board.finished) == len(board.taken) else ""
    at = tr("As of {time}.", time=clock(board.time))
    return without_math(headline(shown, board.verdict, at), table_html(board))


def clock(time: datetime) -> str:
    """Return a time of the day, on the clock of this computer."""
    return time.astimezone().strftime("%H:%M:%S")


def table_html(board: WorkshopBoard) -> Html:
    """Return the table of a board: a row for each seat, a column for each stage."""
    headers = (tr("seat"), tr("at stage"), *(stage.name for stage in board.workshop.stages))
    head = "".join(f'<th scope="col"{_LEFT}>{phrases(header)}</th>' for header in headers)
    rows = "".join(map(_row, board.seats))
    caption = tr("Seats and stages of {name}", name=board.workshop.name)
    return Html(
        f'<table class="board"><caption style="text-align:left">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(seat: SeatBoard) -> str:
    cells = "".join(
        f'<td class="{stage.state}"{_LEFT}>{phrases(cell_text(stage))}</td>'
        for stage in seat.stages
    )
    name = f'<th scope="row"{_LEFT}>{phrases(seat.seat)}</th>'
    return f"<tr>{name}<td{_LEFT}>{phrases(place_text(seat))}</td>{cells}</tr>"


def phrases(text: str) -> Html:
    """Return text whose lines break after commas, and inside long phrases only."""
    parts = text.split(", ")
    said = [*(f"{part}," for part in parts[:-1]), parts[-1]]
    return Html(" ".join(unbroken(part) if len(part) <= _WHOLE else escape(part) for part in said))


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
