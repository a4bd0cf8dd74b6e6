"""How long the stages of a workshop took, as HTML."""

from __future__ import annotations

from nestlab.html import Html, table, without_math
from nestlab.texts import tr
from nestlab.workshop.stage_times import StageTimes
from nestlab.workshop.workshop_board_html import minutes_text


def as_html(times: StageTimes) -> Html:
    """Return the time of each stage at each seat, and the medians."""
    rows = [
        (seat.seat, *(minutes_text(stage.seconds) for stage in seat.stages)) for seat in times.begun
    ]
    rows.append((tr("median"), *map(minutes_text, times.medians.values())))
    return without_math(table((tr("seat"), *times.medians), rows))
