"""Findings as HTML: the verdict in one line, then tables, with long lists and evidence folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.html import Html, code, escape, folded, headline, linked, prose, table, unbroken
from nestlab.model.finding import Finding, Findings, is_verdict
from nestlab.texts import tr, tr_count

_SHOWN = 12  # errors and warnings that are shown without a click
_MARKS = {"can-nest": "✓", "cannot-nest": "✗", "nesting-not-known": "?"}


def as_html(findings: Findings, *lines: str, about_host: bool = False) -> Html:
    """Return the verdict with the counts, then the findings.

    `lines` are shown below the verdict; `about_host`: the folded notes are about the host.
    """
    of_host = () if findings.verdict else filter(is_verdict, findings)
    verdict = next(iter(of_host), None)
    rest = Findings((each for each in findings if each is not verdict), findings.verdict)
    top = headline(_mark(findings, verdict), _sentence(rest, verdict), *_next(verdict), *lines)
    return Html(f"{top}{findings_tables(rest, about_host=about_host)}")


def finding_details(finding: Finding) -> Iterator[tuple[str, object]]:
    """Yield labels and texts: what was read, the rule, its source, and how to look it up."""
    lines: tuple[tuple[str, object], ...] = (
        (tr("read"), finding.evidence),
        (tr("rule"), finding.requirement),
        (tr("source"), linked(finding.source)),
        (tr("meaning"), code(f"nestlab.explain({finding.code!r})")),
    )
    yield from ((label, text) for label, text in lines if text)


def _mark(findings: Findings, verdict: Finding | None) -> str:
    if verdict is not None:
        return _MARKS[verdict.code]
    counts = findings.counts()
    return "✗" if counts["error"] else "⚠" if counts["warning"] else "✓"


def _sentence(rest: Findings, verdict: Finding | None) -> str:
    """Return the verdict and the counts, as one line."""
    said = f"{verdict.message}." if verdict is not None else rest.verdict
    if not said:
        return f"{rest.counted}." if rest else tr("No findings.")
    urgent = any(each.severity != "info" for each in rest)
    return f"{said} {rest.counted}." if urgent else said


def _next(verdict: Finding | None) -> Iterator[Html]:
    """Yield what to do about the verdict; what to do about the findings is in their table."""
    if verdict is not None and verdict.hint:
        yield Html(f"→ {prose(verdict.hint)}")


def findings_tables(findings: Findings, *, about_host: bool = False) -> Html:
    """Return the findings in tables: errors and warnings, then folded what is more, and notes."""
    return Html("".join(_tables(findings, about_host=about_host)))


def _tables(rest: Findings, *, about_host: bool) -> Iterator[Html]:
    urgent = [each for each in rest if each.severity != "info" or each.location]
    notes = [each for each in rest if each.severity == "info" and not each.location]
    if urgent:
        yield _table(urgent[:_SHOWN])
    if more := urgent[_SHOWN:]:
        title = tr_count("{count} more finding", "{count} more findings", len(more))
        yield folded(title, _table(more))
    if notes:
        yield folded(_notes_title(len(notes), about_host=about_host), _table(notes))


def _notes_title(count: int, *, about_host: bool) -> str:
    if about_host:
        return tr_count("{count} note about the host", "{count} notes about the host", count)
    return tr_count("{count} note", "{count} notes", count)


def _table(findings: Sequence[Finding]) -> Html:
    marks = {"error": tr("✗ error"), "warning": tr("⚠ warning"), "info": tr("note")}
    rows = [(unbroken(marks[each.severity]), _place(each), _said(each)) for each in findings]
    return table((tr("severity"), tr("subject"), tr("message and hint")), rows)


def numbered_table(rows: Sequence[tuple[object, Finding]]) -> Html:
    """Return a table of findings, each with the number that it has in a picture."""
    shown = [(number, _place(finding), _said(finding)) for number, finding in rows]
    return table((tr("number"), tr("subject"), tr("message and hint")), shown)


def _place(finding: Finding) -> Html:
    """Return the subject, and below it its place in the file."""
    where = f"<br><small>{escape(finding.location)}</small>" if finding.location else ""
    return Html(f"{escape(finding.subject_text)}{where}")


def _said(finding: Finding) -> Html:
    """Return the message, the hint, the cmdlets, and the folded evidence."""
    lines = [prose(finding.message)]
    lines += [Html(f"→ {prose(finding.hint)}")] if finding.hint else []
    machine = tr("on {machine}", machine=escape(finding.runs_on))
    lines += [Html(f"{machine}: {code(cmdlet)}") for cmdlet in finding.fix]
    details = "<br>".join(f"{label}: {escape(text)}" for label, text in finding_details(finding))
    return Html(f"{'<br>'.join(lines)}{folded(tr('evidence'), details)}")
