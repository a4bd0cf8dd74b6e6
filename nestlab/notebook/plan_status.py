"""The messages of the plan panel's status line when a job has ended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from nestlab.apply import StepResult
from nestlab.enumerations import all_of
from nestlab.lab import VerifyReport
from nestlab.lab.expected_run import MachineWork
from nestlab.model import MachinePath, path_text
from nestlab.notebook.apply_session import RunState
from nestlab.notebook.progress import SEE_FAILED_STEP
from nestlab.notebook.remaining_work import expected_total, later_text
from nestlab.plan import NOT_CHANGED, Plan
from nestlab.texts import mark, tr, tr_count, translate


class StatusMessage(NamedTuple):
    """A state of the status line, its text and its hint."""

    state: str
    text: str
    hint: str = ""


class Reversal(NamedTuple):
    """The texts of an undo or a destroy.

    `running` is shown while it runs, `done_one` or `done_many` with the number of its steps at the
    end, and `title` above the list of these steps.
    """

    running: str
    done_one: str
    done_many: str
    title: str


UNDO = Reversal(
    mark("Undoing …"),
    mark("{count} step undone: the earlier values are restored."),
    mark("{count} steps undone: the earlier values are restored."),
    mark("What was undone"),
)
RESET = Reversal(
    mark("Restoring checkpoints …"),
    mark("{count} step done: the VM is as its checkpoint has it."),
    mark("{count} steps done: the VMs are as their checkpoints have them."),
    mark("What was restored"),
)
DESTROY = Reversal(
    mark("Removing …"),
    mark("{count} step done. Objects that other VMs depend on are kept."),
    mark("{count} steps done. Objects that other VMs depend on are kept."),
    mark("What was removed"),
)
STOPPED = StatusMessage(
    "cancelled",
    mark("Stopped. No later step was run."),
    mark("Apply again to continue, or Undo."),
)
STOPPED_BEFORE_DELETING = StatusMessage(
    "warning",
    mark("Stopped before a step that deletes data."),
    mark("Apply again to be asked about it."),
)
STOPPED_PLANNING = StatusMessage("cancelled", mark("Stopped. The previous plan is still shown."))
STOPPED_REVERSAL = StatusMessage(
    "cancelled",
    mark("Stopped after the current step."),
    mark("Press the same button again to continue. Plan again shows the current state."),
)


def planned(
    plan: Plan, starting: Collection[MachinePath] = (), work: Sequence[MachineWork] = ()
) -> StatusMessage:
    """Return the message about a new plan: its number of steps, and the guests still starting.

    `work` is what is left for each machine.
    """
    text = (
        ""
        if plan.is_empty
        else tr_count("{count} step to apply.", "{count} steps to apply.", len(plan))
    )
    return StatusMessage(
        "idle",
        text,
        " ".join(filter(None, (_starting(starting), deferred(plan), later_text(work)))),
    )


def _starting(paths: Collection[MachinePath]) -> str:
    """Return a sentence that names the guests that are still starting; empty if there are none."""
    if not paths:
        return ""
    return tr_count(
        "{names} is still starting: plan again in a minute.",
        "{names} are still starting: plan again in a minute.",
        len(paths),
        names=all_of([path_text(path) for path in paths]),
    )


def applied(
    results: Sequence[StepResult],
    run: RunState,
    plan: Plan,
    work: Sequence[MachineWork] = (),
    *,
    asks: bool,
) -> StatusMessage:
    """Return the message about a run; `asks`: remaining steps delete data and need consent.

    `work` is what is left for each machine.
    """
    count = sum(result.ok for result in results)
    done = tr_count("{count} step applied", "{count} steps applied", count)
    if run.ended and results and not results[-1].ok:
        return failed(results[-1])
    if plan.is_empty:
        return StatusMessage("done", _with_what_is_left(done, plan))
    left = _left(done, count, plan, work)
    if run.cancelled:
        stopped = STOPPED_BEFORE_DELETING if asks else STOPPED
        return stopped._replace(text=f"{translate(stopped.text)} {left}")
    return StatusMessage("idle", left, deferred(plan))


def _left(done: str, count: int, plan: Plan, work: Sequence[MachineWork]) -> str:
    """Return how many steps were applied, and how many are left, as far as that is known."""
    total = expected_total(work) if plan.deferred else None
    if total is not None:
        return tr_count(
            "{applied} of about {count} step applied.",
            "{applied} of about {count} steps applied.",
            count + total,
            applied=count,
        )
    return tr_count(
        "{done}, {count} step remaining.", "{done}, {count} steps remaining.", len(plan), done=done
    )


def _with_what_is_left(done: str, plan: Plan) -> str:
    """Return the end of a run without remaining steps: whether the host matches the topology."""
    if plan.remainder:
        return tr("{done}. Leftover objects remain on the host.", done=done)
    if any(item.code in NOT_CHANGED for item in plan.warnings):
        return tr("{done}. The host differs from the topology: the warnings say how.", done=done)
    return tr("{done}: the host matches the topology.", done=done)


def reversal_ended(results: Sequence[StepResult], reversal: Reversal) -> StatusMessage:
    """Return the message about an undo or destroy that has ended."""
    if not results:
        return StatusMessage("done", tr("There was nothing to remove or restore."))
    if not results[-1].ok:
        return failed(results[-1])
    text = reversal.done_one if len(results) == 1 else reversal.done_many
    return StatusMessage("done", translate(text, count=len(results)))


def failed(result: StepResult) -> StatusMessage:
    """Return the message that a step failed; the reason is shown at the step."""
    return StatusMessage(
        "failed",
        tr("{title}: this step failed.", title=result.step.title),
        translate(SEE_FAILED_STEP),
    )


def verified(report: VerifyReport) -> StatusMessage:
    """Return the message about the checks: how many of them passed."""
    passed = sum(result.passed for result in report)
    text = (
        tr("{passed} of {count} checks passed.", passed=passed, count=len(report))
        if len(report)
        else tr("This topology has no checks.")
    )
    return StatusMessage("done" if report.ok else "failed", text)


def deferred(plan: Plan) -> str:
    """Return a hint that names the machines to be planned later; empty if there are none."""
    machines = ", ".join(path_text(item.machine) for item in plan.deferred)
    return tr("Planned later, when they answer: {machines}.", machines=machines) if machines else ""
