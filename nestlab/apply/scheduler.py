"""Who runs the lanes of all machines side by side, and tells what became of each step."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nestlab.apply.context import Run, States
from nestlab.apply.machine_task import MachineTask, Pause, WaitForParent, Work
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS
from nestlab.errors import Cancelled, NestlabError, OtherRun
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.plan import Plan, Step, ThingKind
from nestlab.plan.addressing import bind
from nestlab.transport.session import WorkerPool


class Scheduler:
    """Runs a plan, and what it defers, with a worker pool: each machine continues as soon as it can.

    All that is decided, asked, written and told happens in the thread of who takes the results; the
    workers only work.
    """

    def __init__(
        self, plan: Plan, states: States, run: Run, sessions: Sessions, pool: WorkerPool
    ) -> None:
        self.run = replace(run, cancel=pool.cancel, on_event=self._report)
        self.sessions = sessions
        self._caller = run
        self._pool = pool
        self._lock = threading.RLock()
        self._states = dict(states)
        self._plans = {HOST: plan}  # as each machine was looked at last
        self._order: dict[MachinePath, int] = {HOST: 0}  # of machines, as plans name them
        self._pending: dict[
            MachinePath, set[MachinePath]
        ] = {}  # not begun with, by the machine around them
        self._tasks: dict[MachinePath, MachineTask] = {}
        self._ready: set[MachinePath] = set()
        self._paused: set[MachinePath] = set()
        self._watchers: dict[MachinePath, set[MachinePath]] = {}
        self._waiting_work: tuple[MachineTask, Work] | None = None
        self._running: dict[MachinePath, Work] = {}
        self._created_ids: dict[
            MachinePath, dict[tuple[ThingKind, str], str]
        ] = {}  # Ids of what steps of this run have made
        self._ticks = False
        self._results: deque[StepResult] = deque()
        self._failures: list[StepResult] = []
        self._ending: NestlabError | None = None
        self._begin_task(HOST)
        self._expect(plan)
        self._begin_tasks()

    # -- the run
    # -------------------------------------------------------------------------------------------------------

    def results(self) -> Iterator[StepResult]:
        """Yield one result a step, as they end.

        After a failure nothing new begins, and it is yielded when all has ended.

        Raises what ended the run: Cancelled, GuestUnreachable, and what looking, planning and the
        journal raise.
        """
        while self._advance():
            while self._results:
                yield self._results.popleft()
        yield from self._failures
        if self._ending is not None:
            raise self._ending

    @property
    def failed(self) -> bool:
        """Whether a step failed."""
        return bool(self._failures)

    def drain(self) -> None:
        """Write what became of the steps that ended after nobody took results any more."""
        while self._running:
            machine, future = self._pool.next()
            work = self._running.pop(machine, None) if machine is not None else None
            if work is not None and work.step is not None and future.exception() is None:
                self._finished(work.step, future.result())

    def _advance(self) -> bool:
        """Begin what can begin, and take what ends next; return whether there was anything."""
        try:
            if self._is_open:
                self._begin()
            if self._results:
                return True
            if not self._running and not (self._ticks and self._is_open):
                return False
            self._end_one()
        except NestlabError as error:
            self._ending = self._ending or error
        return True

    @property
    def _is_open(self) -> bool:
        return self._ending is None and not self._failures

    def _begin(self) -> None:
        if self._waiting_work is not None and not self._running:
            (task, work), self._waiting_work = self._waiting_work, None
            self._start(task, work)
        while self._ready and not self._results and not self._failures and not self._is_full():
            machine = min(self._ready, key=self._order.__getitem__)
            self._ready.remove(machine)
            self._resume(self._tasks[machine])
        # A pool of one worker could do nothing else while it waits.
        if self._paused and not self._ticks and (self._pool.size > 1 or not self._running):
            self._tick()

    def _is_full(self) -> bool:
        return (
            self._waiting_work is not None
            or len(self._running) >= self._pool.size
            or any(work.exclusive for work in self._running.values())
        )

    def _resume(self, task: MachineTask) -> None:
        """Let a lane go on to its next wish, and see to that."""
        try:
            request = task.resume()
        except StopIteration:
            del self._tasks[task.machine]
            self._wake(task.machine)
            self._begin_tasks()
            return
        match request:
            case Work():
                if request.exclusive and self._running:
                    self._waiting_work = task, request
                else:
                    self._start(task, request)
            case StepResult():
                self._record(request)
                self._ready.add(task.machine)
            case Pause():
                self._paused.add(task.machine)
            case WaitForParent():
                above = task.machine[:-1]
                (
                    self._watchers.setdefault(above, set()) if above in self._tasks else self._ready
                ).add(task.machine)
        self._begin_tasks()

    def _start(self, task: MachineTask, work: Work) -> None:
        if work.step is not None:
            if self.run.journal is not None:
                self.run.journal.started(work.step)
            self._report(
                {
                    "event": "step-started",
                    **work.step.to_dict(),
                    "number": work.number,
                    "of": work.of,
                }
            )
        self._pool.start(task.machine, work.do)
        self._running[task.machine] = work

    def _end_one(self) -> None:
        machine, future = self._pool.next()
        if machine is None:
            self._ticks = False
            future.result()
            self._ready |= self._paused
            self._paused.clear()
            return
        work = self._running.pop(machine)
        self._tasks[machine].answer = answer = future.result()
        if work.step is not None:
            self._finished(work.step, answer)
        self._ready.add(machine)
        if work.step is not None and answer.status == "already-so":
            self._yield_to_another(work.step, answer)

    def _yield_to_another(self, step: Step, result: StepResult) -> None:
        """End where another run makes what this one was about to make: two that go on with one thing would do all of it twice."""
        if self.run.journal is not None:
            self.run.journal.undone(step, result.status)
        raise OtherRun(self._plans[HOST].topology, self.run.session.host, result.message)

    def _tick(self) -> None:
        """Let time pass, while whoever is ready works, and then ask again the machines that did not answer."""
        tasks = [
            self._tasks[machine] for machine in sorted(self._paused, key=self._order.__getitem__)
        ]
        names, waited = (
            ", ".join(path_text(task.machine) for task in tasks),
            max(task.waited for task in tasks),
        )
        status, percent = (
            f"{waited:.0f} s of at most {LIMIT_SECONDS:.0f} s",
            int(100 * waited / LIMIT_SECONDS),
        )
        self._report(
            {
                "event": "progress",
                "activity": f"Waiting for {names}",
                "status": status,
                "percent": percent,
                "seconds": waited,
            }
        )
        self._ticks = True
        self._pool.start(None, lambda: self.run.session.wait(POLL_SECONDS, self.run.cancel))

    # -- the lanes
    # -----------------------------------------------------------------------------------------------------

    def _expect(self, plan: Plan) -> None:
        """Remember the machines that a plan names and nobody has begun with."""
        for machine in dict.fromkeys(
            [
                *(step.machine for step in plan.steps),
                *(deferred.machine for deferred in plan.deferred),
            ]
        ):
            if machine not in self._order:
                self._order[machine] = len(self._order)
                self._pending.setdefault(machine[:-1], set()).add(machine)

    def _begin_tasks(self) -> None:
        """Begin the lanes of the VMs that nothing on the machine around them holds up any more."""
        for above, inside in self._pending.items():
            task = self._tasks.get(above)
            if task is None and above in self._pending.get(above[:-1], ()):
                continue
            for machine in [
                machine for machine in inside if task is None or not task.blocks(machine[-1])
            ]:
                inside.remove(machine)
                self._begin_task(machine)

    def _begin_task(self, machine: MachinePath) -> None:
        self._tasks[machine] = MachineTask(
            machine, self._plans.get(machine[:-1], self._plans[HOST]), self
        )
        self._ready.add(machine)

    def _wake(self, machine: MachinePath) -> None:
        self._ready |= self._watchers.pop(machine, set())

    # -- what lanes ask for
    # --------------------------------------------------------------------------------------------

    def ask(self, step: Step) -> None:
        """Ask whether a step may run; raises Cancelled."""
        cancel, confirm = self._caller.cancel, self._caller.confirm
        with self._lock:
            agreed = not (cancel is not None and cancel.is_set()) and (
                confirm is None or confirm(step)
            )
        if not agreed:
            message = f"Stopped before: {step.title}"
            raise Cancelled(
                message, hint="Nothing after this was touched. Apply again to go on, or undo."
            )

    def is_watched(self, machine: MachinePath) -> bool:
        """Whether somebody waits for a look at the machine."""
        return machine in self._watchers

    def seen(self, machine: MachinePath, state: HostState | None, *, restarted: bool) -> Plan:
        """Take what a look has shown, and return the plan as it is now."""
        if restarted or state is None:
            # What was seen inside is from before.
            self._states = {
                path: known
                for path, known in self._states.items()
                if path[: len(machine)] != machine
            }
        if state is not None:
            self._states = {**self._states, machine: state}
        self._wake(machine)
        self._plans[machine] = plan = self.run.replan(self._states)
        self._expect(plan)
        return plan

    def bound(self, step: Step) -> Step:
        """Return a step that addresses by Id what steps before it have made."""
        return bind(step, self._created_ids.get(step.machine, {}))

    def execute(self, step: Step) -> StepResult:
        """Run a step, in a worker."""
        return execute(step, self.sessions, self.run, self._states)

    # -- telling
    # -------------------------------------------------------------------------------------------------------

    def _finished(self, step: Step, result: StepResult) -> None:
        if self.run.journal is not None and result.step != step:
            self.run.journal.bound(result.step)
        self._record(result)

    def _record(self, result: StepResult) -> None:
        thing = result.step.thing
        if result.step.creates and thing.id:
            self._created_ids.setdefault(result.step.machine, {})[
                thing.kind, thing.name.casefold()
            ] = thing.id
        if self.run.journal is not None and result.status != "already-so":
            self.run.journal.finished(result.step, result.status, result.message)
        self._report(result.to_dict())
        (self._results if result.ok else self._failures).append(result)

    def _report(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._caller.on_event(event)
