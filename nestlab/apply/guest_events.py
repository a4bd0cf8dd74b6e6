"""Events of a run about guests that are not as the file says at its end."""

from __future__ import annotations

from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model import Finding
from nestlab.plan import no_heartbeat_reasons


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
        names, verb = ", ".join(self.machines), "has" if len(self.machines) == 1 else "have"
        return (
            f"{names} {verb} no heartbeat {self.seconds / 60:.0f} minutes after the start. "
            f"{no_heartbeat_reasons(self.systems)} A guest without Hyper-V's integration services never has a heartbeat."
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
        return f"Left out: {names}. What does not depend on {self.machine} continues. {self.why}"

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
        names, one = ", ".join(self.machines), len(self.machines) == 1
        return (
            f"{names} {'runs' if one else 'run'}. Whether an operating system has started in "
            f"{'it' if one else 'them'} is not known: the file names no guest.os, so nestlab does not wait for "
            f"{'its heartbeat' if one else 'their heartbeats'}. `nestlab drift` reports a VM that has none."
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
            f"Address not in use: {each.subject} {each.message}. {each.hint}"
            for each in self.findings
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "event": "addresses-not-used",
            "findings": [finding.to_dict() for finding in self.findings],
        }
