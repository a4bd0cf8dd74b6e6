"""Findings for panels: a host's report as a widget, and any findings as plain HTML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets

from nestlab.enumerations import beginning
from nestlab.html import Html, code, escape, prose
from nestlab.model import Finding, Findings
from nestlab.model.finding_html import finding_details
from nestlab.model.finding_subject import subject_text
from nestlab.model.state import HostState
from nestlab.notebook.javascript import joined
from nestlab.notebook.page_texts import REPORT, TranslatedWidget
from nestlab.rules.host_report import host_report
from nestlab.texts import mark, tr, translate

_SEVERITIES = {"error": mark("error"), "warning": mark("warning"), "info": mark("info")}
_STATIC = Path(__file__).parent / "static"
_MARKS = {
    "error": ("✗", "--jp-error-color0", "#b3261e"),
    "warning": ("⚠", "--jp-warn-color0", "#a15c00"),
    "note": ("ℹ", "--jp-brand-color0", "#1565c0"),
    "info": ("✓", "--jp-success-color0", "#1b7f3b"),
}


class ReportView(TranslatedWidget):
    """The reports of hosts, side by side: verdict, groups, evidence, a button to copy the fix."""

    PAGE_TEXTS = REPORT
    _esm = joined(_STATIC / "report.js")
    _css = _STATIC / "report.css"
    reports: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)

    def show(self, *states: HostState) -> None:
        """Show the reports of these hosts."""
        self.reports = [_report(state) for state in states]


def _report(state: HostState) -> dict[str, Any]:
    computer = state.computer
    system = (
        tr(
            "{windows}, build {build}",
            windows=computer.caption.removeprefix("Microsoft "),
            build=computer.build,
        )
        if computer.build
        else tr("Windows not known")
    )
    report = host_report(state).to_dict()
    for finding in (finding for group in report["groups"] for finding in group["findings"]):
        if finding["subject"] == "host":  # it is not shown
            finding["message"] = beginning(finding["message"])
        finding["subject"] = subject_text(finding["subject"])
    return {**report, "name": computer.name, "system": system}


def findings_html(findings: Findings, *, empty: str = "") -> Html:
    """Return the findings as a list: mark, subject, message, fix, and collapsed evidence."""
    if not findings:
        return Html(f"<p>{escape(empty or tr('✓ No findings.'))}</p>")
    return Html(
        "<ul style='list-style:none;margin:0;padding:0'>"
        + "".join(_item(finding) for finding in findings)
        + "</ul>"
    )


def _item(finding: Finding) -> str:
    is_note = finding.severity == "info" and bool(
        finding.hint or finding.fix or finding.code.endswith("-not-ready")
    )
    sign, variable, colour = _MARKS["note" if is_note else finding.severity]
    details = _details(finding)
    fold = (
        f"<details><summary style='cursor:pointer;opacity:.85;width:fit-content'>{tr('evidence')}</summary>{details}</details>"
        if details
        else ""
    )
    hint = f"<div>{prose(finding.hint)}</div>" if finding.hint else ""
    hint = f"{_place(finding)}{hint}"
    fix = "".join(
        f"<div>{tr('on {machine}', machine=escape(finding.runs_on))}: {code(cmdlet)}</div>"
        for cmdlet in finding.fix
    )
    return (
        "<li style='padding:.25em 0 .25em 1.5em;line-height:1.5'>"
        f"<span role='img' aria-label='{translate(_SEVERITIES[finding.severity])}' style='color:var({variable},{colour});display:inline-block;width:1.5em;margin-left:-1.5em'>{sign}</span>"
        f"<b>{escape(finding.subject_text)}</b>: {prose(finding.message)}{hint}{fix}{fold}</li>"
    )


def _place(finding: Finding) -> str:
    return f"<div style='opacity:.85'>{escape(finding.location)}</div>" if finding.location else ""


def _details(finding: Finding) -> str:
    return "".join(
        f"<div style='margin-left:1em'>{label}: {escape(value)}</div>"
        for label, value in finding_details(finding)
    )
