"""The results of steps as HTML: each in one line, and below it what the host or nestlab says."""

from __future__ import annotations

from nestlab.apply.step_result import SYMBOLS, StepResult
from nestlab.html import Html, escape, headline, prose, table, unbroken
from nestlab.model import path_text
from nestlab.texts import tr


def as_html(result: StepResult) -> Html:
    """Return one result: how the step ended, and the message with what to do."""
    mark, where = SYMBOLS.get(result.status, ""), path_text(result.step.machine)
    return headline(mark, f"{where}: {result.step.title}", *_lines(result))


def results_table(results: tuple[StepResult, ...]) -> Html:
    """Return results in a table, in their order."""
    rows = [
        (
            SYMBOLS.get(each.status, ""),
            Html("<br>".join([f"<b>{escape(each.step.title)}</b>", *_lines(each)])),
            unbroken(path_text(each.step.machine)),
        )
        for each in results
    ]
    return table((tr("result"), tr("step"), tr("machine")), rows)


def _lines(result: StepResult) -> list[Html]:
    """Return the message, the hint and the warnings, each line of them by itself."""
    texts = (result.message, *(f"→ {hint}" for hint in [result.hint] if hint), *result.warnings)
    return [prose(line) for text in texts for line in text.splitlines() if line.strip()]
