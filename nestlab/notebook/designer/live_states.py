"""The states of the parts of a topology while it is applied, and after it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nestlab.apply import Event, Replanned, StepResult, StepStarted
from nestlab.dataclass import dataclass, field, replace
from nestlab.drawing.geometry import machine_id, switch_id
from nestlab.lab.drift_picture import Difference
from nestlab.plan import Plan, Step
from nestlab.plan.kinds import TargetKind

STATES = ("failed", "running", "planned", "done", "drifted")
"""In this order, the state of a part follows from those of its steps."""
_DIFFERENT = frozenset({"missing", "differs"})


@dataclass(frozen=True)
class LiveStates:
    """The steps that are about each part, with their states, and the parts that differ."""

    steps: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By the id of a step: the part that it is about, and its state."""
    drifted: frozenset[str] = frozenset()

    def parts(self) -> dict[str, str]:
        """Return the state of each part that a step is about, or that differs."""
        found: dict[str, set[str]] = {part: {"drifted"} for part in self.drifted}
        for part, state in self.steps.values():
            found.setdefault(part, set()).add(state)
        return {
            part: next(state for state in STATES if state in states)
            for part, states in found.items()
        }

    def after(self, news: Plan | Event | StepResult) -> LiveStates:
        """Return the states after a plan was made, or after an event or a result of a run."""
        match news:
            case Plan():
                return self._planned(news.steps, kept=("done",))
            case Replanned():
                return self._planned(news.plan.steps, kept=("done", "running"))
            case StepStarted():
                return self._with(news.step, "running")
            case StepResult():
                return self._with(news.step, "done" if news.ok else "failed")
            case _:
                return self

    def with_drift(self, differences: Iterable[Difference]) -> LiveStates:
        """Return only what differs: a comparison is newer than the steps before it."""
        return LiveStates(
            drifted=frozenset(each.part for each in differences if each.kind in _DIFFERENT)
        )

    def _planned(self, steps: Iterable[Step], kept: Collection[str]) -> LiveStates:
        """Return the states with a new plan; a step that failed and is planned again stays so."""
        planned = {step.id: (part_of(step), "planned") for step in steps}
        before = {name: each for name, each in self.steps.items() if each[1] in kept}
        again = ("failed", *(state for state in kept if state != "done"))
        failed = {
            name: each for name, each in self.steps.items() if name in planned and each[1] in again
        }
        return LiveStates({**before, **planned, **failed})

    def _with(self, step: Step, state: str) -> LiveStates:
        return replace(self, steps={**self.steps, step.id: (part_of(step), state)})


def part_of(step: Step) -> str:
    """Return the id of the VM or switch that a step is about, else that of its machine."""
    target = step.target
    if target.kind is TargetKind.VM:
        return machine_id((*step.machine, target.name))
    name = target.name if target.kind is TargetKind.SWITCH else target.switch
    return switch_id(step.machine, name) if name else machine_id(step.machine)
