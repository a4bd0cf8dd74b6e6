"""Findings as HTML for panels: the verdict first, evidence on demand."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.model import Finding, Findings
from nestlab.model.html import Html, code, escape

_MARKS = {
    "error": ("✗", "--jp-error-color0", "#b3261e"),
    "warning": ("⚠", "--jp-warn-color0", "#a15c00"),
    "info": ("✓", "--jp-success-color0", "#1b7f3b"),
}


def findings_html(findings: Findings, *, empty: str = "✓ No findings.") -> Html:
    """Return the findings as a list: mark, subject, message; hint, evidence and source in a fold."""
    if not findings:
        return Html(f"<p>{escape(empty)}</p>")
    return Html("<ul style='list-style:none;margin:0;padding:0'>" + "".join(_item(finding) for finding in findings) + "</ul>")


def _item(finding: Finding) -> str:
    mark, variable, colour = _MARKS[finding.severity]
    details = _details(finding)
    fold = (
        f"<details style='margin:0 0 0 1.5em'><summary style='cursor:pointer;opacity:.75;width:fit-content'>evidence</summary>{details}</details>"
        if details
        else ""
    )
    hint = f"<div style='margin-left:1.5em'>{escape(finding.hint)}</div>" if finding.hint else ""
    return (
        "<li style='padding:.25em 0;line-height:1.5'>"
        f"<span role='img' aria-label='{finding.severity}' style='color:var({variable},{colour});display:inline-block;width:1.5em'>{mark}</span>"
        f"<b>{escape(finding.subject)}</b>: {escape(finding.message)}{hint}{fold}</li>"
    )


def _details(finding: Finding) -> str:
    lines: Iterable[tuple[str, object]] = (
        ("read", finding.evidence),
        ("rule", code(finding.code)),
        ("source", _link(finding.source)),
        ("at", finding.location),
    )
    return "".join(f"<div style='margin-left:1em'>{name}: {escape(value)}</div>" for name, value in lines if value)


def _link(source: str) -> str | Html:
    if source.startswith("https://"):
        return Html(f"<a href='{escape(source)}' target='_blank' rel='noopener'>{escape(source)}</a>")
    return source
