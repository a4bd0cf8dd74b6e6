"""Running a plan and what it defers, until the machines match the topology."""

from __future__ import annotations

import time
from collections.abc import Iterator

from nestlab.apply.context import ApplyContext
from nestlab.apply.events import HostChanged, RunFinished, RunStatus
from nestlab.apply.scheduler import Scheduler
from nestlab.apply.sessions import Sessions
from nestlab.apply.started_vms import StartedVm, noting_started, wait_until_up
from nestlab.apply.step_result import StepResult
from nestlab.errors import Cancelled
from nestlab.model.topology import VM
from nestlab.plan import Plan, replanned


def run_plan(plan: Plan, run: ApplyContext) -> Iterator[StepResult]:
    """Apply a plan and what it deferred; yield one result per step, as they end.

    The steps of one machine run one after the other; several machines run in parallel. After the
    first failure no step is started: running steps are completed, and the failure is yielded last.
    However a run ends, a second one continues where it stopped. At the end it waits until the
    guests that it started have a heartbeat; an event `GuestsNotUp` names those that have none.

    Raises:
        StalePlan: What the plan depends on has changed since it was made. Other changes are
            reported in an event `HostChanged`.
        Cancelled: The run was cancelled.
        GuestUnreachable: A guest did not answer within the time limit.
        JournalError: The journal cannot be written.
    """
    states = run.observe()
    plan, changes = replanned(plan, states, run.check_and_replan or run.replan)
    if changes:
        run.on_event(HostChanged(changes))
    began = time.monotonic()
    status = RunStatus.FAILED
    sessions = Sessions(run.session, plan.credentials)
    pool = run.session.worker_pool(run.workers, run.cancel)
    scheduler = Scheduler(plan, states, run, sessions, pool)
    try:
        started: list[StartedVm] = []
        yield from noting_started(scheduler.results(), started)
        status = RunStatus.FAILED if scheduler.failed else RunStatus.DONE
        if run.journal is not None and status is RunStatus.DONE:
            run.journal.record_run_end()
        if status is RunStatus.DONE:
            pool.close()
            wait_until_up([vm for vm in started if _has_no_credential(plan, vm)], sessions, run)
    except (Cancelled, GeneratorExit):
        status = RunStatus.CANCELLED
        pool.close()
        scheduler.drain()
        raise
    finally:
        pool.close()
        sessions.close()
        run.on_event(RunFinished(status, time.monotonic() - began))


def _has_no_credential(plan: Plan, started: StartedVm) -> bool:
    """Whether a heartbeat is the only sign that this guest is up.

    Without a credential, the run has not waited for it over PowerShell Direct.
    """
    # A VM of others inside a nested host, which the run started again, is not in the topology.
    wanted = dict(plan.topology.machines()).get(started.path) if plan.topology is not None else None
    return (
        isinstance(wanted, VM)
        and wanted.guest.os != "none"
        and started.path not in plan.credentials
    )
