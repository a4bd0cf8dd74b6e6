"""What became of a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import indent
from typing import Any, Literal

from nestlab.errors import CmdletError, NestlabError
from nestlab.model import ErrorRecord, path_text
from nestlab.plan import Step
from nestlab.visible import visible

Status = Literal["done", "already-so", "skipped", "failed"]
OnEvent = Callable[[Mapping[str, Any]], None]
"""Takes one event: ``{"event": "step-started" | "progress" | "step-finished" | "finished", ...}``."""


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What became of one step: done, not needed any more, skipped, or failed with the host's own words."""

    step: Step
    status: Status
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    warnings: tuple[str, ...] = ()
    error: ErrorRecord | None = field(
        default=None, repr=False, compare=False
    )  # of the cmdlet that failed, where one did

    @property
    def ok(self) -> bool:
        """True unless it failed."""
        return self.status != "failed"

    def to_dict(self) -> dict[str, Any]:
        """Return the event that says so, as plain JSON data."""
        return {
            "event": "step-finished",
            "id": self.step.id,
            "machine": path_text(self.step.machine),
            "title": self.step.title,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "message": self.message,
            "hint": self.hint,
            "warnings": list(self.warnings),
        }

    def __repr__(self) -> str:
        return visible(f"<StepResult {self.status}: {self.step.title}>")

    def __str__(self) -> str:
        mark = {"done": "✓", "already-so": "=", "skipped": "-", "failed": "✗"}[self.status]
        lines = [f"{mark} {path_text(self.step.machine)}: {self.step.title}"]
        lines += [
            indent(text, "    ") for text in (self.message, self.hint, *self.warnings) if text
        ]
        return visible("\n".join(lines))

    def _repr_html_(self) -> str:
        from nestlab.html import preformatted  # noqa: PLC0415  # only notebooks need it

        return preformatted(self)


def failure(step: Step, error: NestlabError, seconds: float, hint: str) -> StepResult:
    """Return the result of a step that failed, with the host's words and the way out."""
    record = error.record if isinstance(error, CmdletError) else None
    message = record.message if record else error.message
    return StepResult(
        step=step,
        status="failed",
        seconds=seconds,
        message=message,
        hint=error.hint or hint,
        error=record,
    )
