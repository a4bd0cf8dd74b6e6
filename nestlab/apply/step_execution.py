"""One step: its cmdlets on its machine, what they said, and what a lost connection means."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nestlab.apply.activities import Activities
from nestlab.apply.context import Run, States
from nestlab.apply.duplicates import duplicate_of, may_have_a_duplicate, take_back
from nestlab.apply.nat_changes import NatChangeQueue, changes_nat
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult, failure
from nestlab.apply.transient_errors import RETRIES, RETRY_SECONDS, may_appear
from nestlab.errors import CmdletError, HostError, NestlabError, SessionBroken
from nestlab.known_errors import explain
from nestlab.model import Cmdlet, ErrorRecord, Outcome, Progress, path_text
from nestlab.plan import Action, Hazard, Refusal, Step, ThingKind
from nestlab.plan.addressing import bind
from nestlab.transport.session import Session

RECONNECT_SECONDS = 5.0
_RECONNECTS = 24
_RESTARTS = frozenset({"Restart-Computer", "Stop-Computer"})


def execute(step: Step, sessions: Sessions, run: Run, states: States | None = None) -> StepResult:
    """Run a step and return what became of it, a lost connection included; raises Cancelled.

    An External switch takes the address of its adapter over, and sessions through it end and come
    back: where the step says that this can happen, its machine is asked for a while whether it has
    taken effect. `states` is what is known of the other machines then.
    """
    began = time.monotonic()
    try:
        result = _attempt(step, sessions, run, began)
    except HostError as error:
        if (
            step.hazard is Hazard.MAY_CUT_CONNECTION
            and states is not None
            and _took_effect(step, run, states)
        ):
            warning = f"The connection was lost and came back: {error.message}"
            return StepResult(
                step=step, status="done", seconds=time.monotonic() - began, warnings=(warning,)
            )
        return failure(step, error, time.monotonic() - began, _LOST)
    if not result.ok and step.creates and states is not None and _is_there(step, run, states):
        return replace(
            result,
            status="already-so",
            message=f"{_named(step)} was made meanwhile: {result.message}",
            hint="",
        )
    return result


def _is_there(step: Step, run: Run, states: States) -> bool:
    """Whether what a step could not make is there now, as the topology wants it."""
    with contextlib.suppress(NestlabError):
        state = run.look(step.machine)
        return state is not None and step.id not in {
            wanted.id for wanted in run.replan({**states, step.machine: state}).steps
        }
    return False


def _named(step: Step) -> str:
    return f"{step.thing.kind} {step.thing.name}"


def _refused(step: Step, refusal: Refusal, seconds: float) -> StepResult:
    """Return what becomes of a step that must not run: a removal is passed over, anything else ends the run."""
    message = f"Not done: {refusal.why}"
    if step.action in _REMOVALS:
        return StepResult(step=step, status="skipped", seconds=seconds, message=message)
    return StepResult(
        step=step,
        status="failed",
        seconds=seconds,
        message=message,
        hint="Nothing was changed. Plan again to see what is left to do.",
    )


_REMOVALS = frozenset(
    {
        Action.REMOVE_VM,
        Action.DELETE_DISK,
        Action.REMOVE_NAT,
        Action.REMOVE_SCOPE,
        Action.REMOVE_ADDRESS,
        Action.REMOVE_SWITCH,
    }
)


def _took_effect(step: Step, run: Run, states: States) -> bool:
    for _ in range(_RECONNECTS):
        run.session.wait(RECONNECT_SECONDS, run.cancel)
        with contextlib.suppress(HostError):
            state = run.look(step.machine)
            if state is not None:
                return step.id not in {
                    wanted.id for wanted in run.replan({**states, step.machine: state}).steps
                }
    return False


def _attempt(step: Step, sessions: Sessions, run: Run, began: float) -> StepResult:
    """Run the cmdlets of a step on its machine, where it still acts on what it was planned for; raises Cancelled, and HostError where the connection is lost."""
    activities = Activities()

    def on_progress(progress: Progress) -> None:
        run.on_event(
            {
                "event": "progress",
                "id": step.id,
                "machine": path_text(step.machine),
                **activities.told(progress),
            }
        )

    identified = run.identify(step, sessions.to)
    if isinstance(identified, Refusal):
        return _refused(step, identified, time.monotonic() - began)
    step = identified
    restarts = any(cmdlet.name in _RESTARTS for cmdlet in step.cmdlets)
    try:
        outcome = _with_retries(step, sessions, run, on_progress)
    except CmdletError as error:
        return failure(step, error, time.monotonic() - began, _advice(error.record))
    except SessionBroken:
        # A machine that restarts takes the session with it.
        if not restarts:
            raise
        outcome = Outcome()
    if restarts:
        sessions.forget(step.machine)
    said = _errors(outcome.errors, step.cmdlets)
    seconds = time.monotonic() - began
    if said:
        return StepResult(
            step=step,
            status="failed",
            seconds=seconds,
            message=said[0].message,
            hint=_advice(said[0]),
            error=said[0],
        )
    bound = bind(step, _made(step, outcome))
    if not step.thing.id and _is_a_double(bound, sessions.to(step.machine), run):
        message = f"another run has made the {_named(step)} at the same time; the one made here was taken back"
        return StepResult(step=step, status="already-so", seconds=seconds, message=message)
    warnings = (*step.kept, *outcome.warnings)
    return StepResult(step=bound, status="done", seconds=seconds, warnings=warnings)


def _made(step: Step, outcome: Outcome) -> dict[tuple[ThingKind, str], str]:
    """Return the Ids of what a step made, from what its cmdlets returned."""
    made = {
        (ThingKind.ADAPTER, str(record.get("Name", "")).casefold()): str(record["Id"])
        for record in outcome.of_type("VMNetworkAdapter")
    }
    if step.creates and step.thing.kind in _MADE:
        ids = [str(record["Id"]) for record in outcome.of_type(_MADE[step.thing.kind])]
        if step.thing.kind == "vm":  # a new VM whose adapter is named in the same pipeline
            ids += [str(record["VMId"]) for record in outcome.of_type("VMNetworkAdapter")]
        made |= {
            (step.thing.kind, step.thing.name.casefold()): identity.strip("{}").lower()
            for identity in ids[-1:]
        }
    return made


_MADE = {ThingKind.VM: "VirtualMachine", ThingKind.SWITCH: "VMSwitch"}


def _is_a_double(step: Step, session: Session, run: Run) -> bool:
    """Whether another run has made what a step made as well, and this one had to go."""
    if (
        not may_have_a_duplicate(step)
        or duplicate_of(step, partial(session.run, cancel=run.cancel), run.session.wait) is None
    ):
        return False
    session.run(take_back(step))
    return True


def _with_retries(
    step: Step, sessions: Sessions, run: Run, on_progress: Callable[[Progress], None]
) -> Outcome:
    if changes_nat(step.cmdlets):
        return _in_the_nat_queue(step, sessions, run, on_progress)
    for _ in range(RETRIES):
        try:
            return sessions.to(step.machine).run(
                *step.cmdlets, on_progress=on_progress, cancel=run.cancel
            )
        except CmdletError as error:
            if not may_appear(step, error.record):
                raise
            on_progress(Progress("Trying again: it may appear in a moment", error.record.message))
            run.session.wait(RETRY_SECONDS, run.cancel)
    return sessions.to(step.machine).run(*step.cmdlets, on_progress=on_progress, cancel=run.cancel)


def _in_the_nat_queue(
    step: Step, sessions: Sessions, run: Run, on_progress: Callable[[Progress], None]
) -> Outcome:
    session = sessions.to(step.machine)

    def wait(seconds: float, record: ErrorRecord) -> None:
        on_progress(
            Progress(
                "Trying again: WinNAT makes one change at a time, and another is under way",
                record.message,
            )
        )
        run.session.wait(seconds, run.cancel)

    def send(cmdlet: Cmdlet) -> Outcome:
        return session.run(cmdlet, on_progress=on_progress, cancel=run.cancel)

    return NatChangeQueue(session.host, step.machine, send, wait).change(step.cmdlets)


def _errors(
    errors: tuple[ErrorRecord, ...], cmdlets: tuple[Cmdlet, ...]
) -> tuple[ErrorRecord, ...]:
    """Return the errors that count: a cmdlet that asks to go on after errors has said that its own do not."""
    return () if any("ErrorAction" in cmdlet.parameters for cmdlet in cmdlets) else errors


def _advice(record: ErrorRecord) -> str:
    """Return what an error means, what to look at first, and what mends it."""
    known = explain(record)
    if known is None:
        return "Nothing after this step was touched. Look at the machine, then apply again: what is done already is not done twice."
    return known.advice


_LOST = "The step may or may not have taken effect. Apply again: what is done already is not done twice."
