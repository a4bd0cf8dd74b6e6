"""One run: what it works with, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nestlab.apply.journal import Journal
from nestlab.apply.step_result import OnEvent
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.plan import Plan, Refusal, Step
from nestlab.transport.session import Cancel, Session

States = Mapping[MachinePath, HostState]


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run: where it runs, how it looks at the machines, how it plans what comes next, and who is told.

    `observe_machine` looks at one machine, None where it does not answer; without it the run looks
    at all. `observe_vms` does the same where only VMs and disks have changed since it was looked at
    last. `confirm` is asked before each step, where it is given; false ends the run with
    Cancelled. `identify` reads, right before a step runs, whether it still acts on what it was
    planned for: it returns the step with the Ids of what it goes to, or why it must not run.
    `replan_checked` plans with the findings that refuse a plan, as the plan was made; without it
    that is `replan`. `workers` is on how many machines steps may run side by side; 1 runs one step at a
    time.
    """

    session: Session
    observe: Callable[[], States]
    replan: Callable[[States], Plan]
    identify: Callable[[Step, Callable[[MachinePath], Session]], Step | Refusal] = (
        lambda step, _to: step
    )
    replan_checked: Callable[[States], Plan] | None = None
    observe_machine: Callable[[MachinePath], HostState | None] | None = None
    observe_vms: Callable[[MachinePath], HostState | None] | None = None
    journal: Journal | None = None
    cancel: Cancel | None = None
    on_event: OnEvent = field(default=lambda _event: None)
    confirm: Callable[[Step], bool] | None = None
    workers: int = 1

    def look(self, machine: MachinePath, *, at_vms: bool = False) -> HostState | None:
        """Return a machine as it is now; None where it does not answer.

        `at_vms`: only its VMs and their disks have changed since the last look.
        """
        if at_vms and self.observe_vms is not None:
            return self.observe_vms(machine)
        return (
            self.observe().get(machine)
            if self.observe_machine is None
            else self.observe_machine(machine)
        )
