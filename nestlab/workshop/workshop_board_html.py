"""The trainer's board as HTML: the verdict, then seats and stages as a table."""

from __future__ import annotations

from nestlab.html import Html, escape, headline, unbroken, without_math
from nestlab.texts import tr
from nestlab.workshop.board_text import board_table, clock
from nestlab.workshop.seat_board import SeatBoard
from nestlab.workshop.workshop_board import WorkshopBoard

_LEFT = ' style="text-align:left;vertical-align:top"'
_NAME, _PHRASE = 16, 9  # characters; what is longer may break, so that a table stays narrow


def as_html(board: WorkshopBoard) -> Html:
    """Return a board as HTML: the verdict first."""
    shown = "✗" if board.stuck else "✓" if len(board.finished) == len(board.taken) else ""
    at = tr("As of {time}.", time=clock(board.time))
    return without_math(headline(shown, board.verdict, at), table_html(board))


def table_html(board: WorkshopBoard) -> Html:
    """Return the table of a board: a row for each seat, a column for each stage."""
    headers, texts = board_table(board)
    head = "".join(f'<th scope="col"{_LEFT}>{phrases(header)}</th>' for header in headers)
    rows = "".join(map(_row, board.seats, texts))
    caption = tr("Seats and stages of {name}", name=board.workshop.name)
    return Html(
        f'<table class="board"><caption style="text-align:left">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(seat: SeatBoard, texts: tuple[str, ...]) -> str:
    name, place, *states = map(phrases, texts)
    cells = "".join(
        f'<td class="{stage.state}"{_LEFT}>{state}</td>'
        for stage, state in zip(seat.stages, states, strict=True)
    )
    return f'<tr><th scope="row"{_LEFT}>{name}</th><td{_LEFT}>{place}</td>{cells}</tr>'


def phrases(text: str) -> Html:
    """Return text whose lines break after commas, and inside long names and phrases only."""
    parts = text.split(", ")
    said = [*(f"{part}," for part in parts[:-1]), parts[-1]]
    return Html(" ".join(unbroken(part) if _is_short(part) else escape(part) for part in said))


def _is_short(part: str) -> bool:
    return len(part) <= (_PHRASE if " " in part else _NAME)
