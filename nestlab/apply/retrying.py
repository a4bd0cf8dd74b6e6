"""Running the cmdlets of a step, with retries of transient errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from nestlab.apply.context import StepContext
from nestlab.apply.nat_changes import NatChangeRunner, changes_nat
from nestlab.apply.sessions import Sessions
from nestlab.apply.transient_errors import RETRIES, RETRY_SECONDS, may_appear_later
from nestlab.apply.windows_partition import mounted
from nestlab.errors import (
    Cancelled,
    CmdletError,
    HostError,
    NestlabError,
    SeveralWindowsInstallations,
)
from nestlab.model import Cmdlet, ErrorRecord, Outcome, Progress
from nestlab.plan import Step, writes_into_windows
from nestlab.texts import tr
from nestlab.transport.session import Cancel

OnProgress = Callable[[Progress], None]


def run_cmdlets(
    step: Step, sessions: Sessions, context: StepContext, on_progress: OnProgress
) -> Outcome:
    """Run the cmdlets of a step on its machine; raises the errors of `Session.run`."""
    if changes_nat(step.cmdlets):
        return _change_nat(step, sessions, context, on_progress)

    def attempt() -> Outcome:
        session = sessions.to(step.runs_on)
        return _run_all(step, partial(session.run, on_progress=on_progress), context.cancel)

    for _ in range(RETRIES):
        try:
            return attempt()
        except CmdletError as error:
            if not may_appear_later(step, error.record):
                raise
            on_progress(
                Progress(tr("Retrying: the object may appear shortly"), error.record.message)
            )
            context.session.wait(RETRY_SECONDS, context.cancel)
    return attempt()


def _run_all(step: Step, run: Callable[..., Outcome], cancel: Cancel | None) -> Outcome:
    """Run the cmdlets of a step; the last `step.cleanup_count` run even if an earlier one fails."""
    try:
        if writes_into_windows(step):
            step = mounted(step, run, cancel)
        first = len(step.cmdlets) - step.cleanup_count
        outcome = run(*step.cmdlets[:first], cancel=cancel)
    except (CmdletError, Cancelled, SeveralWindowsInstallations):
        _clean_up(_cleanup_of(step), run)
        raise
    failed = _clean_up(_cleanup_of(step), run)
    if failed:
        raise failed[0]
    return outcome


def _cleanup_of(step: Step) -> tuple[Cmdlet, ...]:
    return step.cmdlets[len(step.cmdlets) - step.cleanup_count :]


def _clean_up(cmdlets: tuple[Cmdlet, ...], run: Callable[..., Outcome]) -> list[NestlabError]:
    """Run each of the cmdlets, even if an earlier one fails; return their errors."""
    failed: list[NestlabError] = []
    for cmdlet in cmdlets:
        try:
            run(cmdlet)
        except (HostError, CmdletError) as error:
            failed.append(error)
    return failed


def _change_nat(
    step: Step, sessions: Sessions, context: StepContext, on_progress: OnProgress
) -> Outcome:
    session = sessions.to(step.machine)

    def wait(seconds: float, record: ErrorRecord) -> None:
        activity = tr("Retrying: WinNAT makes one change at a time, and another is in progress")
        on_progress(Progress(activity, record.message))
        context.session.wait(seconds, context.cancel)

    def send(cmdlet: Cmdlet) -> Outcome:
        return session.run(cmdlet, on_progress=on_progress, cancel=context.cancel)

    return NatChangeRunner(session.host, step.machine, send, wait).change(step.cmdlets)
