"""One run of `Lab.apply` that a panel can pause between steps, and its remaining plan."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator

from nestlab.apply import Event, OnEvent, Replanned, StepResult
from nestlab.dataclass import dataclass, replace
from nestlab.errors import Cancelled, PlanRefused
from nestlab.lab import Lab, with_warnings
from nestlab.plan import Plan, Step

MakePlan = Callable[[threading.Event], Plan]


@dataclass(frozen=True)
class RunState:
    """The state of a run: whether it has ended, and the remaining plan or why it was refused."""

    ended: bool
    remaining: Plan | None = None
    refused: PlanRefused | None = None
    cancelled: bool = False


class ApplySession:
    """A run of a plan that can pause after each step and be resumed.

    `remaining` is the last plan of the run, without the steps that have succeeded since.
    `make_plan` observes and plans again where the run ended early: its plan may be outdated.
    """

    def __init__(
        self,
        lab: Lab,
        plan: Plan,
        make_plan: MakePlan,
        *,
        on_event: OnEvent,
        confirm: Callable[[Step], bool],
    ) -> None:
        self._stop = threading.Event()
        self.remaining = plan
        self._is_current = True
        self._applied: set[str] = set()
        self._make_plan = make_plan
        self._topology = lab.topology
        self._on_event = on_event
        self._results: Iterator[StepResult] = iter(
            lab.apply(plan, cancel=self._stop, on_event=self._event, confirm=confirm, workers=1)
        )

    def stop(self) -> None:
        """Stop after the current step."""
        self._stop.set()

    def advance(
        self, cancel: threading.Event, *, one: bool
    ) -> Generator[StepResult, None, RunState]:
        """Run one step, or all; yield each result, and return the state of the run.

        Raises the errors of `Lab.apply`, except Cancelled.
        """
        if cancel.is_set():
            self._stop.set()
        try:
            for result in self._results:
                self._record(result)
                yield result
                # After the last step the run observes whether the steps have had an effect.
                if one and result.ok and (self.remaining.steps or self.remaining.deferred):
                    return self._run_state(cancel, ended=False)
                self._is_current = self._is_current and result.ok
        except Cancelled:
            self._is_current = False  # the next run needs a plan for the current state of the host
            return replace(self._run_state(threading.Event(), ended=True), cancelled=True)
        return self._run_state(cancel, ended=True)

    def _event(self, event: Event) -> None:
        if isinstance(event, Replanned):
            # A plan from observations that are older than a step still has that step.
            added = {step.id for step in event.added}
            steps = event.plan.steps
            left = tuple(each for each in steps if each.id in added or each.id not in self._applied)
            self.remaining = replace(event.plan, steps=left)
        self._on_event(event)

    def _record(self, result: StepResult) -> None:
        if result.ok:
            self._applied.add(result.step.id)
            steps = tuple(step for step in self.remaining.steps if step.id != result.step.id)
            self.remaining = replace(self.remaining, steps=steps)

    def _run_state(self, cancel: threading.Event, *, ended: bool) -> RunState:
        try:
            if not self._is_current:
                self.remaining, self._is_current = self._make_plan(cancel), True
            elif ended:
                self.remaining = with_warnings(self._topology, self.remaining)
        except PlanRefused as refused:
            return RunState(ended, refused=refused)
        return RunState(ended, remaining=self.remaining)
