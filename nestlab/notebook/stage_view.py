"""Stages, reports of their checks, and hints as HTML."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from nestlab.html import Html, escape, preformatted, prose, table
from nestlab.texts import tr
from nestlab.workshop import Seat, SeatBoard, StageHint, StageReport, WorkshopStage
from nestlab.workshop.board_text import place_text, seat_table
from nestlab.workshop.seat_files import BEFORE, SEAT, has_newer_topology
from nestlab.workshop.workshop_board_html import phrases


def stages_html(stages: Sequence[WorkshopStage], done: Collection[str]) -> Html:
    """Return the table of the stages, with a mark at those that are done."""
    rows = [
        (number, each.name, "✓" if each.name in done else "")
        for number, each in enumerate(stages, 1)
    ]
    return Html(table(("", tr("stage"), tr("done")), rows))


def report_html(report: StageReport) -> Html:
    """Return the checks of a stage, and how the seat differs from it."""
    lines = [*map(str, report.checks), *report.differences]
    return Html(f"<ul style='list-style:none;padding:0'>{''.join(map(_item, lines))}</ul>")


def seat_html(seat: SeatBoard) -> Html:
    """Return where a seat is, and its stages as the trainer sees them."""
    headers, texts = seat_table(seat)
    rows = [(stage, phrases(state)) for stage, state in texts]
    place = f"<p><b>{escape(seat.seat)}</b>: {escape(place_text(seat))}</p>"
    return Html(f"{place}{table(headers, rows)}")


def newer_topology_html(seat: Seat) -> Html:
    """Return what to do where the class has a newer topology than the one that a learner changed.

    Empty where that is not so, or the workshop does not come from the folder of a seat.
    """
    origin, own = seat.workshop.origin, f"{seat.name}.yml"
    if origin is None or not has_newer_topology(Path(origin.path).parent, own):
        return Html("")
    text = tr(
        "The trainer changed the topology of your seat: the newer one is {newer}. {own} stays as you changed it. To take the newer one, rename {own}, and give its name to a copy of {newer}. {before} is the one that you began with.",
        newer=SEAT,
        own=own,
        before=BEFORE,
    )
    return Html(f"<p>{prose(text)}</p>")


def _item(line: str) -> str:
    return f"<li>{prose(line)}</li>"


def hints_html(hints: Sequence[StageHint]) -> Html:
    """Return the levels of help that were asked for, one below the other."""
    return Html("".join(part for hint in hints for part in _hint(hint)))


def _hint(hint: StageHint) -> Iterator[str]:
    yield f"<p style='margin:.4em 0 .2em'><b>{escape(hint.caption)}</b>"
    yield f" <span style='opacity:.8'>({hint.level}/{hint.levels})</span></p>"
    if hint.text:
        yield f"<p style='margin:0'>{prose(hint.text)}</p>"
    for each in hint.cmdlets:
        on = tr("{title}, on {machine}:", title=each.title, machine=each.machine)
        yield f"<p style='margin:.3em 0 0'>{escape(on)}</p>"
        yield preformatted("\n".join(each.lines))
