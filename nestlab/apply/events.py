"""Events of a run, as values: `on_event` gets them, and ``--json`` prints one per line."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any

from nestlab.apply.guest_events import (
    AddressesNotUsed,
    GuestLeftOut,
    GuestsNotKnown,
    GuestsNotUp,
)
from nestlab.apply.step_result import StepResult
from nestlab.dataclass import dataclass
from nestlab.model import path_text
from nestlab.plan import OutOfReach, Plan, Step
from nestlab.texts import tr


class RunStatus(StrEnum):
    """How a run ended."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class StepStarted:
    """A step is about to run.

    It is number `number` of the `of` steps known for its machine; in an undo, of all its steps.
    """

    step: Step
    number: int
    of: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        numbers = {"number": self.number, "of": self.of}
        return {
            "event": "step-started",
            **self.step.to_dict(),
            "machine": path_text(self.step.machine),
            **numbers,
        }


@dataclass(frozen=True)
class StepProgress:
    """The host reports progress of a step; `percent` is -1 if it reports none."""

    step: Step
    activity: str
    status: str = ""
    percent: int = -1

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "event": "progress",
            "id": self.step.id,
            "machine": path_text(self.step.machine),
            "activity": self.activity,
            "status": self.status,
            "percent": self.percent,
        }


class WaitKind(StrEnum):
    """What a run waits for: that a guest answers, has a heartbeat or addresses, or shuts down."""

    ANSWER = "answer"
    HEARTBEAT = "heartbeat"
    ADDRESSES = "addresses"
    SHUTDOWN = "shutdown"


@dataclass(frozen=True)
class Waiting:
    """The run waits for one or more guests; `seconds` of at most `limit` have passed.

    `names` has the guests, as paths, and `reason` why the last attempt failed, where one did.
    """

    activity: str
    seconds: float
    limit: float
    kind: WaitKind = WaitKind.ANSWER
    names: tuple[str, ...] = ()
    reason: str = ""

    @property
    def status(self) -> str:
        """How long it has been waiting, as text."""
        return tr(
            "{seconds:.0f} s of at most {limit:.0f} s", seconds=self.seconds, limit=self.limit
        )

    @property
    def percent(self) -> int:
        """How much of the time limit has passed."""
        return int(100 * self.seconds / self.limit)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "event": "progress",
            "activity": self.activity,
            "status": self.status,
            "percent": self.percent,
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class StepFinished:
    """A step has ended."""

    result: StepResult

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return self.result.to_dict()


@dataclass(frozen=True)
class HostChanged:
    """The host has changed since the plan was made, in ways that do not affect the plan."""

    changes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"event": "host-changed", "changes": list(self.changes)}


@dataclass(frozen=True)
class NotRestored:
    """Steps that undo left as they are: nothing can restore what they removed or changed."""

    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """The steps as a sentence."""
        titles = "; ".join(f"{path_text(step.machine)}: {step.title}" for step in self.steps)
        return tr(
            "Not undone, because nothing can restore what these steps removed or changed: {titles}.",
            titles=titles,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        steps = [
            {"id": step.id, "machine": path_text(step.machine), "title": step.title}
            for step in self.steps
        ]
        return {"event": "not-restored", "steps": steps}


@dataclass(frozen=True)
class SettingsNotApplied:
    """The run has found settings that nestlab cannot set, and that its plan did not list."""

    items: tuple[OutOfReach, ...]

    @property
    def text(self) -> str:
        """A line for each machine: its settings, and why they were not set."""
        return "\n".join(tr("Not set: {item}", item=item) for item in self.items)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"event": "settings-not-applied", "items": [item.to_dict() for item in self.items]}


@dataclass(frozen=True)
class Replanned:
    """A machine was observed and the rest was planned again: `plan`, with the observed states.

    `added` are the steps that were not known before, such as those inside a nested host that
    answers for the first time.
    """

    plan: Plan
    added: tuple[Step, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        added = [{"id": step.id, "title": step.title} for step in self.added]
        return {"event": "planned", "left": len(self.plan.steps), "added": added}


@dataclass(frozen=True)
class RunFinished:
    """The run has ended; `seconds` is its duration."""

    status: RunStatus
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        seconds = round(self.seconds, 3)
        return {"event": "finished", "status": str(self.status), "seconds": seconds}


Event = (
    StepStarted
    | StepProgress
    | Waiting
    | StepFinished
    | HostChanged
    | AddressesNotUsed
    | GuestLeftOut
    | GuestsNotKnown
    | GuestsNotUp
    | NotRestored
    | SettingsNotApplied
    | Replanned
    | RunFinished
)
OnEvent = Callable[[Event], None]
"""Receives the events of a run, in the thread of the caller or of a worker, one at a time."""


def ignore_event(_event: Event) -> None:
    """Ignore an event."""


def one_at_a_time(on_event: OnEvent, lock: AbstractContextManager[object]) -> OnEvent:
    """Return a function that reports an event while it holds a lock.

    It is a function, not a method of the scheduler: the scheduler refers to the context that holds
    it, and a method would refer back to the scheduler. Such a reference cycle would keep all
    observed states in memory until the next garbage collection.
    """

    def report(event: Event) -> None:
        with lock:
            on_event(event)

    return report
