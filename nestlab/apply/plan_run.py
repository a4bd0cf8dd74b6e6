"""Running a plan, and what it defers, until the machines are as they are wanted."""

from __future__ import annotations

import time
from collections.abc import Iterator

from nestlab.apply.context import Run
from nestlab.apply.scheduler import Scheduler
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult
from nestlab.errors import Cancelled
from nestlab.plan import Plan, replanned


def run_plan(plan: Plan, run: Run) -> Iterator[StepResult]:
    """Apply a plan, and what it deferred; yield one result a step as they end.

    The steps of one machine run one after the other; on several machines they run side by side.
    After the first that failed nothing new begins: what runs comes to its end, and the failure is
    yielded last.

    Raises StalePlan where what the plan stands on has changed since it was made; what else has
    changed is told in an event ``{"event": "host-changed", "changes": [...]}``. Raises Cancelled,
    GuestUnreachable for a guest that never answers, JournalError. Whatever ends it, a second run
    goes on where this one stopped.
    """
    states = run.observe()
    plan, changes = replanned(plan, states, run.replan_checked or run.replan)
    if changes:
        run.on_event({"event": "host-changed", "changes": list(changes)})
    began = time.monotonic()
    status = "failed"
    sessions, pool = (
        Sessions(run.session, plan.credentials),
        run.session.worker_pool(run.workers, run.cancel),
    )
    scheduler = Scheduler(plan, states, run, sessions, pool)
    try:
        yield from scheduler.results()
        status = "failed" if scheduler.failed else "done"
    except (Cancelled, GeneratorExit):
        status = "cancelled"
        pool.close()
        scheduler.drain()
        raise
    finally:
        pool.close()
        sessions.close()
        run.on_event(
            {"event": "finished", "status": status, "seconds": round(time.monotonic() - began, 3)}
        )
