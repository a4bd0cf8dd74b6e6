"""How long the stages of a workshop took, as HTML."""

from __future__ import annotations

from nestlab.html import Html, table, without_math
from nestlab.workshop.board_text import times_table
from nestlab.workshop.stage_times import StageTimes


def as_html(times: StageTimes) -> Html:
    """Return the time of each stage at each seat, and the medians."""
    return without_math(table(*times_table(times)))
