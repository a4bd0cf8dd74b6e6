"""The messages of the plan panel's status line when a job has ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from nestlab.apply import StepResult
from nestlab.lab import VerifyReport
from nestlab.model import path_text
from nestlab.notebook.apply_session import RunState
from nestlab.notebook.progress import SEE_FAILED_STEP, counted
from nestlab.plan import NOT_CHANGED, Plan


class StatusMessage(NamedTuple):
    """A state of the status line, its text and its hint."""

    state: str
    text: str
    hint: str = ""


class Reversal(NamedTuple):
    """The texts of an undo or a destroy.

    `running` is shown while it runs, `done` at the end, after the number of its steps, and `title`
    above the list of these steps.
    """

    running: str
    done: str
    title: str


UNDO = Reversal("Undoing …", "undone: the earlier values are restored.", "What was undone")
DESTROY = Reversal(
    "Removing …", "done. Objects that other VMs depend on are kept.", "What was removed"
)
STOPPED = StatusMessage(
    "cancelled",
    "Stopped. No later step was run.",
    "Apply again to continue, or Undo.",
)
STOPPED_BEFORE_DELETING = StatusMessage(
    "warning", "Stopped before a step that deletes data.", "Apply again to be asked about it."
)
STOPPED_PLANNING = StatusMessage("cancelled", "Stopped. The previous plan is still shown.")
STOPPED_REVERSAL = StatusMessage(
    "cancelled",
    "Stopped after the current step.",
    "Press the same button again to continue. Plan again shows the current state.",
)


def planned(plan: Plan) -> StatusMessage:
    """Return the message about a new plan: its number of steps."""
    text = "" if plan.is_empty else f"{counted(len(plan), 'step')} to apply."
    return StatusMessage("idle", text, deferred(plan))


def applied(
    results: Sequence[StepResult], run: RunState, plan: Plan, *, asks: bool
) -> StatusMessage:
    """Return the message about a run; `asks`: remaining steps delete data and need consent."""
    done = counted(sum(result.ok for result in results), "step")
    if run.ended and results and not results[-1].ok:
        return failed(results[-1])
    if plan.is_empty:
        left = ". Leftover objects remain on the host." if plan.remainder else ""
        if not left and any(item.code in NOT_CHANGED for item in plan.warnings):
            left = ". The host differs from the topology: the warnings say in what."
        return StatusMessage("done", f"{done} applied{left or ': the host matches the topology.'}")
    if run.cancelled:
        return STOPPED_BEFORE_DELETING if asks else STOPPED
    return StatusMessage(
        "idle", f"{done} applied, {counted(len(plan), 'step')} remaining.", deferred(plan)
    )


def reversal_ended(results: Sequence[StepResult], done: str) -> StatusMessage:
    """Return the message about an undo or destroy; `done` follows the number of steps in it."""
    if not results:
        return StatusMessage("done", "There was nothing to remove or restore.")
    if not results[-1].ok:
        return failed(results[-1])
    return StatusMessage("done", f"{counted(len(results), 'step')} {done}")


def failed(result: StepResult) -> StatusMessage:
    """Return the message that a step failed; the reason is shown at the step."""
    return StatusMessage("failed", f"{result.step.title}: this step failed.", SEE_FAILED_STEP)


def verified(report: VerifyReport) -> StatusMessage:
    """Return the message about the checks: how many of them passed."""
    passed = sum(result.passed for result in report)
    text = (
        f"{passed} of {len(report)} checks passed."
        if len(report)
        else "This topology has no checks."
    )
    return StatusMessage("done" if report.ok else "failed", text)


def deferred(plan: Plan) -> str:
    """Return a hint that names the machines to be planned later; empty if there are none."""
    machines = ", ".join(path_text(item.machine) for item in plan.deferred)
    return f"Planned later, when they answer: {machines}." if machines else ""
