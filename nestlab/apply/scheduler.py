"""Who runs the lanes of all machines side by side, and tells what became of each step."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nestlab.apply.context import Run, States
from nestlab.apply.machine_task import Lane, LookAbove, Pause, Work
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_execution import execute
from nestlab.apply.step_result import StepResult
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS
from nestlab.errors import Cancelled, NestlabError, OtherRun
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.plan import Plan, Step
from nestlab.plan.addressing import bind
from nestlab.transport.session import Crew


class Foreman:
    """Runs a plan, and what it defers, with a crew: each machine goes on as soon as it can, whatever the others do.

    All that is decided, asked, written and told happens in the thread of who takes the results; the
    crew only works.
    """

    def __init__(
        self, plan: Plan, states: States, run: Run, sessions: Sessions, crew: Crew
    ) -> None:
        self.run = replace(run, cancel=crew.cancel, on_event=self._tell)
        self.sessions = sessions
        self._people = run
        self._crew = crew
        self._lock = threading.RLock()
        self._states = dict(states)
        self._plans = {HOST: plan}  # as each machine was looked at last
        self._order: dict[MachinePath, int] = {HOST: 0}  # of machines, as plans name them
        self._pending: dict[
            MachinePath, set[MachinePath]
        ] = {}  # not begun with, by the machine around them
        self._lanes: dict[MachinePath, Lane] = {}
        self._ready: set[MachinePath] = set()
        self._paused: set[MachinePath] = set()
        self._watchers: dict[MachinePath, set[MachinePath]] = {}
        self._held: tuple[Lane, Work] | None = None
        self._running: dict[MachinePath, Work] = {}
        self._made: dict[
            MachinePath, dict[tuple[str, str], str]
        ] = {}  # Ids of what steps of this run have made
        self._ticks = False
        self._results: deque[StepResult] = deque()
        self._failures: list[StepResult] = []
        self._ending: NestlabError | None = None
        self._begin_lane(HOST)
        self._expect(plan)
        self._begin_lanes()

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

    def settle(self) -> None:
        """Write what became of the steps that ended after nobody took results any more."""
        while self._running:
            machine, future = self._crew.next()
            work = self._running.pop(machine, None) if machine is not None else None
            if work is not None and work.step is not None and future.exception() is None:
                self._finished(work.step, future.result())

    def _advance(self) -> bool:
        """Begin what can begin, and take what ends next; return whether there was anything."""
        try:
            if self._goes_on:
                self._begin()
            if self._results:
                return True
            if not self._running and not (self._ticks and self._goes_on):
                return False
            self._end_one()
        except NestlabError as error:
            self._ending = self._ending or error
        return True

    @property
    def _goes_on(self) -> bool:
        return self._ending is None and not self._failures

    def _begin(self) -> None:
        if self._held is not None and not self._running:
            (lane, work), self._held = self._held, None
            self._start(lane, work)
        while self._ready and not self._results and not self._failures and not self._is_full():
            machine = min(self._ready, key=self._order.__getitem__)
            self._ready.remove(machine)
            self._resume(self._lanes[machine])
        # A crew of one could do nothing else while it waits.
        if self._paused and not self._ticks and (self._crew.size > 1 or not self._running):
            self._tick()

    def _is_full(self) -> bool:
        return (
            self._held is not None
            or len(self._running) >= self._crew.size
            or any(work.alone for work in self._running.values())
        )

    def _resume(self, lane: Lane) -> None:
        """Let a lane go on to its next wish, and see to that."""
        try:
            wish = lane.go_on()
        except StopIteration:
            del self._lanes[lane.machine]
            self._wake(lane.machine)
            self._begin_lanes()
            return
        match wish:
            case Work():
                if wish.alone and self._running:
                    self._held = lane, wish
                else:
                    self._start(lane, wish)
            case StepResult():
                self._record(wish)
                self._ready.add(lane.machine)
            case Pause():
                self._paused.add(lane.machine)
            case LookAbove():
                above = lane.machine[:-1]
                (
                    self._watchers.setdefault(above, set()) if above in self._lanes else self._ready
                ).add(lane.machine)
        self._begin_lanes()

    def _start(self, lane: Lane, work: Work) -> None:
        if work.step is not None:
            if self.run.journal is not None:
                self.run.journal.started(work.step)
            self._tell(
                {
                    "event": "step-started",
                    **work.step.to_dict(),
                    "number": work.number,
                    "of": work.of,
                }
            )
        self._crew.start(lane.machine, work.do)
        self._running[lane.machine] = work

    def _end_one(self) -> None:
        machine, future = self._crew.next()
        if machine is None:
            self._ticks = False
            future.result()
            self._ready |= self._paused
            self._paused.clear()
            return
        work = self._running.pop(machine)
        self._lanes[machine].answer = answer = future.result()
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
        lanes = [
            self._lanes[machine] for machine in sorted(self._paused, key=self._order.__getitem__)
        ]
        names, waited = (
            ", ".join(path_text(lane.machine) for lane in lanes),
            max(lane.waited for lane in lanes),
        )
        status, percent = (
            f"{waited:.0f} s of at most {LIMIT_SECONDS:.0f} s",
            int(100 * waited / LIMIT_SECONDS),
        )
        self._tell(
            {
                "event": "progress",
                "activity": f"Waiting for {names}",
                "status": status,
                "percent": percent,
                "seconds": waited,
            }
        )
        self._ticks = True
        self._crew.start(None, lambda: self.run.session.wait(POLL_SECONDS, self.run.cancel))

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

    def _begin_lanes(self) -> None:
        """Begin the lanes of the VMs that nothing on the machine around them holds up any more."""
        for above, inside in self._pending.items():
            lane = self._lanes.get(above)
            if lane is None and above in self._pending.get(above[:-1], ()):
                continue
            for machine in [
                machine for machine in inside if lane is None or not lane.holds_up(machine[-1])
            ]:
                inside.remove(machine)
                self._begin_lane(machine)

    def _begin_lane(self, machine: MachinePath) -> None:
        self._lanes[machine] = Lane(machine, self._plans.get(machine[:-1], self._plans[HOST]), self)
        self._ready.add(machine)

    def _wake(self, machine: MachinePath) -> None:
        self._ready |= self._watchers.pop(machine, set())

    # -- what lanes ask for
    # --------------------------------------------------------------------------------------------

    def ask(self, step: Step) -> None:
        """Ask whether a step may run; raises Cancelled."""
        cancel, confirm = self._people.cancel, self._people.confirm
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

    def seen(self, machine: MachinePath, state: HostState | None, *, started_anew: bool) -> Plan:
        """Take what a look has shown, and return the plan as it is now."""
        if started_anew or state is None:
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
        return bind(step, self._made.get(step.machine, {}))

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
            self._made.setdefault(result.step.machine, {})[thing.kind, thing.name.casefold()] = (
                thing.id
            )
        if self.run.journal is not None and result.status != "already-so":
            self.run.journal.finished(result.step, result.status, result.message)
        self._tell(result.to_dict())
        (self._results if result.ok else self._failures).append(result)

    def _tell(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._people.on_event(event)
