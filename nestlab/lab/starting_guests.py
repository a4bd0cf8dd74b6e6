"""Guests that have just been started: named, and waited for before the checks of a lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.apply import (
    UP_SECONDS,
    OnEvent,
    Sessions,
    StartedVM,
    StepContext,
    ignore_event,
    may_be_in_first_boot,
    starting_vms,
    wait_until_up,
)
from nestlab.errors import GuestCredentialRefused, HostError
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.verify_report import VerifyReport
from nestlab.lab.verifying import needs_all_vms, verify
from nestlab.model import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology, VMState
from nestlab.plan import Plan, unreadable_guests, windows_credential_names
from nestlab.transport.session import Cancel, Session

States = dict[MachinePath, HostState]
Refused = dict[MachinePath, GuestCredentialRefused]


def verify_when_up(
    topology: Topology, host: Session, cancel: Cancel | None, on_event: OnEvent | None
) -> VerifyReport:
    """Return the results of a topology's checks once its guests are up.

    It waits for guests that were started less than `UP_SECONDS` ago and have no heartbeat yet, with
    events `Waiting`; the results name those that are not up at the time limit, and those that have
    run for longer without a heartbeat. Raises Cancelled, and the errors of observing.
    """
    sessions = Sessions(host, windows_credential_names(topology))
    context = StepContext(session=host, cancel=cancel, on_event=on_event or ignore_event)
    try:
        states, not_up, refused = _observed_when_up(topology, sessions, context)
        if needs_all_vms(topology, states):
            states = observe_lab(host, topology, cancel=cancel)
        return verify(topology, states, sessions, cancel, not_up=not_up, refused=refused)
    finally:
        sessions.close()


def _observed_when_up(
    topology: Topology, sessions: Sessions, context: StepContext
) -> tuple[States, tuple[StartedVM, ...], Refused]:
    """Return the states of the machines once their guests are up.

    Also returned are the guests that are not up, and those that refuse their credential. VMs inside
    a nested host are visible only once it is up, so the levels are waited for one by one.
    """
    known: set[MachinePath] = set()
    not_up: tuple[StartedVM, ...] = ()
    while True:
        refused: Refused = {}

        def note_refused(path: MachinePath, error: HostError, into: Refused = refused) -> None:
            if isinstance(error, GuestCredentialRefused):
                into[path] = error

        states = observe_lab(
            context.session,
            topology,
            cancel=context.cancel,
            on_unreachable=note_refused,
            scope="neighbors",
        )
        new = [vm for vm in running_without_heartbeat(topology, states) if vm.path not in known]
        known.update(vm.path for vm in new)
        silent = starting_vms(new, sessions, context)
        starting = starting_vms(silent, sessions, context, uptime_limit=UP_SECONDS)
        not_up += tuple(vm for vm in silent if vm not in starting)
        if not starting:
            return states, not_up, refused
        not_up += wait_until_up(starting, sessions, context)


def running_without_heartbeat(
    topology: Topology, states: Mapping[MachinePath, HostState]
) -> Iterator[StartedVM]:
    """Yield the VMs of the topology that run, on machines that answer, without a heartbeat.

    VMs that the file declares off or without an operating system, and VMs whose heartbeat service
    is disabled, are left out.
    """
    for path, wanted in topology.machines():
        if not isinstance(wanted, VM) or wanted.guest.os == "none" or wanted.state is VMState.OFF:
            continue
        above = states.get(path[:-1])
        vm = above.hyper_v.vm(path[-1]) if above is not None and above.hyper_v else None
        is_decided = vm is not None and vm.heartbeat.startswith(("Ok", "Disabled"))
        if vm is not None and vm.state == "Running" and not is_decided:
            yield StartedVM(path[:-1], vm.name, vm.id, wanted.guest.os)


def starting_guests(
    plan: Plan, host: Session, cancel: Cancel | None = None
) -> tuple[MachinePath, ...]:
    """Return the guests of a plan's topology that cannot be read because they are still starting.

    They were started less than `UP_SECONDS` ago and have no heartbeat yet, or may be in their first
    boot. The host is asked only if there are guests that cannot be read. Raises Cancelled.
    """
    unread = unreadable_guests(plan)
    if plan.topology is None or not unread:
        return ()
    silent = [
        vm for vm in running_without_heartbeat(plan.topology, plan.states) if vm.path in unread
    ]
    sessions = Sessions(host, windows_credential_names(plan.topology))
    context = StepContext(session=host, cancel=cancel, on_event=ignore_event)
    try:
        young = starting_vms(silent, sessions, context, uptime_limit=UP_SECONDS)
        starting = {vm.path for vm in young}
        return tuple(
            path
            for path in unread
            if path in starting or may_be_in_first_boot(path, sessions, cancel)
        )
    finally:
        sessions.close()
