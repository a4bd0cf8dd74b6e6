"""The scheduler: runs the tasks of all machines in parallel, and reports how each step ended."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from nestlab.apply.context import ApplyContext, States
from nestlab.apply.events import Replanned, StepFinished, StepStarted, one_at_a_time
from nestlab.apply.guest_events import GuestLeftOut
from nestlab.apply.machine_task import MachineState, MachineTask, WaitForAnswer, WaitForParent, Work
from nestlab.apply.machine_tasks import MachineTasks
from nestlab.apply.service_restoring import run_step
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult, StepState
from nestlab.apply.waiting import POLL_SECONDS, waiting_for
from nestlab.dataclass import replace
from nestlab.errors import AnotherRunActive, Cancelled, GuestUnreachable, NestlabError
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.plan import Plan, Step, TargetKind, with_ids
from nestlab.plan.unseen_removals import without_unseen_removals
from nestlab.texts import tr
from nestlab.transport.session import WorkerPool

Ids = dict[tuple[TargetKind, str], str]


class Scheduler:
    """Runs the part of a plan that `select` returns, with what it defers, in a pool of workers.

    Each machine continues as soon as it can, independently of the others. The thread that takes the
    results decides, asks, writes the journal and reports events; workers only run jobs.
    """

    def __init__(
        self,
        plan: Plan,
        states: States,
        context: ApplyContext,
        sessions: Sessions,
        pool: WorkerPool,
        *,
        select: Callable[[Plan], Plan],
    ) -> None:
        self._lock = threading.RLock()
        self._report = one_at_a_time(context.on_event, self._lock)
        self.context = replace(context, cancel=pool.cancel, on_event=self._report)
        self._caller_context = context
        self.sessions, self._pool = sessions, pool
        self.states = dict(states)
        self._known_steps = {step.id for step in plan.steps}
        self._replan, self._select = partial(without_unseen_removals, plan), select
        self._plans = {HOST: select(plan)}  # by the machine whose observation they follow
        self._tasks = MachineTasks(plan.topology)
        self._running: dict[MachinePath, Work] = {}
        self._postponed: tuple[MachineTask, Work] | None = None  # until nothing else runs
        self._is_polling = False
        self._created_ids: dict[MachinePath, Ids] = {}  # of objects that steps of this run created
        self._results: deque[StepResult] = deque()
        self._executed, self._failures = set[str](), list[StepResult]()
        self._run_error: NestlabError | None = None
        self._tasks.add(self._new_task(HOST))
        self._tasks.register(self._plans[HOST])
        self._tasks.add_free(self._new_task)

    def run(self) -> Iterator[StepResult]:
        """Run the steps; yield one result per step, as they end.

        After a failure no further step is started; the failure is yielded when all running steps
        have ended. A guest that refuses its credential or does not answer is left out, with what is
        inside it; the other machines continue, and the error is raised when all have ended. Raises
        what ended the run: Cancelled, GuestUnreachable, and what observing, planning and the
        journal raise.
        """
        for machine, refusal in self.context.refusals(self._plans[HOST]).items():
            self._leave_out(machine, refusal)
        while self._advance():
            while self._results:
                yield self._results.popleft()
        yield from self._failures
        if self._run_error is not None:
            raise self._run_error
        if self._tasks.left_out:
            raise self._tasks.left_out.error(others_done=not self.failed)

    @property
    def failed(self) -> bool:
        """Whether a step failed."""
        return bool(self._failures)

    def drain(self) -> None:
        """Record the steps that end after the caller has stopped taking results."""
        while self._running:
            machine, future = self._pool.next()
            work = self._running.pop(machine, None) if machine is not None else None
            if work is not None and work.step is not None and future.exception() is None:
                self._step_finished(work.step, future.result())

    def _advance(self) -> bool:
        """Start what can run, and handle the next result; return whether there was anything."""
        try:
            if self._accepts_work:
                self._start_ready()
            if self._results:
                return True
            if not self._running and not (self._is_polling and self._accepts_work):
                return False
            self._handle_next_result()
        except NestlabError as error:
            self._run_error = self._run_error or error
        return True

    @property
    def _accepts_work(self) -> bool:
        return self._run_error is None and not self._failures

    def _start_ready(self) -> None:
        if self._postponed is not None and not self._running:
            (task, work), self._postponed = self._postponed, None
            self._start(task, work)
        while not self._results and not self._failures and not self._is_full():
            ready = self._tasks.in_state(MachineState.READY)
            if not ready:
                break
            self._resume(ready[0])
        # A pool of one worker would be blocked while it waits.
        waits = self._tasks.in_state(MachineState.NOT_ANSWERING)
        if waits and not self._is_polling and (self._pool.size > 1 or not self._running):
            self._start_polling(waits)

    def _is_full(self) -> bool:
        return (
            self._postponed is not None
            or len(self._running) >= self._pool.size
            or any(work.exclusive for work in self._running.values())
        )

    def _resume(self, task: MachineTask) -> None:
        """Resume a task until its next request, and handle the request."""
        try:
            request = task.resume()
        except GuestUnreachable as error:
            self._leave_out(task.machine, error)
            return
        match request:
            case None:
                self._tasks.end(task)
            case Work() if request.exclusive and self._running:
                task.state = MachineState.WAITING_FOR_OTHERS
                self._postponed = task, request
            case Work():
                self._start(task, request)
            case StepResult():
                self._record(request, began=request.status is not StepState.SKIPPED)
            case WaitForAnswer():
                task.state = MachineState.NOT_ANSWERING
            case WaitForParent() if task.machine[:-1] in self._tasks:
                task.state = MachineState.WAITING_FOR_PARENT
            case WaitForParent():
                pass
        self._tasks.add_free(self._new_task)

    def _start(self, task: MachineTask, work: Work) -> None:
        if work.step is not None:
            if self.context.journal is not None:
                self.context.journal.record_start(work.step)
            self._report(StepStarted(work.step, work.number, work.of))
        self._pool.start(task.machine, work.do)
        task.state = MachineState.WORKING
        self._running[task.machine] = work

    def _handle_next_result(self) -> None:
        machine, future = self._pool.next()
        if machine is None:
            self._is_polling = False
            future.result()
            for waiting in self._tasks.in_state(MachineState.NOT_ANSWERING):
                waiting.state = MachineState.READY
            return
        work, task = self._running.pop(machine), self._tasks.get(machine)
        try:
            result = future.result()
        except GuestUnreachable as error:
            if work.step is not None:
                raise
            self._leave_out(machine, error)
            return
        if work.step is not None:
            self._step_finished(work.step, result)
            if result.refusal is not None:
                self._leave_out(work.step.runs_on, result.refusal)
                return
        if task is not None:  # else it has been left out meanwhile
            task.result, task.state = result, MachineState.READY
        if work.step is not None and result.status == StepState.UNCHANGED:
            self._stop_for_other_run(work.step, result)

    def _leave_out(self, machine: MachinePath, error: GuestUnreachable) -> None:
        """Leave a guest out, with what is inside it; raise the error if it is about the host."""
        if machine == HOST:
            raise error
        left_out = self._tasks.leave_out(machine, error)
        self._report(GuestLeftOut(path_text(machine), error.message, left_out.inside(machine)))
        known = self._plans.get(machine, self._plans.get(machine[:-1], self._plans[HOST]))
        open_steps = (step for step in known.steps if step.id not in self._executed)
        for result in tuple(left_out.skipped(machine, open_steps)):
            # It did not begin, so it is not in the journal.
            self._executed.add(result.step.id)
            self._report(StepFinished(result))
            self._results.append(result)

    def _stop_for_other_run(self, step: Step, result: StepResult) -> None:
        """End the run: another run is creating the same objects and does the same work."""
        if self.context.journal is not None:
            self.context.journal.record_undo_end(step, result.status)
        raise AnotherRunActive(self._plans[HOST].title, self.context.session.host, result.message)

    def _start_polling(self, waiting: list[MachineTask]) -> None:
        """Wait, then probe again the machines that did not answer."""
        names = tuple(path_text(task.machine) for task in waiting)
        self._report(waiting_for(names, max(task.waited for task in waiting)))
        self._is_polling = True
        self._pool.start(None, lambda: self.context.session.wait(POLL_SECONDS, self.context.cancel))

    def _new_task(self, machine: MachinePath) -> MachineTask:
        return MachineTask(machine, self._plans.get(machine[:-1], self._plans[HOST]), self)

    def require_consent(self, step: Step) -> None:
        """Ask whether a step may run; raises Cancelled if not."""
        cancel, confirm = self._caller_context.cancel, self._caller_context.confirm
        with self._lock:
            agreed = not (cancel is not None and cancel.is_set()) and (
                confirm is None or confirm(step)
            )
        if not agreed:
            message = tr("Stopped before: {title}", title=step.title)
            hint = tr("No further step was started. Run the same command again to continue.")
            raise Cancelled(message, hint=hint)

    def has_waiting_children(self, machine: MachinePath) -> bool:
        """Whether the task of a VM on the machine waits for an observation of it."""
        return bool(self._tasks.waiting_children(machine))

    def update_state(
        self, machine: MachinePath, state: HostState | None, *, restarted: bool
    ) -> Plan:
        """Record an observation, and return the plan that follows from it."""
        if restarted or state is None:
            # What was observed inside is from before the restart.
            self.states = {
                path: known
                for path, known in self.states.items()
                if path[: len(machine)] != machine
            }
        if state is not None:
            self.states = {**self.states, machine: state}
        self._tasks.wake_children(machine)
        whole = self._replan(self.context.replan(self.states), self._known_steps)
        self._plans[machine] = plan = self._select(whole)
        self._tasks.register(plan)
        added = tuple(step for step in whole.steps if step.id not in self._known_steps)
        self._known_steps.update(step.id for step in added)
        self._report(Replanned(whole, added))
        return plan

    def with_known_ids(self, step: Step) -> Step:
        """Return a step with the Ids of the objects that earlier steps created."""
        return with_ids(step, self._created_ids.get(step.machine, {}))

    def execute(self, step: Step) -> StepResult:
        """Run a step, in a worker.

        If this run has already run a step with this id, an object that exists is considered its
        own, not another run's.
        """
        is_needed = partial(self.context.is_needed, step, self.states)
        repeated = step.id in self._executed
        return run_step(step, self.sessions, self.context, None if repeated else is_needed)

    def _step_finished(self, step: Step, result: StepResult) -> None:
        if self.context.journal is not None and result.step != step:
            self.context.journal.record_ids(result.step)
        self._record(result)
        self._tasks.note(result)

    def _record(self, result: StepResult, *, began: bool = True) -> None:
        """Record how a step ended; one that did not begin is not in the journal."""
        target = result.step.target
        if result.step.creates and target.id:
            ids = self._created_ids.setdefault(result.step.machine, {})
            ids[target.kind, target.name.casefold()] = target.id
        if began and self.context.journal is not None and result.status != StepState.UNCHANGED:
            self.context.journal.record_result(result)
        self._report(StepFinished(result))
        self._executed.add(result.step.id)
        (self._results if result.ok or result.refusal else self._failures).append(result)
