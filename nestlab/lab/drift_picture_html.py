"""Differences as HTML: the verdict in one line, the picture with their numbers, and a table."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.drawing import number_text
from nestlab.html import Html, folded, headline, unbroken
from nestlab.lab.drift_picture import DriftFindings
from nestlab.model.finding_html import numbered_table
from nestlab.texts import tr_count

_SHOWN = 12  # differences that are shown without a click
_Row = tuple[Html, int]


def as_html(drift: DriftFindings) -> Html:
    """Return the counts with what to do, then the picture, and what each number in it means."""
    mark = "⚠" if drift.differs else "?" if drift.unanswered else "✓"
    top = headline(mark, f"{drift.summary}.", drift[0].hint if drift else "")
    rows = [
        (unbroken(number_text(n, each.kind)), n - 1) for n, each in enumerate(drift.differences, 1)
    ]
    urgent = [row for row in rows if drift.differences[row[1]].finding.severity != "info"]
    notes = [row for row in rows if row not in urgent]
    parts = [top, drift.svg("page", listed=False), _table(drift, urgent[:_SHOWN])]
    if more := urgent[_SHOWN:]:
        title = tr_count("{count} more finding", "{count} more findings", len(more))
        parts.append(folded(title, _table(drift, more)))
    if notes:
        title = tr_count("{count} note", "{count} notes", len(notes))
        parts.append(folded(title, _table(drift, notes)))
    return Html("".join(parts))


def _table(drift: DriftFindings, rows: Sequence[_Row]) -> Html:
    if not rows:
        return Html("")
    return numbered_table([(number, drift.differences[n].finding) for number, n in rows])
