"""The results of checks as HTML: the verdict in one line, what did not pass, then the rest."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.html import Html, folded, headline, table, unbroken
from nestlab.lab.verify_report import METHODS, STATUSES, CheckResult, VerifyReport, expected_status
from nestlab.texts import tr, tr_count, translate

_SHOWN = 12  # passed checks that are shown without a click


def as_html(report: VerifyReport | CheckResult) -> Html:
    """Return the number of passed checks, and tables of all.

    Of one result, the result and its evidence.
    """
    if isinstance(report, CheckResult):
        return Html(f"{headline('', str(report))}{_table([report])}")
    if not report.results:
        return headline("", tr("The topology has no checks."))
    left = [result for result in report if not result.passed]
    mark = "✓" if report.ok else "?" if report.is_unknown else "✗"
    parts = [headline(mark, f"{report.summary}.")]
    parts += [_table(left)] if left else []
    passed = [result for result in report if result.passed]
    if passed:
        rows, title = _table(passed), tr_count("{count} passed", "{count} passed", len(passed))
        parts.append(folded(title, rows) if left or len(passed) > _SHOWN else rows)
    return Html("".join(parts))


def _table(results: Sequence[CheckResult]) -> Html:
    rows = [
        (
            result.mark,
            unbroken(f"{result.check.source} → {result.check.target}"),
            unbroken(translate(STATUSES[expected_status(result.check)])),
            _status(result),
            result.explanation,
        )
        for result in results
    ]
    names = (tr("result"), tr("check"), tr("expected"), tr("status"), tr("explanation"))
    return table(names, rows)


def _status(result: CheckResult) -> Html:
    status = unbroken(translate(STATUSES[result.status]))
    return Html(f"{status} {unbroken(f'({translate(METHODS[result.method])})')}")
