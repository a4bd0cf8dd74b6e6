"""Restoring a NAT or DHCP scope whose change failed half-way: removed, and not created again.

Set-NetNat has no parameter for the prefix
(https://learn.microsoft.com/powershell/module/netnat/set-netnat), so a change of it removes the NAT
first, with its port forwards. A change of a scope's range removes the scope, with its options and
reservations.
"""

from __future__ import annotations

from nestlab.apply.context import ApplyContext, IsNeeded, as_planned
from nestlab.apply.interrupted_undo import CREATES_AGAIN, has_nothing_to_do, left_to_restore
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult
from nestlab.dataclass import replace
from nestlab.errors import Cancelled, NestlabError
from nestlab.model.state import HostState
from nestlab.plan import Step, TargetKind, same_name
from nestlab.texts import tr


def run_step(
    step: Step, sessions: Sessions, context: ApplyContext, is_needed: IsNeeded | None = None
) -> StepResult:
    """Run a step; where the change of a NAT or scope fails after its removal, restore it.

    The step has failed anyway: its message says whether it was restored. Raises Cancelled.
    """
    result = execute(step, sessions, context, is_needed)
    if result.ok or result.error is None or not _creates_again(step):
        return result
    try:
        state = context.observe_again(step.machine)
    except Cancelled:
        raise
    except NestlabError as error:
        return _not_restored(step, result, error.message)
    if state is None:
        return _not_restored(step, result, tr("the machine does not answer"))
    failed = _failed_cmdlet(result)
    left = () if failed.startswith("Remove-") else left_to_restore(step.undo, state)
    if not left or (failed in CREATES_AGAIN and _exists(step, state)):
        return result  # it is as it was before, or another run has created it
    return _restored(replace(step.undo_step, cmdlets=left), result, sessions, context)


def _creates_again(step: Step) -> bool:
    """Whether a step removes a NAT or scope and creates it with other values, as its undo does."""
    parts = (step.cmdlets, step.undo)
    return not step.creates and all(any(each.name in CREATES_AGAIN for each in p) for p in parts)


def _failed_cmdlet(failed: StepResult) -> str:
    record = failed.error
    return record.fully_qualified_error_id.rpartition(",")[2] if record else ""


def _exists(step: Step, state: HostState) -> bool:
    """Whether there is a NAT or DHCP scope with the name of the step's target."""
    of_kind = state.nats if step.target.kind is TargetKind.NAT else state.dhcp_scopes
    return any(same_name(each.name, step.target.name) for each in of_kind)


def _restored(
    undo: Step, failed: StepResult, sessions: Sessions, context: ApplyContext
) -> StepResult:
    """Run the cmdlets that restore it, as many as can run; return the failure with the outcome.

    An entry that cannot be added does not keep the others from being added.
    """
    context = replace(context, identify=as_planned)
    reasons: list[str] = []
    for cmdlet in undo.cmdlets:
        result = execute(replace(undo, cmdlets=(cmdlet,)), sessions, context)
        done = result.ok or (result.error and has_nothing_to_do(cmdlet, result.error))
        if not done:
            reasons.append(result.message)
        if not done and cmdlet.name in CREATES_AGAIN:
            break
    if reasons:
        return _not_restored(failed.step, failed, reasons[0])
    return replace(failed, message=_restored_text(failed), restored=True)


def _restored_text(failed: StepResult) -> str:
    step = failed.step
    if step.target.kind is TargetKind.SCOPE:
        return tr(
            "{reason} The earlier DHCP scope {scope} was restored, with its options and reservations.",
            reason=failed.message,
            scope=step.target.name,
        )
    return tr(
        "{reason} The earlier NAT {nat} for {prefix} was restored, with its port forwards.",
        reason=failed.message,
        nat=step.target.name,
        prefix=_earlier_prefix(step),
    )


def _not_restored(step: Step, failed: StepResult, reason: str) -> StepResult:
    if step.target.kind is TargetKind.SCOPE:
        message = tr(
            "{reason} Restoring the earlier DHCP scope {scope} failed as well: {error}",
            reason=failed.message,
            scope=step.target.name,
            error=reason,
        )
        hint = tr("To restore the scope, its options and reservations, undo this run.")
        return replace(failed, message=message, hint=f"{hint}\n{failed.hint}".rstrip())
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
    created = (cmdlet for cmdlet in step.undo if cmdlet.name == "New-NetNat")
    return next((str(each.parameters["InternalIPInterfaceAddressPrefix"]) for each in created), "")
