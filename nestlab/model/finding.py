"""Findings: the results of rules, with evidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Literal

from nestlab.dataclass import dataclass, field
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding_subject import subject_text
from nestlab.model.origin import KeyPath
from nestlab.texts import tr, tr_count
from nestlab.visible import visible

Severity = Literal["error", "warning", "info"]
_ORDER = {"error": 0, "warning": 1, "info": 2}
_VERDICTS = (
    "can-nest",
    "cannot-nest",
    "nesting-not-known",
)  # listed first: whether the host can nest, before the reasons


class PlanOption(StrEnum):
    """An option of `Lab.plan` that lets a refused plan do what it is refused for."""

    PRUNE = "prune"
    RECREATE = "recreate"


def severity_word(severity: Severity) -> str:
    """Return the word for a severity in the line of a finding."""
    words = {"error": tr("error"), "warning": tr("warning"), "info": tr("info")}
    return words[severity]


@dataclass(frozen=True)
class Finding:
    """One result of a rule: its code, severity, subject, message and hint.

    ``subject`` is what it is about (``HV1``, ``HV1/web1``, ``switch LabNet``), ``location`` the
    place in the topology file (``file:line:column``), if there is one, and ``keys`` the same place
    as keys and indices. ``evidence`` is what was read, and where. ``requirement`` is what the rule
    asks for, ``source`` the page that states it. ``fix`` has the cmdlets that fix it; ``runs_on``
    is the machine to run these, or those in the hint, on. `plan_option` is the option of the plan
    that resolves it, if one does.
    """

    code: str
    severity: Severity
    subject: str
    message: str
    hint: str = ""
    evidence: str = ""
    source: str = ""
    location: str = ""
    requirement: str = ""
    runs_on: str = ""
    fix: tuple[Cmdlet, ...] = ()
    keys: KeyPath | None = field(default=None, repr=False, compare=False)
    plan_option: PlanOption | None = field(default=None, repr=False, compare=False)

    def __str__(self) -> str:
        hint = f"\n    {tr('fix:')} {self.hint}" if self.hint else ""
        return visible(f"{self.headline(severity_word(self.severity))}{hint}")

    def _repr_html_(self) -> str:
        return Findings((self,))._repr_html_()

    @property
    def subject_text(self) -> str:
        """The subject in the chosen language."""
        return subject_text(self.subject)

    def headline(self, severity: str) -> str:
        """Return place, severity, subject, message and code as one line.

        `severity` is the word for the severity, which may be styled.
        """
        where = f"{self.location}: " if self.location else ""
        subject = "" if self.subject == self.location else f"{self.subject_text}: "
        return f"{where}{severity}: {subject}{self.message} [{self.code}]"

    @property
    def text_with_fix(self) -> str:
        """The finding as text, with the cmdlets that fix it and the machine to run them on."""
        fix = (
            tr("    on {machine}: {cmdlet}", machine=self.runs_on, cmdlet=cmdlet)
            for cmdlet in self.fix
        )
        return "\n".join((str(self), *fix))

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain JSON data, the cmdlets of the fix as PowerShell text."""
        names = (
            "code",
            "severity",
            "subject",
            "message",
            "hint",
            "evidence",
            "source",
            "location",
            "requirement",
            "runs_on",
        )
        return {
            **{name: getattr(self, name) for name in names},
            "fix": [str(cmdlet) for cmdlet in self.fix],
        }


def _rank(finding: Finding) -> int:
    """Return the position of a finding among others: verdicts are first, then errors."""
    return _ORDER[finding.severity] - (len(_ORDER) if finding.code in _VERDICTS else 0)


class Findings:
    """Findings ordered by severity, the verdict about a host first.

    `ok` is true if none is an error. `verdict` is a sentence that says what they mean together;
    empty where only their number is known.
    """

    def __init__(self, findings: Iterable[Finding] = (), verdict: str = "") -> None:
        self.verdict = verdict
        self._findings = tuple(sorted(findings, key=_rank))

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._findings)

    def __len__(self) -> int:
        return len(self._findings)

    def __getitem__(self, index: int) -> Finding:
        return self._findings[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Findings) and self._findings == other._findings

    def __hash__(self) -> int:
        return hash(self._findings)

    def __add__(self, other: Iterable[Finding]) -> Findings:
        return Findings((*self, *other))

    @property
    def ok(self) -> bool:
        """True if no finding is an error."""
        return not self.errors

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of severity error."""
        return tuple(finding for finding in self if finding.severity == "error")

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, in order."""
        return tuple(finding.code for finding in self)

    def counts(self) -> dict[str, int]:
        """Return the number of findings of each severity."""
        return {
            severity: sum(finding.severity == severity for finding in self) for severity in _ORDER
        }

    def to_dict(self) -> dict[str, Any]:
        """Return ``{"findings": [...]}`` as plain JSON data."""
        return {"findings": [finding.to_dict() for finding in self]}

    @property
    def counted(self) -> str:
        """How many findings of each severity there are, in words, without zeros."""
        return ", ".join(_number_of(name, n) for name, n in self.counts().items() if n)

    def __repr__(self) -> str:
        numbers = (_number_of(severity, count) for severity, count in self.counts().items())
        return visible(f"<Findings: {', '.join(numbers)}>")

    def __str__(self) -> str:
        return visible("\n".join(str(finding) for finding in self) or tr("No findings."))

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def is_verdict(finding: Finding) -> bool:
    """Whether a finding says whether a host can nest; the others are its reasons."""
    return finding.code in _VERDICTS


def _number_of(severity: str, count: int) -> str:
    if severity == "error":
        return tr_count("{count} error", "{count} errors", count)
    if severity == "warning":
        return tr_count("{count} warning", "{count} warnings", count)
    return tr_count("{count} note", "{count} notes", count)
