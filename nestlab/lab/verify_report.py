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

_STATUSES: Mapping[Verdict, str] = {
    "reachable": mark("reachable"),
    "unreachable": mark("unreachable"),
    "undetermined": mark("undetermined"),
}
_METHODS: Mapping[Method, str] = {
    "ping": mark("ping"),
    "trace": mark("trace"),
    "missing": mark("missing"),
}


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

    def __str__(self) -> str:
        mark = "✓" if self.passed else "?" if self.status == "undetermined" else "✗"
        arrow = {"reachable": "→", "unreachable": "↛", "undetermined": "⇢"}[self.status]
        method = translate(_METHODS[self.method])
        text = f"{mark} {self.check.source} {arrow} {self.check.target} "
        text += (
            tr("({method}, not known)", method=method)
            if self.status == "undetermined"
            else f"({method})"
        )
        return visible(f"{text}: {self.explanation}" if self.explanation else text)


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
    def _caption(self) -> str:
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
        return visible(f"<VerifyReport {self._caption}>")  # not shown

    def __str__(self) -> str:
        return visible(
            "\n".join(str(result) for result in self.results) or tr("The topology has no checks.")
        )

    def _repr_html_(self) -> str:
        from nestlab.html import table, without_math  # noqa: PLC0415  # only notebooks need it

        rows = [
            (
                str(r)[0],
                r.check.source,
                r.check.target,
                translate(_STATUSES[expected_status(r.check)]),
                translate(_STATUSES[r.status]),
                translate(_METHODS[r.method]),
                r.explanation,
            )
            for r in self.results
        ]
        headers = (
            "",
            tr("from"),
            tr("to"),
            tr("expected"),
            tr("status"),
            tr("method"),
            tr("explanation"),
        )
        return without_math(table(headers, rows, caption=visible(self._caption)))
