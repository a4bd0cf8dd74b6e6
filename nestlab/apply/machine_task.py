"""One machine of a run: its steps in order, its observations, and waiting until it answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from nestlab.apply.context import ApplyContext
from nestlab.apply.guest_os import not_windows_error, other_os_name
from nestlab.apply.planned_again import is_planned_again
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import CHANGES_OF_SERVICES
from nestlab.apply.step_result import StepResult, StepState
from nestlab.apply.waiting import (
    LIMIT_SECONDS,
    NO_HEARTBEAT_SECONDS,
    POLL_SECONDS,
    after_first_boot,
    answer_timeout,
    answers,
    has_not_started,
    not_started,
)
from nestlab.dataclass import dataclass, replace
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.plan import Deferred, Hazard, Plan, Step, TargetKind
from nestlab.texts import tr

FRESH_SECONDS = 30.0
"""How many seconds an observation is valid; after that, the machine is observed before a step."""

_OF_VMS = frozenset({TargetKind.VM, TargetKind.DISK})


class MachineState(StrEnum):
    """The state of a machine in a run."""

    READY = "ready"
    WORKING = "working"
    WAITING_FOR_OTHERS = "waiting-for-others"
    NOT_ANSWERING = "not-answering"
    WAITING_FOR_PARENT = "waiting-for-parent"
    ENDED = "ended"


@dataclass(frozen=True)
class Work:
    """A job for a worker: a step (number `number` of `of`), an observation, or a probe."""

    do: Callable[[], Any]
    step: Step | None = None
    number: int = 0
    of: int = 0

    @property
    def exclusive(self) -> bool:
        """Whether it must run alone.

        When the host's connection is lost, so are the sessions to all guests.
        """
        return (
            self.step is not None
            and self.step.machine == HOST
            and self.step.hazard is Hazard.MAY_CUT_CONNECTION
        )


@dataclass(frozen=True)
class WaitForAnswer:
    """The machine does not answer yet; the task waits before the next attempt."""


@dataclass(frozen=True)
class WaitForParent:
    """The machine has started since its host was last observed: observe its host again."""


Request = Work | WaitForAnswer | WaitForParent | StepResult
"""What a task waits for before it continues; a result is only recorded."""


class SchedulerContext(Protocol):
    """What a task needs of the scheduler."""

    context: ApplyContext
    sessions: Sessions

    def require_consent(self, step: Step) -> None:
        """Ask whether a step may run; raises Cancelled if not."""
        ...

    def has_waiting_children(self, machine: MachinePath) -> bool:
        """Whether the task of a VM on the machine waits for an observation of it."""
        ...

    def update_state(
        self, machine: MachinePath, state: HostState | None, *, restarted: bool
    ) -> Plan:
        """Record an observation, and return the plan that follows from it."""
        ...

    def with_known_ids(self, step: Step) -> Step:
        """Return a step with the Ids of the objects that earlier steps created."""
        ...

    def execute(self, step: Step) -> StepResult:
        """Run a step."""
        ...


class MachineTask:
    """The work on one machine: a generator that yields one request at a time.

    `state` is the state of the machine, `result` the result of the last request, `waited` the
    seconds for which the machine has not answered. The scheduler sets the first two.
    """

    _steps: tuple[Step, ...]
    _deferred: Deferred | None

    def __init__(self, machine: MachinePath, plan: Plan, scheduler: SchedulerContext) -> None:
        self.machine = machine
        self.state = MachineState.READY
        self.waited = 0.0
        self.result: Any = None
        self._scheduler = scheduler
        self._changed: set[TargetKind] = set()  # since the last full observation
        self._skipped: set[str] = set()  # steps whose object others use or own
        self._not_done: dict[str, str] = {}  # changes that others prevent, and why, as a result
        self._first_boot = False  # in this run: Windows in it refuses every credential for a while
        self._take_steps(plan)
        self._vms_left = _vms_of(self._steps)
        self._done: list[Step] = []
        self._observed_at = self._active_at = time.monotonic()
        self._requests = self._work()

    def resume(self) -> Request | None:
        """Return the next request, given the result of the last one; None when all is done."""
        result, self.result = self.result, None
        try:
            return self._requests.send(result)
        except StopIteration:
            return None

    def blocks(self, vm: str) -> bool:
        """Whether steps on this machine have to run before a VM on it can be waited for."""
        return self._deferred is not None or vm in self._vms_left

    def _take_steps(self, plan: Plan) -> None:
        own = (step for step in plan.steps if step.machine == self.machine)
        self._steps = tuple(step for step in own if step.id not in self._skipped)
        self._deferred = next(
            (deferred for deferred in plan.deferred if deferred.machine == self.machine), None
        )
        self._first_boot |= self._deferred is not None and self._deferred.first_boot

    def _work(self) -> Generator[Request, Any, None]:
        while self._steps or self._deferred:
            steps, deferred = self._steps, self._deferred
            self._vms_left, self._done, left = _vms_of(steps), [], steps
            for number, step in enumerate(steps, 1):
                if is_planned_again(step, self._done):
                    break
                yield from self._step(step, number, len(steps))
                self._vms_left -= Counter([step.target.name])
                left = steps[number:]
            if deferred is not None and not left:
                yield from self._wait_for_answer(deferred)
            yield from self._observe(restarted=deferred is not None and not left)
            yield from self._fail_steps_without_effect()
            planned = self._skipped | {step.id for step in self._steps}
            yield from (_not_needed(step) for step in left if step.id not in planned)

    def _step(self, step: Step, number: int, of: int) -> Generator[Request, Any, None]:
        if reason := next(filter(None, map(self._not_done.get, step.needs)), ""):
            self._skip(step, reason)
            yield StepResult(step=step, status=StepState.SKIPPED, message=reason)
            return
        self._scheduler.require_consent(step)
        if self._must_observe(step):
            yield from self._observe(vms_only=self._changed <= _OF_VMS and self._is_fresh)
        if step.id not in {needed.id for needed in self._steps}:
            yield _not_needed(step)
            return
        step = self._scheduler.with_known_ids(step)
        result: StepResult = yield Work(lambda: self._scheduler.execute(step), step, number, of)
        self.waited, self._active_at = 0.0, time.monotonic()
        self._changed.add(step.target.kind)
        if result.status == StepState.SKIPPED:
            self._skip(step, _needed(step) if step.action in CHANGES_OF_SERVICES else "")
        if result.status == StepState.DONE:
            self._done.append(step)

    def _skip(self, step: Step, reason: str) -> None:
        """Leave a step out from now on; with a reason, also those that need it."""
        self._skipped.add(step.id)
        self._not_done[step.id] = reason

    def _must_observe(self, step: Step) -> bool:
        if time.monotonic() - self._active_at > FRESH_SECONDS:
            return True
        # An object that is partly configured is completed before the machine is observed again.
        is_incomplete = any(
            (done.target.kind, done.target.name) == (step.target.kind, step.target.name)
            for done in self._done
        )
        return not is_incomplete and (
            not self._is_fresh or self._scheduler.has_waiting_children(self.machine)
        )

    @property
    def _is_fresh(self) -> bool:
        return time.monotonic() - self._observed_at <= FRESH_SECONDS

    def _fail_steps_without_effect(self) -> Generator[Request, Any, None]:
        """Yield a failure for each step that reported no error and is still needed."""
        again = {step.id for step in self._steps}
        for step in self._done:
            if step.id in again:
                message = tr(
                    "{title}: the host reported no error, but the step did not take effect",
                    title=step.title,
                )
                hint = tr(
                    "Check whether something else changes the machine, then run the same command again."
                )
                yield StepResult(step=step, status=StepState.FAILED, message=message, hint=hint)

    def _observe(
        self, *, restarted: bool = False, vms_only: bool = False
    ) -> Generator[Request, Any, None]:
        state = yield Work(
            lambda: self._scheduler.context.observe_again(self.machine, vms_only=vms_only)
        )
        self._active_at = time.monotonic()
        if not vms_only:
            self._observed_at, self._changed = self._active_at, set()
        self._take_steps(self._scheduler.update_state(self.machine, state, restarted=restarted))

    def _wait_for_answer(self, deferred: Deferred) -> Generator[Request, Any, None]:
        """Wait until the machine answers; raises GuestUnreachable at the time limit."""
        context, answered = self._scheduler.context, False
        deferred = replace(deferred, first_boot=self._first_boot)
        while not answered:
            is_last = self.waited >= LIMIT_SECONDS
            if not is_last:
                yield WaitForAnswer()
                self.waited += POLL_SECONDS
            asked = after_first_boot(deferred) if is_last else deferred
            answered = yield Work(partial(answers, asked, self._scheduler.sessions, context.cancel))
            if (
                not answered
                and (is_last or self._may_not_have_started)
                and (
                    yield Work(
                        partial(has_not_started, asked, self._scheduler.sessions, context.cancel)
                    )
                )
            ):
                raise not_started(deferred, context.session.host)
            if is_last and not answered:
                raise answer_timeout(deferred, context.session.host)
            if not answered and self.waited % 60 < POLL_SECONDS:
                asks = partial(other_os_name, asked, self._scheduler.sessions, context.cancel)
                if system := (yield Work(asks)):
                    raise not_windows_error(deferred, system, context.session.host)
        yield WaitForParent()

    @property
    def _may_not_have_started(self) -> bool:
        """Whether the next check for signs of a started system is due; there is one a minute."""
        due = self.waited >= NO_HEARTBEAT_SECONDS and self.waited % 60 < POLL_SECONDS
        return due and not self._first_boot


def _not_needed(step: Step) -> StepResult:
    message = tr("it is no longer needed after the machine was observed again")
    return StepResult(step=step, status=StepState.UNCHANGED, message=message)


def _needed(step: Step) -> str:
    """Return why the steps that need a step which was not done are not done either."""
    return tr("Not done: it needs a step that was not done: {title}", title=step.title)


def _vms_of(steps: tuple[Step, ...]) -> Counter[str]:
    return Counter(step.target.name for step in steps if step.target.kind == TargetKind.VM)
