"""Events about guests that, at the end of a run, are not as the file says."""

from __future__ import annotations

from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model import Finding
from nestlab.plan import no_heartbeat_reasons
from nestlab.texts import tr, tr_count


@dataclass(frozen=True)
class GuestsNotUp:
    """The guests of these machines were started and had no heartbeat within `seconds`.

    `systems` are the operating systems that the file says they have; empty where that is not known.
    """

    machines: tuple[str, ...]
    seconds: float
    systems: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is known, and what to check."""
        return tr_count(
            "{names} has no heartbeat {minutes:.0f} minutes after the start. {reasons} A guest without Hyper-V's integration services never has a heartbeat.",
            "{names} have no heartbeat {minutes:.0f} minutes after the start. {reasons} A guest without Hyper-V's integration services never has a heartbeat.",
            len(self.machines),
            names=", ".join(self.machines),
            minutes=self.seconds / 60,
            reasons=no_heartbeat_reasons(self.systems),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"event": "guests-not-up", "machines": list(self.machines), "seconds": self.seconds}


@dataclass(frozen=True)
class GuestLeftOut:
    """A guest refuses its credential or does not answer: the run continues without it.

    `inside` are the machines of the file that are inside it, and are left out with it.
    """

    machine: str
    why: str
    inside: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is left out, and why."""
        names = ", ".join((self.machine, *self.inside))
        return tr(
            "Left out: {names}. What does not depend on {machine} continues. {why}",
            names=names,
            machine=self.machine,
            why=self.why,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        event = {"event": "guest-left-out", "machine": self.machine, "why": self.why}
        return {**event, "inside": list(self.inside)}


@dataclass(frozen=True)
class GuestsNotKnown:
    """The guests of these machines were started, and the file does not say which system they have.

    They are not waited for: whether one started is not known.
    """

    machines: tuple[str, ...]

    @property
    def text(self) -> str:
        """What is not known, and how to find out."""
        return tr_count(
            "{names} runs. Whether an operating system has started in it is not known: the file names no guest.os, so nestlab does not wait for its heartbeat. `nestlab drift` reports a VM that has none.",
            "{names} run. Whether an operating system has started in them is not known: the file names no guest.os, so nestlab does not wait for their heartbeats. `nestlab drift` reports a VM that has none.",
            len(self.machines),
            names=", ".join(self.machines),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"event": "guests-not-known", "machines": list(self.machines)}


@dataclass(frozen=True)
class AddressesNotUsed:
    """Addresses that machines of the run have and do not use, or gave themselves.

    Windows has marked an address Duplicate, or no DHCP server gave an adapter one. The findings of
    the plan are not repeated.
    """

    findings: tuple[Finding, ...]

    @property
    def text(self) -> str:
        """A line for each: which machine, which address, and what to do."""
        return "\n".join(
            tr(
                "Address not in use: {subject} {problem}. {hint}",
                subject=each.subject,
                problem=each.message,
                hint=each.hint,
            )
            for each in self.findings
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "event": "addresses-not-used",
            "findings": [finding.to_dict() for finding in self.findings],
        }
