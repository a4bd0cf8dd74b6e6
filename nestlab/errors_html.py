"""An error as HTML: what happened in one line with what to do, then what it is about."""

from __future__ import annotations

from nestlab.enumerations import all_of
from nestlab.errors import CredentialNotUsable, FileWithProblems, NestlabError, PlanRefused
from nestlab.html import Html, headline, prose, table
from nestlab.model.finding import Findings
from nestlab.model.finding_html import findings_tables
from nestlab.texts import tr, tr_count


def as_html(error: NestlabError) -> Html:
    """Return the error, with its findings or problems in tables."""
    if isinstance(error, PlanRefused | FileWithProblems):
        return _with_findings(error, error.findings)
    if isinstance(error, CredentialNotUsable):
        return _with_credentials(error)
    lines = error.message.splitlines()
    return headline("✗", next(iter(lines), type(error).__name__), *lines[1:], _arrow(error.hint))


def _with_findings(error: PlanRefused | FileWithProblems, findings: Findings) -> Html:
    """Return the number of findings that block it, and the findings."""
    said, *_ = error.message.splitlines()
    top = headline("✗", said if error.hint else f"{said}.", _arrow(error.hint))
    is_said = bool(error.hint) and len(findings) == 1  # the only one is the message
    return Html(f"{top}{'' if is_said else findings_tables(findings)}")


def _with_credentials(error: CredentialNotUsable) -> Html:
    said = tr_count(
        "{count} credential of guests cannot be used.",
        "{count} credentials of guests cannot be used.",
        len(error.problems),
    )
    rows = [
        (
            each.credential,
            all_of(each.machines),
            Html(f"{prose(each.message)}<br>{_arrow(each.fix)}"),
        )
        for each in error.problems
    ]
    names = (tr("credential"), tr("guests"), tr("problem and what to do"))
    return Html(f"{headline('✗', said)}{table(names, rows)}")


def _arrow(hint: str) -> Html | str:
    return Html(f"→ {prose(hint)}") if hint else ""
