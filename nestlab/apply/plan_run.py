"""Running a plan and what it defers, until the machines match the topology."""

from __future__ import annotations

import time
from collections.abc import Iterator

from nestlab.apply.context import ApplyContext
from nestlab.apply.events import (
    Event,
    HostChanged,
    OnEvent,
    Replanned,
    RunFinished,
    RunStatus,
    SettingsNotApplied,
)
from nestlab.apply.guest_events import GuestsNotKnown
from nestlab.apply.guest_os import is_windows, os_name_in
from nestlab.apply.rounds import Rounds
from nestlab.apply.sessions import Sessions
from nestlab.apply.settling_addresses import report_unused_addresses
from nestlab.apply.started_vms import StartedVM, collecting_started, wait_until_up
from nestlab.apply.step_result import StepResult
from nestlab.apply.wait_durations import WaitDurations
from nestlab.dataclass import replace
from nestlab.errors import Cancelled
from nestlab.model import path_text
from nestlab.model.topology import VM
from nestlab.plan import OutOfReach, Plan
from nestlab.plan.staleness import replanned
from nestlab.texts import tr
from nestlab.transport.session import Cancel


def run_plan(plan: Plan, context: ApplyContext) -> Iterator[StepResult]:
    """Apply a plan and what it deferred; yield one result per step, as they end.

    The steps of one machine run one after the other; several machines run in parallel. Checkpoints
    of the file are taken after all other steps, those of the VMs in a nested host first. After the
    first failure no further step is started: running steps are completed, and the failure is
    yielded last. However a run ends, the next one continues where it stopped. At the end it waits
    until the guests that it started have a heartbeat; an event `GuestsNotUp` names those that have
    none, and `GuestsNotKnown` those that it does not wait for. `AddressesNotUsed` names the
    addresses that a machine then has and does not use, and that the plan did not list.

    Raises:
        StalePlan: What the plan depends on has changed since it was made. Other changes are
            reported in an event `HostChanged`.
        Cancelled: The run was cancelled.
        GuestUnreachable: A guest did not answer within the time limit.
        JournalError: The journal cannot be written.
    """
    states = context.observe()
    plan, changes = replanned(plan, states, context.check_and_replan or context.replan)
    if changes:
        context.on_event(HostChanged(changes))
    began, status = time.monotonic(), RunStatus.FAILED
    latest = _LatestPlan(plan, context.on_event)
    context = replace(context, on_event=_recording_waits(latest, context))
    sessions = Sessions(context.session, plan.credentials)
    pool = context.session.worker_pool(context.workers, context.cancel)
    rounds = Rounds(plan, states, context, sessions, pool)
    try:
        started: list[StartedVM] = []
        yield from collecting_started(rounds.run(), started)
        status = RunStatus.FAILED if rounds.failed else RunStatus.DONE
        if status is RunStatus.DONE:
            pool.close()
            _complete(latest, started, sessions, context)
            report_unused_addresses(plan.topology, rounds.states, started, plan.warnings, context)
    except (Cancelled, GeneratorExit):
        status = RunStatus.CANCELLED
        pool.close()
        rounds.drain()
        raise
    finally:
        pool.close()
        sessions.close()
        context.on_event(RunFinished(status, time.monotonic() - began))


def _recording_waits(on_event: OnEvent, context: ApplyContext) -> OnEvent:
    journal = context.journal
    return on_event if journal is None else WaitDurations(on_event, journal.record_wait)


class _LatestPlan:
    """Passes events on, and keeps the last plan that a run has made."""

    def __init__(self, plan: Plan, on_event: OnEvent) -> None:
        self.first = self._latest = plan
        self._on_event = on_event

    def __call__(self, event: Event) -> None:
        if isinstance(event, Replanned):
            self._latest = event.plan
        self._on_event(event)

    def report_not_applied(self) -> None:
        """Report the settings that cannot be set and that the first plan did not list."""
        known = self.first.out_of_reach
        self.report(tuple(item for item in self._latest.out_of_reach if item not in known))

    def report(self, items: tuple[OutOfReach, ...]) -> None:
        """Report settings that were not set, if there are any."""
        if items:
            self._on_event(SettingsNotApplied(items))


def _complete(
    latest: _LatestPlan, started: list[StartedVM], sessions: Sessions, context: ApplyContext
) -> None:
    """Record the end of a run, and wait until the guests that it started are up."""
    if context.journal is not None:
        context.journal.record_run_end()
    latest.report_not_applied()
    unknown = tuple(path_text(vm.path) for vm in started if _has_unknown_system(latest.first, vm))
    if unknown:
        context.on_event(GuestsNotKnown(unknown))
    wait_until_up(tuple(_to_wait_for(latest.first, started)), sessions, context)
    latest.report(tuple(_windows_instead_of_linux(latest.first, started, sessions, context.cancel)))


def _windows_instead_of_linux(
    plan: Plan, started: list[StartedVM], sessions: Sessions, cancel: Cancel | None
) -> Iterator[OutOfReach]:
    """Yield the started guests that are Linux in the file and report that they run Windows."""
    for vm in started:
        wanted = _wanted(plan, vm)
        if wanted is None or wanted.guest.os != "linux":
            continue
        system = os_name_in(vm.path, sessions, cancel)
        if system and is_windows(system):
            why = tr(
                "it runs {system}: nothing was set in it. Write os: windows in its guest and for its image, or correct the image",
                system=system,
            )
            yield OutOfReach(vm.path, ("os: linux",), why)  # not shown


def _wanted(plan: Plan, started: StartedVM) -> VM | None:
    wanted = dict(plan.topology.machines()).get(started.path) if plan.topology is not None else None
    return wanted if isinstance(wanted, VM) else None


def _has_unknown_system(plan: Plan, started: StartedVM) -> bool:
    """Whether the file does not say which operating system this guest has."""
    wanted = _wanted(plan, started)
    return wanted is not None and wanted.guest.os == "none"


def _to_wait_for(plan: Plan, started: list[StartedVM]) -> Iterator[StartedVM]:
    """Yield the VMs of which a heartbeat is the only sign that the guest is up.

    Without a credential, the run has not waited for it over PowerShell Direct.
    """
    for vm in started:
        # VMs of others in a nested host, which the run restarted, are not in the topology.
        wanted = _wanted(plan, vm)
        if wanted is not None and wanted.guest.os != "none" and vm.path not in plan.credentials:
            yield replace(vm, system=wanted.guest.os)
