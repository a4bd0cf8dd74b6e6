"""Running one step: its cmdlets, their errors, and what follows from a lost connection."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from functools import partial

from nestlab.apply.activities import Activities
from nestlab.apply.context import IsNeeded, StepContext
from nestlab.apply.duplicates import duplicate_of, may_have_a_duplicate, remove_own_object
from nestlab.apply.retrying import OnProgress, run_cmdlets
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult, StepState, failure
from nestlab.dataclass import replace
from nestlab.errors import (
    Cancelled,
    CmdletError,
    GuestUnreachable,
    HostError,
    NestlabError,
    SessionBroken,
    SeveralWindowsInstallations,
)
from nestlab.known_errors import explain
from nestlab.model import Cmdlet, ErrorRecord, Outcome, Progress
from nestlab.plan import Action, Hazard, Refusal, Step, TargetKind, windows_missing, with_ids
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Session

RECONNECT_SECONDS = 5.0
_RECONNECTS = 24
_RESTARTS = frozenset({"Restart-Computer", "Stop-Computer"})
_REMOVALS = frozenset(
    {
        Action.REMOVE_VM,
        Action.DELETE_DISK,
        Action.REMOVE_NAT,
        Action.REMOVE_SCOPE,
        Action.REMOVE_ADDRESS,
        Action.REMOVE_SWITCH,
        Action.REMOVE_MANAGEMENT_ADAPTER,
    }
)
CHANGES_OF_SERVICES = frozenset(
    {
        Action.CONNECT_ADAPTER,
        Action.DETACH_DISK,
        Action.DISCONNECT_ADAPTER,
        Action.HIDE_EXTENSIONS,
        Action.REMOVE_ADAPTER,
        Action.REMOVE_GATEWAY,
        Action.REPLACE_NAT,
        Action.SERVE_ADDRESSES,
        Action.SET_ADDRESS,
        Action.SET_DHCP,
        Action.SET_GATEWAY,
        Action.SET_MAC_ADDRESS_SPOOFING,
        Action.SET_SWITCH,
        Action.SET_VLAN,
        Action.STOP_FORWARDING,
        Action.STOP_VM,
        Action.WRITE_SEED,
    }
)
"""Changes of what others may depend on, and what comes before them: not made where they do."""
_ENTRY_REMOVALS = (Action.REMOVE_PORT_FORWARD, Action.REMOVE_RESERVATION, Action.REMOVE_ROUTE)
_RECORD_TYPES = {TargetKind.VM: "VirtualMachine", TargetKind.SWITCH: "VMSwitch"}
_TARGETS: Mapping[TargetKind, str] = {
    TargetKind.ADAPTER: mark("adapter {name}"),
    TargetKind.ADDRESS: mark("address {name}"),
    TargetKind.DISK: mark("disk {name}"),
    TargetKind.NAT: mark("nat {name}"),
    TargetKind.SCOPE: mark("scope {name}"),
    TargetKind.SWITCH: mark("switch {name}"),
    TargetKind.VM: mark("vm {name}"),
    TargetKind.WINDOWS: mark("windows {name}"),
}
_LOST = mark(
    "The step may or may not have taken effect. Run the same command again: completed steps are not repeated."
)

ALREADY_EXISTS = frozenset({"ResourceExists", "InvalidArgument"})
"""Error categories for an object that exists already: New-NetIPAddress reports the second (Windows
System Error 5010)."""


def execute(
    step: Step, sessions: Sessions, context: StepContext, is_needed: IsNeeded | None = None
) -> StepResult:
    """Run a step and return its result, even if the connection is lost; raises Cancelled.

    An External switch takes over the address of its adapter, which interrupts sessions through it.
    If the hazard of the step says so, `is_needed` is polled for a while to see whether it took
    effect.
    """
    began = time.monotonic()
    try:
        result = _attempt(step, sessions, context, began)
    except HostError as error:
        may_cut = step.hazard is Hazard.MAY_CUT_CONNECTION
        if may_cut and is_needed is not None and _took_effect(context, is_needed):
            warning = tr(
                "The connection was lost, and then restored: {reason}", reason=error.message
            )
            seconds = time.monotonic() - began
            return StepResult(
                step=step, status=StepState.DONE, seconds=seconds, warnings=(warning,)
            )
        return failure(step, error, time.monotonic() - began, translate(_LOST))
    if _may_exist(step, result) and is_needed is not None and _exists(context, is_needed):
        message = _done_by_another_run(step, result)
        return replace(result, status=StepState.UNCHANGED, message=message, hint="")
    return result


def _may_exist(step: Step, result: StepResult) -> bool:
    """Whether a step may have failed because another run has created or added the same."""
    adds = any(cmdlet.last_command.name.startswith(("New-", "Add-")) for cmdlet in step.cmdlets)
    exists = result.error is not None and result.error.category in ALREADY_EXISTS
    return not result.ok and (step.creates or (adds and exists))


def _exists(context: StepContext, is_needed: IsNeeded) -> bool:
    """Whether what a step could not create exists now as the topology wants it.

    Another run may have gone on to restart the machine. Raises Cancelled.
    """
    try:
        return _needed_once_it_answers(context, is_needed) is False
    except Cancelled:
        raise
    except NestlabError:
        return False  # the failure of the step is reported, not the failure of this observation


def _needed_once_it_answers(context: StepContext, is_needed: IsNeeded) -> bool | None:
    """Whether a step is needed; polls for a while if its machine does not answer, then None."""
    for attempt in range(_RECONNECTS):
        if attempt:
            context.session.wait(RECONNECT_SECONDS, context.cancel)
        with contextlib.suppress(GuestUnreachable, SessionBroken):
            if (needed := is_needed()) is not None:
                return needed
    return None


def _took_effect(context: StepContext, is_needed: IsNeeded) -> bool:
    """Poll until the machine answers again; return whether the step has taken effect."""
    for _ in range(_RECONNECTS):
        context.session.wait(RECONNECT_SECONDS, context.cancel)
        with contextlib.suppress(HostError):
            if (needed := is_needed()) is not None:
                return not needed
    return False


def _done_by_another_run(step: Step, result: StepResult) -> str:
    if not step.creates:
        return tr("This was done by another run: {reason}", reason=result.message)
    return tr(
        "{target} was created by another run: {reason}",
        target=_target_text(step),
        reason=result.message,
    )


def _target_text(step: Step) -> str:
    return translate(_TARGETS[step.target.kind], name=step.target.name)


def _refused(step: Step, refusal: Refusal, seconds: float) -> StepResult:
    """Return the result of a step that must not run: removals are skipped, others fail.

    So are those of entries, and changes of what serves a switch, where others may use them.
    """
    message = tr("Not done: {why}", why=refusal.why)
    is_kept = refusal.in_use and step.action in {*_ENTRY_REMOVALS, *CHANGES_OF_SERVICES}
    if step.action in _REMOVALS or is_kept:
        return StepResult(step=step, status=StepState.SKIPPED, seconds=seconds, message=message)
    return StepResult(
        step=step,
        status=StepState.FAILED,
        seconds=seconds,
        message=message,
        hint=tr("This step changed nothing. Plan again to see what is left to do."),
    )


def _attempt(step: Step, sessions: Sessions, context: StepContext, began: float) -> StepResult:
    """Run the cmdlets of a step, if it still acts on the objects it was planned for.

    Raises Cancelled, and HostError where the connection is lost.
    """
    identified = context.identify(step, sessions.to)
    if isinstance(identified, Refusal):
        return _refused(step, identified, time.monotonic() - began)
    step, activities = identified, Activities(step)

    def on_progress(progress: Progress) -> None:
        context.on_event(activities.event(progress))

    try:
        outcome = _run(step, sessions, context, on_progress)
    except CmdletError as error:
        return _explained(step, error, time.monotonic() - began)
    except SeveralWindowsInstallations as error:
        return failure(step, error, time.monotonic() - began, "")
    errors = _relevant_errors(outcome.errors, step.cmdlets)
    seconds = time.monotonic() - began
    if errors:
        return StepResult(
            step=step,
            status=StepState.FAILED,
            seconds=seconds,
            message=errors[0].message,
            hint=_advice(errors[0]),
            error=errors[0],
        )
    identified_step = with_ids(step, _created_ids(step, outcome))
    if not step.target.id and _removed_as_duplicate(
        identified_step, sessions.to(step.machine), context
    ):
        message = tr(
            "another run created the {target} at the same time; the one created here was removed",
            target=_target_text(step),
        )
        return StepResult(step=step, status=StepState.UNCHANGED, seconds=seconds, message=message)
    warnings = (*step.notices, *outcome.warnings)
    return StepResult(
        step=identified_step, status=StepState.DONE, seconds=seconds, warnings=warnings
    )


def _explained(step: Step, error: CmdletError, seconds: float) -> StepResult:
    """Return the result of a step whose cmdlet failed: what its error means, and what to do."""
    result = failure(step, error, seconds, _advice(error.record))
    missing = windows_missing(step, error.cmdlet)
    if missing is None:
        return result
    message, hint = missing
    return replace(result, message=f"{message} ({error.record.message})", hint=hint)


def _run(step: Step, sessions: Sessions, context: StepContext, on_progress: OnProgress) -> Outcome:
    """Run the cmdlets; where the machine restarts, the end of its session is not an error."""
    restarts = any(cmdlet.name in _RESTARTS for cmdlet in step.cmdlets)
    try:
        outcome = run_cmdlets(step, sessions, context, on_progress)
    except SessionBroken:
        if not restarts:
            raise
        outcome = Outcome()
    if restarts:
        sessions.disconnect(step.machine)
    return outcome


def _created_ids(step: Step, outcome: Outcome) -> dict[tuple[TargetKind, str], str]:
    """Return the Ids of the objects that a step created, from the output of its cmdlets."""
    ids = {
        (TargetKind.ADAPTER, str(record.get("Name", "")).casefold()): str(record["Id"])
        for record in outcome.of_type("VMNetworkAdapter")
    }
    kind = step.target.kind
    if step.creates and kind in _RECORD_TYPES:
        made = [str(record["Id"]) for record in outcome.of_type(_RECORD_TYPES[kind])]
        if kind == TargetKind.VM:  # a new VM whose adapter is renamed in the same pipeline
            made += [str(record["VMId"]) for record in outcome.of_type("VMNetworkAdapter")]
        for identity in made[-1:]:
            ids[kind, step.target.name.casefold()] = identity.strip("{}").lower()
    return ids


def _removed_as_duplicate(step: Step, session: Session, context: StepContext) -> bool:
    """Whether another run created the same object, and this step's own was removed."""
    run = partial(session.run, cancel=context.cancel)
    if not may_have_a_duplicate(step) or duplicate_of(step, run, context.session.wait) is None:
        return False
    session.run(remove_own_object(step))
    return True


def _relevant_errors(
    errors: tuple[ErrorRecord, ...], cmdlets: tuple[Cmdlet, ...]
) -> tuple[ErrorRecord, ...]:
    """Return the errors of cmdlets; none if one of them sets ErrorAction."""
    return () if any("ErrorAction" in cmdlet.parameters for cmdlet in cmdlets) else errors


def _advice(record: ErrorRecord) -> str:
    """Return what an error means, what to check first, and how to fix it."""
    known = explain(record)
    if known is None:
        return tr(
            "Check the machine, then run the same command again: completed steps are not repeated."
        )
    return known.advice
