"""Findings as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nestlab.cli.console import Console

if TYPE_CHECKING:
    from nestlab.model import Finding, Findings

_MARKS = {"error": "error", "warning": "warning", "info": "note"}


def print_findings(findings: Findings, console: Console) -> None:
    """Print each finding with its location, evidence and fix, and then the counts."""
    print_in_full(findings, console)
    console.line(summary(findings, console))


def headline(finding: Finding, console: Console) -> str:
    """Return the first line of a finding, its severity in color."""
    return finding.headline(console.styled(_MARKS[finding.severity], finding.severity))


def print_in_full(findings: Iterable[Finding], console: Console) -> None:
    """Print each finding with its location, evidence and fix."""
    for finding in findings:
        console.line(headline(finding, console))
        fix = f"fix, on {finding.runs_on}" if finding.runs_on and not finding.fix else "fix"
        lines = [
            ("evidence", finding.evidence),
            ("requirement", finding.requirement),
            (fix, finding.hint),
        ]
        lines += [(f"on {finding.runs_on}", str(cmdlet)) for cmdlet in finding.fix]
        for label, text in (*lines, ("source", finding.source)):
            if text:
                console.line(console.styled(f"    {label}: ", "faint") + text)


def summary(findings: Findings, console: Console) -> str:
    """Return the counts as one line."""
    counts = findings.counts()
    if not len(findings):
        return console.styled("No findings.", "good")
    words = [
        f"{count} {name}{'s' if count != 1 else ''}"
        for count, name in (
            (counts["error"], "error"),
            (counts["warning"], "warning"),
            (counts["info"], "note"),
        )
        if count
    ]
    return console.styled(
        ", ".join(words), "error" if counts["error"] else "warning" if counts["warning"] else "info"
    )
