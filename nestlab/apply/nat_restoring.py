"""Restoring a NAT whose change failed half-way: removed, and not created again with its forwards.

Set-NetNat has no parameter for the prefix
(https://learn.microsoft.com/powershell/module/netnat/set-netnat), so a change of it removes the NAT
first.
"""

from __future__ import annotations

from nestlab.apply.context import ApplyContext, IsNeeded, as_planned
from nestlab.apply.interrupted_undo import has_nothing_to_do, left_to_restore
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult
from nestlab.dataclass import replace
from nestlab.errors import Cancelled, NestlabError
from nestlab.model.state import HostState
from nestlab.plan import Action, Step, same_name
from nestlab.texts import tr

_CREATES_NAT = "New-NetNat"


def run_step(
    step: Step, sessions: Sessions, context: ApplyContext, is_needed: IsNeeded | None = None
) -> StepResult:
    """Run a step; where the change of a NAT fails after its removal, restore the earlier one.

    The step has failed anyway: its message says whether the NAT was restored. Raises
    Cancelled.
    """
    result = execute(step, sessions, context, is_needed)
    if result.ok or result.error is None or step.action is not Action.REPLACE_NAT:
        return result
    try:
        state = context.observe_again(step.machine)
    except Cancelled:
        raise
    except NestlabError as error:
        return _not_restored(step, result, error.message)
    if state is None:
        return _not_restored(step, result, tr("the machine does not answer"))
    left = left_to_restore(step.undo, state)
    if not left or _is_of_another_run(step, result, state):
        return result
    return _restored(replace(step.undo_step, cmdlets=left), result, sessions, context)


def _is_of_another_run(step: Step, failed: StepResult, state: HostState) -> bool:
    """Whether there is a NAT with this name that the step has not created."""
    record = failed.error
    failed_cmdlet = record.fully_qualified_error_id.rpartition(",")[2] if record else ""
    exists = any(same_name(nat.name, step.target.name) for nat in state.nats)
    return failed_cmdlet == _CREATES_NAT and exists


def _restored(
    undo: Step, failed: StepResult, sessions: Sessions, context: ApplyContext
) -> StepResult:
    """Run the cmdlets that restore a NAT, as many as can run; return the failure with the outcome.

    A forward that cannot be added does not keep the others from being added.
    """
    context = replace(context, identify=as_planned)
    reasons: list[str] = []
    for cmdlet in undo.cmdlets:
        result = execute(replace(undo, cmdlets=(cmdlet,)), sessions, context)
        done = result.ok or (result.error and has_nothing_to_do(cmdlet, result.error))
        if not done:
            reasons.append(result.message)
        if not done and cmdlet.name == _CREATES_NAT:
            break
    if reasons:
        return _not_restored(failed.step, failed, reasons[0])
    message = tr(
        "{reason} The earlier NAT {nat} for {prefix} was restored, with its port forwards.",
        reason=failed.message,
        nat=failed.step.target.name,
        prefix=_earlier_prefix(failed.step),
    )
    return replace(failed, message=message, restored=True)


def _not_restored(step: Step, failed: StepResult, reason: str) -> StepResult:
    message = tr(
        "{reason} Restoring the earlier NAT {nat} for {prefix} failed as well: {error}",
        reason=failed.message,
        nat=step.target.name,
        prefix=_earlier_prefix(step),
        error=reason,
    )
    hint = tr("To restore the NAT and its port forwards, undo this run.")
    return replace(failed, message=message, hint=f"{hint}\n{failed.hint}".rstrip())


def _earlier_prefix(step: Step) -> str:
    created = (cmdlet for cmdlet in step.undo if cmdlet.name == _CREATES_NAT)
    return next((str(each.parameters["InternalIPInterfaceAddressPrefix"]) for each in created), "")
