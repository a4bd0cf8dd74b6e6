"""Findings as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.texts import mark, tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.model import Finding, Findings

_MARKS = {"error": mark("error"), "warning": mark("warning"), "info": mark("note")}


def print_findings(findings: Findings, console: Console) -> None:
    """Print each finding with its location, evidence and fix, and then the counts."""
    print_in_full(findings, console)
    console.line(summary(findings, console))


def headline(finding: Finding, console: Console) -> str:
    """Return the first line of a finding, with its severity in color."""
    return finding.headline(console.styled(translate(_MARKS[finding.severity]), finding.severity))


def print_in_full(findings: Iterable[Finding], console: Console) -> None:
    """Print each finding with its location, evidence and fix."""
    for finding in findings:
        console.line(headline(finding, console))
        fix = (
            tr("fix, on {machine}", machine=finding.runs_on)
            if finding.runs_on and not finding.fix
            else tr("fix")
        )
        lines = [
            (tr("evidence"), finding.evidence),
            (tr("requirement"), finding.requirement),
            (fix, finding.hint),
        ]
        lines += [
            (tr("on {machine}", machine=finding.runs_on), str(cmdlet)) for cmdlet in finding.fix
        ]
        for label, text in (*lines, (tr("source"), finding.source)):
            if text:
                console.line(console.styled(f"    {label}: ", "faint") + text)


def summary(findings: Findings, console: Console) -> str:
    """Return the counts as one line."""
    counts = findings.counts()
    if not len(findings):
        return console.styled(tr("No findings."), "good")
    texts = {
        "error": tr_count("{count} error", "{count} errors", counts["error"]),
        "warning": tr_count("{count} warning", "{count} warnings", counts["warning"]),
        "info": tr_count("{count} note", "{count} notes", counts["info"]),
    }
    words = [text for severity, text in texts.items() if counts[severity]]
    return console.styled(
        ", ".join(words), "error" if counts["error"] else "warning" if counts["warning"] else "info"
    )
