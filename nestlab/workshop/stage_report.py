"""What a check of a stage found at a seat, with the help that it gives one level at a time."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.lab import CheckResult, DriftFindings, VerifyReport
from nestlab.model import Finding, path_text
from nestlab.plan import Step
from nestlab.rules.match.dhcp_conflicts import DHCP_UNANSWERED
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible

MOST_STEPS = 4
"""The most steps whose cmdlets a hint shows; after these the stage is checked again."""


class HintKind(StrEnum):
    """What a hint is: the reason, the text of the author, or cmdlets."""

    REASON = "reason"
    AUTHOR = "author"
    CMDLETS = "cmdlets"


_CAPTIONS = {
    HintKind.REASON: mark("What is wrong"),
    HintKind.AUTHOR: mark("From the author of the workshop"),
    HintKind.CMDLETS: mark("What fixes it"),
}


@dataclass(frozen=True)
class HintCmdlets:
    """The lines of a step, to paste into PowerShell on a machine, and what they do."""

    machine: str
    title: str
    lines: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"machine": self.machine, "title": self.title, "lines": list(self.lines)}


@dataclass(frozen=True, kw_only=True)
class StageHint:
    """One level of help, from 1; `levels` is how many there are."""

    level: int
    levels: int
    kind: HintKind
    text: str = ""
    cmdlets: tuple[HintCmdlets, ...] = ()

    @property
    def caption(self) -> str:
        """What kind of help it is, in the chosen language."""
        return translate(_CAPTIONS[self.kind])

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "level": self.level,
            "levels": self.levels,
            "kind": str(self.kind),
            "text": self.text,
            "cmdlets": [each.to_dict() for each in self.cmdlets],
        }

    def __str__(self) -> str:
        lines = [f"{self.caption} ({self.level}/{self.levels})", *filter(None, [self.text])]
        for each in self.cmdlets:
            lines += [f"{each.machine}: {each.title}"]
            lines += [f"  [{each.machine}] PS> {line}" for line in each.lines]
        return visible("\n".join(lines))


@dataclass(frozen=True, kw_only=True)
class StageReport:
    """What a check of a stage found at a seat on a host: results of the checks, and differences.

    `findings` are how the seat differs from what the stage names; what a later stage has is not a
    difference. `steps` would change that. `author_hint` is the text of the stage's `hint`.
    `is_planted` is false for a stage whose fault was not planted at the seat, and true for others.
    """

    seat: str
    stage: str
    host: str
    checks: VerifyReport
    findings: DriftFindings
    steps: tuple[Step, ...] = ()
    author_hint: str = ""
    is_planted: bool = True

    @property
    def passed(self) -> bool:
        """Whether the seat has what the stage names, its checks pass, and its fault was planted."""
        return self.is_planted and self._is_whole

    @property
    def only_unplanted(self) -> bool:
        """Whether only the fault is missing that the learner is to find."""
        return self._is_whole and not self.is_planted

    @property
    def _is_whole(self) -> bool:
        return self.checks.ok and not self.findings.differs and not self.findings.unanswered

    @property
    def may_settle(self) -> bool:
        """Whether a boot or a DHCP lease may be all it needs: nothing else is known to differ."""
        differences = (each for each in self.findings.differences if each.kind != "not-known")
        late = all(each.finding.code == DHCP_UNANSWERED.code for each in differences)
        return not self._is_whole and late

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known to be wrong, and something is not known."""
        known = self.findings.differs or not (self.checks.ok or self.checks.is_unknown)
        return not self._is_whole and not known

    @property
    def hints(self) -> tuple[StageHint, ...]:
        """The help, level by level: the reason, the author's text, then cmdlets."""
        if self.passed:
            return ()
        if self.only_unplanted:
            return (StageHint(level=1, levels=1, kind=HintKind.REASON, text=self.reason),)
        cmdlets = tuple(self._cmdlets())
        parts: list[tuple[HintKind, str, tuple[HintCmdlets, ...]]] = [
            (HintKind.REASON, self.reason, ()),
            (HintKind.AUTHOR, self.author_hint.strip(), ()),
            (HintKind.CMDLETS, "" if cmdlets else self._advice, cmdlets),
        ]
        there = [part for part in parts if part[1] or part[2]]
        return tuple(
            StageHint(level=level, levels=len(there), kind=kind, text=text, cmdlets=cmdlets)
            for level, (kind, text, cmdlets) in enumerate(there, 1)
        )

    @property
    def reason(self) -> str:
        """Why it did not pass: where a trace ends, else the first finding; empty if it passed."""
        if self.only_unplanted:
            return tr("Nothing is broken yet. Plant the fault of the stage, then find it.")
        left = [result for result in self.checks if not result.passed]
        known = [result for result in left if result.status != "undetermined"]
        found = [each.finding for each in self.findings.differences if each.kind != "not-known"]
        warned = [finding for finding in self.findings if finding.severity == "warning"]
        texts = [*map(_of_check, known), *map(_of_finding, found), *map(_of_check, left)]
        return next(iter([*texts, *map(_of_finding, warned)]), "")

    @property
    def _advice(self) -> str:
        """What the first finding says to do, where nestlab plans no step."""
        return next((finding.hint for finding in self.findings if finding.hint), "")

    def _cmdlets(self) -> Iterator[HintCmdlets]:
        for step in self.steps[:MOST_STEPS]:
            yield HintCmdlets(path_text(step.runs_on), step.title, tuple(step.lines))
        if not self.steps:
            for finding in self.findings:
                if finding.fix:
                    lines = tuple(map(str, finding.fix))
                    yield HintCmdlets(finding.runs_on or "host", finding.message, lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; without the hints, which are given one at a time."""
        return {
            "seat": self.seat,
            "stage": self.stage,
            "host": self.host,
            "passed": self.passed,
            "known": not self.is_unknown,
            "planted": self.is_planted,
            "checks": self.checks.to_dict()["checks"],
            **self.findings.to_dict(),
        }

    @property
    def verdict(self) -> str:
        """The result in a sentence."""
        text = (
            mark("{seat}: the stage {stage} is done.")
            if self.passed
            else mark("{seat}: whether the stage {stage} is done is not known yet.")
            if self.is_unknown
            else mark("{seat}: the fault of the stage {stage} is not planted yet.")
            if self.only_unplanted
            else mark("{seat}: the stage {stage} is not done yet.")
        )
        return translate(text, seat=self.seat, stage=self.stage)

    def __str__(self) -> str:
        return visible("\n".join((self.verdict, *map(str, self.checks), *self.differences)))

    @property
    def differences(self) -> tuple[str, ...]:
        """What is missing, differs, is left over or does not answer: a line each."""
        return tuple(
            f"✗ {_of_finding(finding)}" for finding in self.findings if finding.severity != "info"
        )


def _of_check(result: CheckResult) -> str:
    return result.explanation or str(result)


def _of_finding(finding: Finding) -> str:
    return tr("{subject}: {message}", subject=finding.subject_text, message=finding.message)
