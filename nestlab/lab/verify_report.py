"""The results of a topology's checks on the live machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from nestlab.dataclass import dataclass
from nestlab.model.topology import Check
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible

Verdict = Literal["reachable", "unreachable", "undetermined"]
Method = Literal["ping", "trace", "missing"]

STATUSES: Mapping[Verdict, str] = {
    "reachable": mark("reachable"),
    "unreachable": mark("unreachable"),
    "undetermined": mark("undetermined"),
}
"""The words for the results of checks."""
METHODS: Mapping[Method, str] = {
    "ping": mark("ping"),
    "trace": mark("trace"),
    "missing": mark("missing"),
}
"""The words for how a check was done."""


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """The result of one check, and its evidence.

    `method` is *ping* for a real ping, *trace* for a trace of the observed network, and *missing*
    where a machine of the check is not on the host. `explanation` says why the target is not
    reachable, or why that is not known: an *undetermined* check never passes, whatever it expects.
    """

    check: Check
    status: Verdict
    method: Method
    explanation: str = ""

    @property
    def reachable(self) -> bool:
        """Whether it is known to be reachable."""
        return self.status == "reachable"

    @property
    def passed(self) -> bool:
        """Whether the result is known to be what the check expects."""
        return self.status == expected_status(self.check)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "from": self.check.source,
            "to": self.check.target,
            "expect": expected_status(self.check),
            "status": self.status,
            "method": self.method,
            "passed": self.passed,
            "explanation": self.explanation,
        }

    @property
    def mark(self) -> str:
        """One character: passed, not known, or failed."""
        return "✓" if self.passed else "?" if self.status == "undetermined" else "✗"

    def __str__(self) -> str:
        arrow = {"reachable": "→", "unreachable": "↛", "undetermined": "⇢"}[self.status]
        method = translate(METHODS[self.method])
        text = f"{self.mark} {self.check.source} {arrow} {self.check.target} "
        text += (
            tr("({method}, not known)", method=method)
            if self.status == "undetermined"
            else f"({method})"
        )
        return visible(f"{text}: {self.explanation}" if self.explanation else text)

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def expected_status(check: Check) -> Verdict:
    """Return the status with which a check passes."""
    return "reachable" if check.reachable else "unreachable"


@dataclass(frozen=True)
class VerifyReport:
    """The results of a topology's checks."""

    topology: str
    results: tuple[CheckResult, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(result.passed for result in self.results)

    @property
    def is_unknown(self) -> bool:
        """Whether no check is known to fail, and some are not known.

        A check of a machine that is not on the host fails.
        """
        left = [result for result in self.results if not result.passed]
        return bool(left) and all(
            result.status == "undetermined" and result.method != "missing" for result in left
        )

    @property
    def summary(self) -> str:
        """How many of the checks passed, as text."""
        return tr(
            "{topology}: {passed} of {total} checks passed",
            topology=self.topology,
            passed=sum(result.passed for result in self.results),
            total=len(self.results),
        )

    def __iter__(self) -> Iterator[CheckResult]:
        return iter(self.results)

    def __len__(self) -> int:
        return len(self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "topology": self.topology,
            "ok": self.ok,
            "checks": [result.to_dict() for result in self.results],
        }

    def __repr__(self) -> str:
        return visible(f"<VerifyReport {self.summary}>")  # not shown

    def __str__(self) -> str:
        return visible(
            "\n".join(str(result) for result in self.results) or tr("The topology has no checks.")
        )

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)
