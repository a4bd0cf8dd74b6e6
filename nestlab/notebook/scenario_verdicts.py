"""The simulated hosts of nestlab, with the verdict on each, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.html import code, headline, table, unbroken, without_math
from nestlab.model import Finding
from nestlab.observe import observe
from nestlab.rules import host_findings
from nestlab.simulator.scenarios import scenario_descriptions
from nestlab.texts import mark, tr, tr_count, translate
from nestlab.transport import connect
from nestlab.visible import visible

_WORDS = {
    "can-nest": mark("✓ can nest"),
    "cannot-nest": mark("✗ cannot nest"),
    "nesting-not-known": mark("? not known"),
}


@dataclass(frozen=True)
class ScenarioVerdict:
    """A simulated host: its address, its description, and the verdict of `nestlab.check`."""

    address: str
    description: str
    verdict: Finding

    def __str__(self) -> str:
        return visible(f"{self.address:26} {self.verdict.code:18} {self.description}")


@dataclass(frozen=True)
class ScenarioVerdicts:
    """The simulated hosts with their verdicts; a notebook shows them as a table."""

    hosts: tuple[ScenarioVerdict, ...]

    def __iter__(self) -> Iterator[ScenarioVerdict]:
        return iter(self.hosts)

    def __len__(self) -> int:
        return len(self.hosts)

    @property
    def summary(self) -> str:
        """How many of the hosts can run nested hosts, as a sentence."""
        able = sum(each.verdict.code == "can-nest" for each in self.hosts)
        return tr_count(
            "{able} of {count} simulated host can run nested hosts as it is.",
            "{able} of {count} simulated hosts can run nested hosts as they are.",
            len(self.hosts),
            able=able,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            each.address: {"description": each.description, "verdict": each.verdict.to_dict()}
            for each in self.hosts
        }

    def __repr__(self) -> str:
        return visible(f"<ScenarioVerdicts: {self.summary}>")

    def __str__(self) -> str:
        return "\n".join([self.summary, *map(str, self.hosts)])

    def _repr_html_(self) -> str:
        rows = [
            (unbroken(code(each.address)), unbroken(_word(each.verdict)), each.description)
            for each in self.hosts
        ]
        headers = (tr("host"), tr("verdict"), tr("description"))
        return without_math(headline("", self.summary), table(headers, rows))


def _word(verdict: Finding) -> str:
    return translate(_WORDS[verdict.code])


def scenario_verdicts() -> ScenarioVerdicts:
    """Return every simulated host of nestlab with the verdict on it."""
    return ScenarioVerdicts(
        tuple(_verdict(f"sim:{name}", about) for name, about in scenario_descriptions().items())
    )


def _verdict(address: str, description: str) -> ScenarioVerdict:
    session = connect(address)
    try:
        return ScenarioVerdict(address, description, host_findings(observe(session))[0])
    finally:
        session.close()
