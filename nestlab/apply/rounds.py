"""The rounds of a run: all steps but checkpoints, then the checkpoints, one level at a time."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from nestlab.apply.context import ApplyContext, States
from nestlab.apply.events import Replanned
from nestlab.apply.scheduler import Scheduler
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult
from nestlab.model.topology import VM
from nestlab.plan import Plan, next_checkpoints, with_checkpoints_of, without_checkpoints
from nestlab.transport.session import WorkerPool


class Rounds:
    """Runs a plan with a pool of workers, with one `Scheduler` for each round.

    Checkpoints begin when nothing else is left to do, so that they hold the lab as the file says.
    """

    def __init__(
        self,
        plan: Plan,
        states: States,
        context: ApplyContext,
        sessions: Sessions,
        pool: WorkerPool,
    ) -> None:
        self._topology = plan.topology
        self._context, self._sessions, self._pool = context, sessions, pool
        self._known = {step.id for step in plan.steps}
        self._scheduler = Scheduler(
            plan, states, context, sessions, pool, select=without_checkpoints
        )

    def run(self) -> Iterator[StepResult]:
        """Run all rounds; yield one result per step. Raises the errors of `Scheduler.run`."""
        yield from self._scheduler.run()
        while not self.failed and (plan := self._checkpoints()) is not None:
            ids = frozenset(step.id for step in plan.steps)
            select = partial(with_checkpoints_of, ids=ids)
            states = self._scheduler.states
            self._scheduler = Scheduler(
                plan, states, self._context, self._sessions, self._pool, select=select
            )
            yield from self._scheduler.run()

    def _checkpoints(self) -> Plan | None:
        """Return the plan of the next checkpoints; None if there are none to take now."""
        topology = self._topology
        if topology is None or not any(
            isinstance(machine, VM) and machine.checkpoints for _, machine in topology.machines()
        ):
            return None
        whole = self._context.replan(self._scheduler.states)
        added = tuple(step for step in whole.steps if step.id not in self._known)
        self._known.update(step.id for step in added)
        self._context.on_event(Replanned(whole, added))
        return next_checkpoints(whole)

    @property
    def failed(self) -> bool:
        """Whether a step failed."""
        return self._scheduler.failed

    @property
    def states(self) -> States:
        """What is known of the machines."""
        return self._scheduler.states

    def drain(self) -> None:
        """Record the steps that end after the caller has stopped taking results."""
        self._scheduler.drain()
