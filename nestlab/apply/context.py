"""The contexts of apply and undo: the session, the callbacks, and how machines are observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from nestlab.apply.events import OnEvent, ignore_event
from nestlab.apply.journal import Journal
from nestlab.dataclass import dataclass
from nestlab.errors import GuestUnreachable
from nestlab.model import Finding, MachinePath
from nestlab.model.state import HostState
from nestlab.plan import Plan, Refusal, Step, same_name
from nestlab.transport.session import Cancel, Session

Refusals = Mapping[MachinePath, GuestUnreachable]
"""Guests that refuse their credential, with the error of each."""
States = Mapping[MachinePath, HostState]
Identify = Callable[[Step, Callable[[MachinePath], Session]], Step | Refusal]
"""Reads a step's objects: returns the step with their Ids, or why it must not run."""
FindUnused = Callable[[States], Iterable[Finding]]
"""Returns the findings about addresses that machines have and do not use."""
FindMissing = Callable[[Step, Callable[[MachinePath], Session]], tuple[str, ...]]
"""Returns a phrase for each object that a step needs and its machine does not have."""
IsNeeded = Callable[[], bool | None]
"""Observes a step's machine: whether the step is still needed; None if it does not answer."""
ObserveMachine = Callable[[MachinePath], HostState | None]
"""Observes one machine; None if a guest does not answer."""


def as_planned(step: Step, _session_to: Callable[[MachinePath], Session]) -> Step:
    """Return a step unchanged, without reading the host."""
    return step


def no_refusals(_plan: Plan) -> Refusals:
    """Return no guests."""
    return {}


def rights_not_known() -> None:
    """Return that the rights of a session are not known."""


@dataclass(frozen=True, kw_only=True)
class StepContext:
    """What running a step needs.

    `identify` reads, right before a step runs, whether it still acts on the objects it was planned
    for: it returns the step with their Ids, or why it must not run.
    """

    session: Session
    identify: Identify = as_planned
    cancel: Cancel | None = None
    on_event: OnEvent = ignore_event


@dataclass(frozen=True, kw_only=True)
class ApplyContext(StepContext):
    """What applying a plan needs: how machines are observed and planned, and who confirms steps.

    Without `observe_machine`, all machines are observed whenever a single one has to be.
    `observe_vms` is used where only VMs and disks have changed since the last observation.
    `check_and_replan` plans again before the run, and raises PlanRefused for findings of severity
    error; without it, `replan` plans again, without that check. `confirm`, if given, is called
    before each step; false ends the run with Cancelled. `workers` is the number of machines on
    which steps may run in parallel; 1 runs one step at a time. `find_unused_addresses` is called
    at the end of a run; if it finds any, `observe_with_others` observes all machines, with all VMs
    of the host, including those of others. Without them, addresses are not checked. `refusals`
    returns the guests that a plan waits for and that are known to refuse their credential.
    """

    observe: Callable[[], States]
    replan: Callable[[States], Plan]
    check_and_replan: Callable[[States], Plan] | None = None
    observe_machine: ObserveMachine | None = None
    observe_vms: ObserveMachine | None = None
    journal: Journal | None = None
    confirm: Callable[[Step], bool] | None = None
    workers: int = 1
    refusals: Callable[[Plan], Refusals] = no_refusals
    find_unused_addresses: FindUnused | None = None
    observe_with_others: Callable[[], States] | None = None

    def observe_again(self, machine: MachinePath, *, vms_only: bool = False) -> HostState | None:
        """Return the current state of a machine; None if it does not answer.

        With `vms_only` only its VMs and their disks have changed since the last observation.
        """
        if vms_only and self.observe_vms is not None:
            return self.observe_vms(machine)
        if self.observe_machine is None:
            return self.observe().get(machine)
        return self.observe_machine(machine)

    def is_needed(self, step: Step, states: States) -> bool | None:
        """Whether a step is still needed; None if its machine does not answer.

        A step that changes an object by creating it again is needed until there is one.
        `states` are the last known states of the other machines. Raises any error of observing or
        planning.
        """
        state = self.observe_again(step.machine)
        if state is None:
            return None
        plan = self.replan({**states, step.machine: state})
        return any(
            needed.id == step.id or (_creates(step) and _is_creation_of(needed, step))
            for needed in plan.steps
        )


def _creates(step: Step) -> bool:
    return any(cmdlet.last_command.name.startswith(("New-", "Add-")) for cmdlet in step.cmdlets)


def _is_creation_of(needed: Step, step: Step) -> bool:
    """Whether a step creates the object that another one acts on."""
    same = needed.machine == step.machine and needed.target.kind == step.target.kind
    return same and needed.creates and same_name(needed.target.name, step.target.name)


@dataclass(frozen=True, kw_only=True)
class UndoContext(StepContext):
    """What undoing a journal needs.

    `find_missing` and `is_elevated` are called before anything is changed; `is_elevated` returns
    whether the session to the host has elevated rights, None where that is not known.
    """

    observe_machine: ObserveMachine
    find_missing: FindMissing
    is_elevated: Callable[[], bool | None] = rights_not_known
