"""One machine of a run: its steps in order, the looks at it, and the waits for it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Protocol

from nestlab.apply.context import Run
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS, answers, too_late
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.plan import Deferred, Hazard, Plan, Step, ThingKind

FRESH_SECONDS = 30.0
"""How long an observation is trusted. Who thinks longer before the next step gets a new look at the machine first."""


_OF_VMS = frozenset({"vm", "disk"})


@dataclass(frozen=True)
class Work:
    """Something to do on the lane's machine: a step (the `number`-th `of` so many), a look, a question."""

    do: Callable[[], Any]
    step: Step | None = None
    number: int = 0
    of: int = 0

    @property
    def exclusive(self) -> bool:
        """Whether nothing may run beside it: with the host's connection, the sessions to all that runs on it are lost."""
        return (
            self.step is not None
            and self.step.machine == HOST
            and self.step.hazard is Hazard.MAY_CUT_CONNECTION
        )


@dataclass(frozen=True)
class Pause:
    """The machine does not answer yet; it is asked again in a moment."""


@dataclass(frozen=True)
class WaitForParent:
    """The machine has started since its host was looked at, and what the host says of it is needed now."""


Request = Work | Pause | WaitForParent | StepResult
"""What a lane waits for before it goes on; a result is told without any work."""


class SchedulerContext(Protocol):
    """What a lane needs of those that run all lanes."""

    run: Run
    sessions: Sessions

    def ask(self, step: Step) -> None:
        """Ask whether a step may run; raises Cancelled."""
        ...

    def is_watched(self, machine: MachinePath) -> bool:
        """Whether somebody waits for a look at the machine."""
        ...

    def seen(self, machine: MachinePath, state: HostState | None, *, restarted: bool) -> Plan:
        """Take what a look has shown, and return the plan as it is now."""
        ...

    def bound(self, step: Step) -> Step:
        """Return a step that addresses by Id what steps before it have made."""
        ...

    def execute(self, step: Step) -> StepResult:
        """Run a step."""
        ...


class MachineTask:
    """What is done on one machine, as a generator of wishes: one thing at a time, steps in the order of the plan."""

    _steps: tuple[Step, ...]
    _deferred: Deferred | None

    def __init__(self, machine: MachinePath, plan: Plan, scheduler: SchedulerContext) -> None:
        self.machine = machine
        self.waited = 0.0
        self.answer: Any = None
        self._scheduler = scheduler
        self._skipped: set[str] = set()  # what others have now, or use
        self._take(plan)
        self._vms_left = Counter(
            step.thing.name for step in self._steps if step.thing.kind == ThingKind.VM
        )
        self._done: list[Step] = []
        self._changed: set[str] = set()  # kinds of things, since the last look at the whole machine
        self._looked = self._rested = time.monotonic()
        self._requests = self._work()

    def resume(self) -> Request:
        """Return the next wish, given the answer to the last one; raises StopIteration where nothing is left to do."""
        answer, self.answer = self.answer, None
        return self._requests.send(answer)

    def blocks(self, vm: str) -> bool:
        """Whether something has to be done on this machine before anybody may wait for a VM on it."""
        return self._deferred is not None or vm in self._vms_left

    def _take(self, plan: Plan) -> None:
        self._steps = tuple(
            step
            for step in plan.steps
            if step.machine == self.machine and step.id not in self._skipped
        )
        self._deferred = next(
            (deferred for deferred in plan.deferred if deferred.machine == self.machine), None
        )

    def _work(self) -> Generator[Request, Any, None]:
        while self._steps or self._deferred:
            steps, deferred = self._steps, self._deferred
            self._vms_left, self._done = (
                Counter(step.thing.name for step in steps if step.thing.kind == ThingKind.VM),
                [],
            )
            for number, step in enumerate(steps, 1):
                yield from self._step(step, number, len(steps))
                self._vms_left -= Counter([step.thing.name])
            if deferred is not None:
                yield from self._until_it_answers(deferred)
            yield from self._look(restarted=deferred is not None)
            yield from self._without_effect()

    def _step(self, step: Step, number: int, of: int) -> Generator[Request, Any, None]:
        self._scheduler.ask(step)
        if self._needs_look(step):
            yield from self._look(at_vms=self._changed <= _OF_VMS and self._is_fresh)
        if step.id not in {wanted.id for wanted in self._steps}:
            yield StepResult(
                step=step,
                status="already-so",
                message="a new look at the machines says that it is not needed now",
            )
            return
        step = self._scheduler.bound(step)
        result: StepResult = yield Work(lambda: self._scheduler.execute(step), step, number, of)
        self.waited, self._rested = 0.0, time.monotonic()
        if result.status == "skipped":
            self._skipped.add(step.id)
        self._changed.add(step.thing.kind)
        if result.status == "done":
            self._done.append(step)

    def _needs_look(self, step: Step) -> bool:
        if time.monotonic() - self._rested > FRESH_SECONDS:
            return True
        # What is half made is finished in the way it was begun.
        is_half_made = any(
            (done.thing.kind, done.thing.name) == (step.thing.kind, step.thing.name)
            for done in self._done
        )
        return not is_half_made and (not self._is_fresh or self._scheduler.is_watched(self.machine))

    @property
    def _is_fresh(self) -> bool:
        return time.monotonic() - self._looked <= FRESH_SECONDS

    def _without_effect(self) -> Generator[Request, Any, None]:
        """Yield a failure where a step that was done is wanted again: the machine said nothing, and it is not so."""
        again = {step.id for step in self._steps}
        for step in self._done:
            if step.id in again:
                message = (
                    f"{step.title}: the host reported no error, and yet it did not take effect"
                )
                hint = "Look at the machine: does something else change it? Then apply again."
                yield StepResult(step=step, status="failed", message=message, hint=hint)

    def _look(
        self, *, restarted: bool = False, at_vms: bool = False
    ) -> Generator[Request, Any, None]:
        state = yield Work(lambda: self._scheduler.run.look(self.machine, at_vms=at_vms))
        self._rested = time.monotonic()
        if not at_vms:
            self._looked, self._changed = self._rested, set()
        self._take(self._scheduler.seen(self.machine, state, restarted=restarted))

    def _until_it_answers(self, deferred: Deferred) -> Generator[Request, Any, None]:
        """Let time pass until the machine answers; raises GuestUnreachable where it does not within the time limit."""
        run, answered = self._scheduler.run, False
        while not answered:
            if self.waited >= LIMIT_SECONDS:
                raise too_late(deferred, run.session.host)
            yield Pause()
            self.waited += POLL_SECONDS
            answered = yield Work(lambda: answers(deferred, self._scheduler.sessions, run.cancel))
        yield WaitForParent()
