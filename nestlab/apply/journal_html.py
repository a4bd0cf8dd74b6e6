"""A journal as HTML: how the run went in one line, then its steps."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.apply.journal import Journal
from nestlab.apply.journal_entries import JournalEntry
from nestlab.apply.step_result import StepState
from nestlab.errors import JournalError
from nestlab.html import Html, code, escape, folded, headline, prose, table, unbroken
from nestlab.model import path_text
from nestlab.texts import mark, tr, tr_count, translate

_SHOWN = 20  # steps that are shown without a click
_STATES = {
    StepState.RUNNING: mark("interrupted"),
    StepState.DONE: mark("done"),
    StepState.UNCHANGED: mark("unchanged"),
    StepState.SKIPPED: mark("skipped"),
    StepState.FAILED: mark("failed"),
    StepState.UNDOING: mark("interrupted while it was undone"),
    StepState.UNDONE: mark("undone"),
}
_OPEN = frozenset({StepState.RUNNING, StepState.FAILED, StepState.UNDOING})


def as_html(journal: Journal) -> Html:
    """Return how many steps are done, and the steps with the state of each."""
    try:
        header, entries = journal.header(), journal.entries()
    except JournalError as error:
        return headline("✗", error.message, Html(f"→ {prose(error.hint)}") if error.hint else "")
    counts = {state: sum(each.state is state for each in entries) for state in _STATES}
    said = ", ".join(f"{translate(_STATES[state])}: {n}" for state, n in counts.items() if n)
    steps = tr_count("{count} step", "{count} steps", len(entries))
    top = headline(
        "✗" if any(each.state in _OPEN for each in entries) else "✓",
        tr("{subject} on {host}: {steps}.", subject=header.subject, host=header.host, steps=steps),
        said,
        Html(code(journal.path)),
    )
    shown, more = _table(entries[:_SHOWN]), entries[_SHOWN:]
    if more:
        title = tr_count("{count} more step", "{count} more steps", len(more))
        shown = Html(f"{shown}{folded(title, _table(more))}")
    return Html(f"{top}{shown if entries else ''}")


def _table(entries: Sequence[JournalEntry]) -> Html:
    rows = [
        (
            translate(_STATES[each.state]),
            Html(f"<b>{escape(each.step.title)}</b>"),
            path_text(each.step.machine),
            unbroken(f"{each.time:%Y-%m-%d %H:%M:%S} UTC" if each.time else ""),
        )
        for each in entries
    ]
    return table((tr("state"), tr("step"), tr("machine"), tr("started")), rows)
