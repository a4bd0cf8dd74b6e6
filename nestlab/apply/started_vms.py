"""Waiting until guests that were started are up, as far as their integration services report it.

A Windows guest with a credential is waited for over PowerShell Direct. For any other guest the host
knows only the heartbeat, which a guest without integration services never has: so the wait has a
limit, and guests without a heartbeat by then are reported.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import timedelta
from functools import partial

from nestlab.apply.context import StepContext
from nestlab.apply.events import Waiting, WaitKind
from nestlab.apply.guest_events import GuestsNotUp
from nestlab.apply.sessions import Sessions
from nestlab.apply.step_result import StepResult, StepState
from nestlab.apply.waiting import LIMIT_SECONDS, POLL_SECONDS
from nestlab.dataclass import dataclass, field
from nestlab.errors import CmdletError, GuestUnreachable, SessionBroken
from nestlab.model import Cmdlet, MachinePath, Outcome, Record, path_text
from nestlab.model.first_boot_note import first_boot_of
from nestlab.plan import Step
from nestlab.texts import tr
from nestlab.transport.session import Cancel

UP_SECONDS = 300.0
"""The time limit for the first heartbeat of a guest: Linux images boot in less than two minutes."""
_STARTING_STATES = frozenset({"Running", "Starting", "Resuming"})


@dataclass(frozen=True)
class StartedVM:
    """A VM that was started on a machine; `id` is its Id, empty if it is not known.

    `system` is the operating system that the file says it has; empty if that is not known.
    """

    machine: MachinePath
    name: str
    id: str = field(default="", compare=False)
    system: str = field(default="", compare=False)

    @property
    def path(self) -> MachinePath:
        """The machine path of its guest."""
        return (*self.machine, self.name)


def started_by(result: StepResult) -> StartedVM | None:
    """Return the VM that a step has started; None for any other step."""
    step: Step = result.step
    starts = any("Start-VM" in (each.name for each in cmdlet.stages) for cmdlet in step.cmdlets)
    if result.status != StepState.DONE or not starts:
        return None
    return StartedVM(step.machine, step.target.name, step.target.id)


def collecting_started(
    results: Iterable[StepResult], started: list[StartedVM]
) -> Iterator[StepResult]:
    """Yield the results of a run, and append the VMs that its steps started to a list."""
    for result in results:
        started += filter(None, (started_by(result),))
        yield result


def wait_until_up(
    vms: Collection[StartedVM], sessions: Sessions, context: StepContext
) -> tuple[StartedVM, ...]:
    """Wait until each of these VMs has a heartbeat; return those that have none at the time limit.

    A VM that was stopped or removed meanwhile is not waited for. Progress is reported as `Waiting`,
    guests without a heartbeat as `GuestsNotUp`. Raises Cancelled, and the errors of the session.
    """
    waited, left = 0.0, starting_vms(vms, sessions, context)
    while left and waited < UP_SECONDS:
        names = tuple(path_text(vm.path) for vm in left)
        activity = tr("Waiting for the heartbeat of {names}", names=", ".join(names))
        context.on_event(Waiting(activity, waited, UP_SECONDS, WaitKind.HEARTBEAT, names))
        context.session.wait(POLL_SECONDS, context.cancel)
        waited += POLL_SECONDS
        left = starting_vms(left, sessions, context)
    if left:
        systems = tuple(dict.fromkeys(vm.system for vm in left if vm.system))
        names = tuple(path_text(vm.path) for vm in left)
        context.on_event(GuestsNotUp(names, UP_SECONDS, systems))
    return left


def starting_vms(
    vms: Collection[StartedVM],
    sessions: Sessions,
    context: StepContext,
    *,
    uptime_limit: float | None = None,
) -> tuple[StartedVM, ...]:
    """Return the VMs that are running and have no heartbeat yet.

    `uptime_limit` is in seconds: with it, only those that have run for less than that.
    """
    return tuple(
        vm
        for machine in dict.fromkeys(vm.machine for vm in vms)
        for vm in _starting_on(
            machine, [vm for vm in vms if vm.machine == machine], sessions, context, uptime_limit
        )
    )


def _starting_on(
    machine: MachinePath,
    vms: list[StartedVM],
    sessions: Sessions,
    context: StepContext,
    uptime_limit: float | None,
) -> Iterator[StartedVM]:
    def is_starting(record: Record) -> bool:
        up = record.get("Uptime")
        young = uptime_limit is None or (
            isinstance(up, timedelta) and up.total_seconds() < uptime_limit
        )
        # Disabled: its heartbeat service is off, so none will come.
        is_decided = str(record.get("Heartbeat") or "").startswith(("Ok", "Disabled"))
        return str(record.get("State")) in _STARTING_STATES and not is_decided and young

    statements = [_get(vm) for vm in vms]
    found = _observed(machine, lambda: sessions.to(machine).run(*statements, cancel=context.cancel))
    ids = {str(record["Id"]).strip("{}").lower() for record in found if is_starting(record)}
    names = {str(record["Name"]).casefold() for record in found if is_starting(record)}
    yield from (vm for vm in vms if (vm.id in ids if vm.id else vm.name.casefold() in names))


def may_be_in_first_boot(path: MachinePath, sessions: Sessions, cancel: Cancel | None) -> bool:
    """Whether a guest may still be setting itself up, and refuses every account meanwhile.

    It was given an answer file, and was started less than `LIMIT_SECONDS` ago.
    """
    vm = StartedVM(path[:-1], path[-1])
    read = partial(sessions.to(vm.machine).run, _get(vm), cancel=cancel)
    return any(
        first_boot_of(str(record.get("Notes") or "")) is not None
        and isinstance(up := record.get("Uptime"), timedelta)
        and up.total_seconds() < LIMIT_SECONDS
        for record in _observed(vm.machine, read)
    )


def _get(vm: StartedVM) -> Cmdlet:
    by = {"Id": vm.id} if vm.id else {"Name": vm.name}
    return Cmdlet("Get-VM", {**by, "ErrorAction": "SilentlyContinue"})


def _observed(machine: MachinePath, read: Callable[[], Outcome]) -> tuple[Record, ...]:
    """Return the VMs of a machine; an empty tuple for a guest that does not answer."""
    try:
        return tuple(read().of_type("VirtualMachine"))
    except (CmdletError, GuestUnreachable, SessionBroken):
        if not machine:
            raise
        return ()
