"""The VMs inside nested hosts that are to be removed, read from the guests that answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from nestlab.errors import HostError, UsageError
from nestlab.model import HOST, MachinePath
from nestlab.model.ownership import is_marked
from nestlab.model.state import HostState, HyperVState, VirtualMachineState
from nestlab.observe.machines import observe
from nestlab.transport.session import Cancel, Session

SessionTo = Callable[[MachinePath], Session]
"""Returns a session to a machine; raises UsageError if no credential of a guest is known."""

Unread = dict[MachinePath, HostError | UsageError]
"""The errors of guests that could not be read."""


def with_nested_hosts(
    states: Mapping[MachinePath, HostState],
    topology: str,
    session_to: SessionTo,
    *,
    unread: Unread | None = None,
    cancel: Cancel | None = None,
) -> dict[MachinePath, HostState]:
    """Return the states together with those of the nested hosts that a topology owns, at any level.

    Known states are not read again. A guest is missing from the result if it is off, does not
    answer, or its credential is not known or refused; the error goes to `unread`.
    """
    found = dict(states)
    if HOST in found:
        for path, vm in _nested_hosts(HOST, found[HOST].hyper_v, topology):
            found |= states_inside(
                path, vm, topology, session_to, known=found, unread=unread, cancel=cancel
            )
    return found


def nested_hosts_in(
    path: MachinePath,
    hyper_v: HyperVState,
    topology: str,
    session_to: SessionTo,
    *,
    unread: Unread | None = None,
    cancel: Cancel | None = None,
) -> dict[MachinePath, HostState]:
    """Return the states of the nested hosts among the VMs of a machine, and inside these."""
    found: dict[MachinePath, HostState] = {}
    for inside, vm in _nested_hosts(path, hyper_v, topology):
        found |= states_inside(inside, vm, topology, session_to, unread=unread, cancel=cancel)
    return found


def states_inside(
    path: MachinePath,
    vm: VirtualMachineState,
    topology: str,
    session_to: SessionTo,
    *,
    known: Mapping[MachinePath, HostState] | None = None,
    unread: Unread | None = None,
    cancel: Cancel | None = None,
) -> dict[MachinePath, HostState]:
    """Return the state of a nested host, the guest of `vm`, and of those inside it that answer.

    See `with_nested_hosts`.
    """
    state = (known or {}).get(path) or None
    try:
        state = state or _observed(path, vm, session_to, cancel)
    except (HostError, UsageError) as error:
        if unread is not None:
            unread[path] = error
    if state is None:
        return {}
    found = {path: state}
    for inner_path, inner in _nested_hosts(path, state.hyper_v, topology):
        found |= states_inside(
            inner_path, inner, topology, session_to, known=known, unread=unread, cancel=cancel
        )
    return found


def _observed(
    path: MachinePath, vm: VirtualMachineState, session_to: SessionTo, cancel: Cancel | None
) -> HostState | None:
    """Return the state of a guest; None if it does not run. Raises HostError and UsageError."""
    if vm.state != "Running":
        return None
    return observe(session_to(path), machine=path, cancel=cancel)


def _nested_hosts(
    path: MachinePath, hyper_v: HyperVState | None, topology: str
) -> Iterator[tuple[MachinePath, VirtualMachineState]]:
    """Yield the VMs of the topology on a machine that may have Hyper-V inside."""
    vms: Iterable[VirtualMachineState] = hyper_v.vms if hyper_v else ()
    for vm in vms:
        if vm.expose_virtualization_extensions and is_marked(vm.notes, topology):
            yield (*path, vm.name), vm
