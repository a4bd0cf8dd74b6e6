"""The result of a step."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.errors import CmdletError, GuestUnreachable, NestlabError
from nestlab.model import HOST, ErrorRecord, path_text
from nestlab.plan import Step
from nestlab.visible import visible


class StepState(StrEnum):
    """The state of a step in a run: running, ended in one of four ways, being undone, or undone."""

    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


SYMBOLS: Mapping[str, str] = {
    StepState.DONE: "✓",
    StepState.UNCHANGED: "=",
    StepState.SKIPPED: "-",
    StepState.FAILED: "✗",
}


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """How one step ended: done, unchanged, skipped, or failed with the message of the host.

    `restored` is whether a failed step has restored what it had removed, so that there is nothing
    to undo. `seconds` is its duration, `hint` what to do about a failure, `error` the error record
    of the cmdlet that failed, `refusal` the error of a guest that refused its credential, or did
    not answer, when the step began.
    """

    step: Step
    status: StepState
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
    restored: bool = False
    error: ErrorRecord | None = field(default=None, repr=False, compare=False)
    refusal: GuestUnreachable | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        """True unless it failed."""
        return self.status != StepState.FAILED

    def to_dict(self) -> dict[str, Any]:
        """Return the event ``step-finished`` as plain JSON data."""
        return {
            "event": "step-finished",
            "id": self.step.id,
            "machine": path_text(self.step.machine),
            "title": self.step.title,
            "status": str(self.status),
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "hint": self.hint,
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        return visible(f"<StepResult {self.status}: {self.step.title}>")

    def __str__(self) -> str:
        from textwrap import indent  # noqa: PLC0415  # a plan shows no results

        lines = [f"{SYMBOLS[self.status]} {path_text(self.step.machine)}: {self.step.title}"]
        lines += [
            indent(text, "    ") for text in (self.message, self.hint, *self.warnings) if text
        ]
        return visible("\n".join(lines))

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def failure(step: Step, error: NestlabError, seconds: float, hint: str) -> StepResult:
    """Return the result of a failed step: the message of the host, and what to do about it."""
    record = error.record if isinstance(error, CmdletError) else None
    message = record.message if record else error.message
    return StepResult(
        step=step,
        status=StepState.FAILED,
        seconds=seconds,
        message=message,
        hint=error.hint or hint,
        error=record,
        refusal=error if isinstance(error, GuestUnreachable) and step.runs_on != HOST else None,
    )
