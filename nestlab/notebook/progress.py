"""The events of a run, in a step list and a status line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.apply import StepResult
from nestlab.notebook.status import StatusLine
from nestlab.notebook.steps import StepList

_STATES = {"done": "done", "already-so": "skipped", "skipped": "skipped", "failed": "failed"}
AT_THE_STEP = "Cause and fix are shown at the step."
_LONG = 1.0  # seconds; shorter steps need no time beside them


class Progress:
    """Marks steps as they run and end.

    A wait for guests belongs to no step of the plan, and gets a line of its own.
    """

    def __init__(self, steps: StepList, status: StatusLine) -> None:
        self._steps = steps
        self._status = status
        self._at = ""
        self._running: str | None = None
        self._waits = 0
        self._waited = 0.0  # seconds, in the current wait

    def event(self, event: Mapping[str, Any]) -> None:
        """Take an event of a run."""
        if event["event"] == "step-started":
            self._started(event)
        elif event["event"] == "progress":
            self._went_on(event)
        elif event["event"] == "host-changed":
            title = "Changed on the host since the plan was made, but not part of it"
            self._steps.add(
                [{"id": "host-changed", "title": title, "why": "", "machine": "", "cmdlets": []}]
            )
            self._steps.mark("host-changed", "skipped", "\n".join(event["changes"]))

    def finished(self, result: StepResult) -> None:
        """Mark a step with its result."""
        self._end_wait()
        took = f"{result.seconds:.0f} s" if result.seconds >= _LONG else ""
        note = "\n".join(
            text for text in (result.message, result.hint, *result.warnings, took) if text
        )
        self._steps.add([result.step.to_dict()])
        self._steps.mark(result.step.id, _STATES[result.status], note)
        self._running = None

    def stop(self) -> None:
        """Mark whatever still runs as stopped: the run has ended in the middle of it."""
        self._end_wait()
        if self._running is not None:
            self._steps.mark(self._running, "stopped")
            self._running = None

    def _started(self, event: Mapping[str, Any]) -> None:
        self._end_wait()
        self._running = event["id"]
        self._steps.add([dict(event)])
        self._steps.mark(event["id"], "running")
        number, total = event.get("number", 1), event.get("of", 0)
        self._at = f"Step {number} of {total}: {event['title']}"
        self._status.show("running", self._at, value=number - 1, total=total)

    def _went_on(self, event: Mapping[str, Any]) -> None:
        said = " ".join(str(event.get(key) or "") for key in ("activity", "status")).strip()
        percent = max(0, event.get("percent", 0))
        if "id" in event:
            self._status.show("running", self._at, said, value=percent, total=100)
            return
        self._wait(event)
        self._status.show("running", said, value=percent, total=100)

    def _wait(self, event: Mapping[str, Any]) -> None:
        line = {"title": event["activity"], "why": "", "machine": "", "cmdlets": []}
        if self._running is None or not self._running.startswith("wait "):
            self._waits += 1
            self._running = f"wait {self._waits}"
        self._steps.add([{"id": self._running, **line}])
        self._steps.mark(self._running, "running", str(event.get("status") or ""))
        self._waited = event.get("seconds", 0)

    def _end_wait(self) -> None:
        if self._running is not None and self._running.startswith("wait "):
            self._steps.mark(self._running, "waited", f"waited {self._waited:.0f} s")
            self._running = None


def counted(number: int, what: str) -> str:
    """Say how many: *1 step*, *2 steps*.

    >>> counted(1, "step"), counted(0, "step")
    ('1 step', '0 steps')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"
