"""Rules as values, and the detectors that report their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from nestlab.dataclass import dataclass, replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding, Severity
from nestlab.model.origin import KeyPath
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible

INFERRED = "inferred"
"""The source of a rule without a public page: it was inferred from how Hyper-V behaves."""
NESTLAB = "nestlab"
"""The source of a rule about nestlab itself, such as its ownership mark."""
NOTHING_TO_DO = mark("Nothing to do.")
"""The fix of a rule that reports that all is as it should be."""

Subject = TypeVar("Subject")


class Scope(StrEnum):
    """What a rule is about."""

    FILE = mark("the text of a file")
    TOPOLOGY = mark("a topology")
    HOST = mark("a host")
    VM = mark("a VM on a host")
    MATCH = mark("a topology and the host that is to run it")
    NESTING = mark("a VM and the guest in it")
    PLAN = mark("a plan")


@dataclass(frozen=True)
class Variant:
    """Another severity of a rule's findings, and when they have it."""

    severity: Severity
    when: str
    source: str = ""


@dataclass(frozen=True, kw_only=True, repr=False)
class Rule:
    """What a finding code means. It is declared once, beside the function that reports it.

    `example` is a part of a topology file where the rule is about a topology, and evidence of a
    finding where it is about a host. `source` is a page, `INFERRED` or `NESTLAB`. `formerly` has
    the codes of earlier versions. `one_cause`: findings with the same message have one cause, such
    as a name that several objects use, and are reported once.
    """

    code: str
    severity: Severity
    looks_at: tuple[Scope, ...]
    meaning: str
    why: str
    fix: str
    example: str
    source: str
    variants: tuple[Variant, ...] = ()
    formerly: tuple[str, ...] = ()
    one_cause: bool = False

    def at(self, severity: Severity) -> Rule:
        """Return the rule with another severity that it declares.

        Raises:
            LookupError: if the rule has no such variant.
        """
        if severity == self.severity:
            return self
        for variant in self.variants:
            if variant.severity == severity:
                return replace(self, severity=severity, source=variant.source or self.source)
        raise LookupError(f"{self.code} has no variant of severity {severity}")  # noqa: EM102, TRY003  # not shown: a fault of the code, not of input

    def finding(
        self,
        subject: str,
        message: str,
        *,
        hint: str | None = None,
        evidence: str = "",
        location: str = "",
        requirement: str = "",
        runs_on: str = "",
        fix: tuple[Cmdlet, ...] = (),
        keys: KeyPath | None = None,
    ) -> Finding:
        """Return a finding of this rule; without a hint it has the rule's fix as hint."""
        return Finding(
            self.code,
            self.severity,
            subject,
            message,
            self.default_hint if hint is None else hint,
            evidence,
            self.page,
            location,
            requirement,
            runs_on,
            fix,
            keys,
        )

    @property
    def meaning_text(self) -> str:
        """The meaning in the chosen language."""
        return translate(self.meaning)

    @property
    def fix_text(self) -> str:
        """The fix in the chosen language."""
        return translate(self.fix)

    @property
    def default_hint(self) -> str:
        """The hint of findings without a specific one."""
        return "" if self.fix == NOTHING_TO_DO else self.fix_text

    @cached_property
    def page(self) -> str:
        """The page that states the rule; empty if none does."""
        return "" if self.source in (INFERRED, NESTLAB) else self.source

    @property
    def severities(self) -> str:
        """All severities as text: ``error; warning if ...``."""
        return "; ".join(
            [self.severity, *(f"{item.severity} {translate(item.when)}" for item in self.variants)]
        )

    @property
    def sources(self) -> str:
        """The pages as text, or that the rule is inferred or about nestlab itself."""
        pages = dict.fromkeys([self.source, *filter(None, (v.source for v in self.variants))])
        named = {
            INFERRED: tr("inferred: no public page states it"),
            NESTLAB: tr("how nestlab itself works"),
        }
        return ", ".join(named.get(page, page) for page in pages)

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return label and text of all parts, in display order."""
        looks_at = ", ".join(map(translate, self.looks_at))
        former = ((tr("Formerly"), ", ".join(self.formerly)),) if self.formerly else ()
        return (
            (tr("Severity"), self.severities),
            (tr("Looks at"), looks_at),
            (tr("Means"), self.meaning_text),
            (tr("Why it matters"), translate(self.why)),
            (tr("Fix"), self.fix_text),
            (tr("Example"), self.example),
            (tr("Source"), self.sources),
            *former,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as plain JSON data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "variants": [
                {"severity": v.severity, "when": translate(v.when)} for v in self.variants
            ],
            "looks_at": [scope.name.lower() for scope in self.looks_at],
            "meaning": self.meaning_text,
            "why": translate(self.why),
            "fix": self.fix_text,
            "example": self.example,
            "source": self.source,
            "formerly": list(self.formerly),
        }

    def __repr__(self) -> str:
        return visible(f"<Rule {self.code}: {self.severity}>")

    def __str__(self) -> str:
        lines = [f"{label}: {_indented(text)}" for label, text in self.rows()]
        return "\n  ".join([tr("{code} (finding)", code=self.code), *lines])

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def _indented(text: str) -> str:
    return f"\n    {text.replace(chr(10), f'{chr(10)}    ')}" if "\n" in text else text


class UndeclaredCodeError(AssertionError):
    """A detector reported a finding whose code is not one of its rules."""


@dataclass(frozen=True)
class Detector(Generic[Subject]):
    """A function that looks at a subject and reports findings of its rules, and of no others.

    `reads` are cmdlets that it depends on in addition to those that all detectors of its kind need:
    it is skipped where the host refused one of them.
    """

    function: Callable[[Subject], Iterator[Finding]]
    rules: tuple[Rule, ...]
    group: str = ""
    reads: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.__name__

    def __call__(self, subject: Subject) -> Iterator[Finding]:
        """Yield what the function reports about a subject.

        Raises:
            UndeclaredCodeError: if the code of a finding is not one of `rules`.
        """
        codes = [rule.code for rule in self.rules]
        for finding in self.function(subject):
            if finding.code not in codes:
                message = (
                    f"{self.name} reported {finding.code}, which it does not declare"  # not shown
                )
                raise UndeclaredCodeError(message)
            yield finding


def detects(
    *rules: Rule, group: str = "", reads: tuple[str, ...] = ()
) -> Callable[[Callable[[Subject], Iterator[Finding]]], Detector[Subject]]:
    """Declare which rules the decorated function reports findings of."""

    def declare(function: Callable[[Subject], Iterator[Finding]]) -> Detector[Subject]:
        return Detector(function, rules, group, reads)

    return declare
