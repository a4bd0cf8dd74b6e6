"""Observing a host with the guests of a topology, to any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from nestlab.errors import GuestUnreachable, HostError, SessionBroken
from nestlab.model import HOST, MachinePath
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.state import HostState, HyperVState
from nestlab.model.topology import VM, Topology
from nestlab.observe.machines import observe, with_disks
from nestlab.plan import credentials, disk_path
from nestlab.plan.disk_names import own_disk_path
from nestlab.transport.session import Cancel, Session

OnUnreachable = Callable[[MachinePath, HostError], None]


def _ignore(_path: MachinePath, _error: HostError) -> None:
    """Ignore a guest that does not answer."""


def observe_all(
    session: Session,
    topology: Topology,
    *,
    cancel: Cancel | None = None,
    depth: int | None = None,
    on_unreachable: OnUnreachable | None = None,
) -> dict[MachinePath, HostState]:
    """Return what is on the host and on each Windows guest of the topology that answers, down to a depth (0: the host alone).

    A guest that does not answer is missing from the result; `on_unreachable` is told of it, and why.
    Raises what `Session.run` raises for the host itself.
    """
    walk = _Walk(
        topology, credentials(topology), cancel, on_unreachable or _ignore, {HOST: session}
    )
    for path, machine in topology.machines():
        if depth is None or len(path) <= depth:
            walk.visit(path, machine)
    return walk.states


def observe_one(
    session: Session,
    topology: Topology,
    path: MachinePath,
    *,
    known: HostState | None = None,
    cancel: Cancel | None = None,
) -> HostState | None:
    """Return what is on one machine of the topology; None where a guest does not answer.

    `session` leads to that machine.

    With `known`, an earlier state of it, only the topology's VMs are looked at: those that it
    names, and those that are its own. All others stand in the state as they are known, so that the
    look costs the same however many there are.

    Raises what `Session.run` raises for the host itself.
    """
    try:
        return _look(
            session,
            topology.name,
            path,
            topology.machine(path),
            cancel,
            known=known.hyper_v if known else None,
        )
    except (GuestUnreachable, SessionBroken):
        if path == HOST:
            raise
        return None


def _look(
    session: Session,
    topology: str,
    path: MachinePath,
    machine: Topology | VM,
    cancel: Cancel | None,
    *,
    known: HyperVState | None = None,
) -> HostState:
    only = _concerned(known, topology, machine) if known is not None else None
    state = observe(session, machine=path, only=only, known=known, cancel=cancel)
    return with_disks(session, state, _disk_paths(state, topology, machine), cancel=cancel)


def _concerned(known: HyperVState, topology: str, machine: Topology | VM) -> frozenset[str] | None:
    """Return the names of the VMs that a topology names or owns on a machine; None where a name would be taken for a pattern."""
    owned = (
        vm.name for vm in known.vms if is_marked(vm.notes, topology) or is_left_behind(vm, topology)
    )
    names = frozenset((*owned, *(vm.name for vm in machine.vms)))
    return None if any(set(name) & _PATTERN for name in names) else names


_PATTERN = frozenset("*?[]`")


@dataclass
class _Walk:
    topology: Topology
    credentials: dict[MachinePath, str]
    cancel: Cancel | None
    on_unreachable: OnUnreachable
    sessions: dict[MachinePath, Session]
    states: dict[MachinePath, HostState] = field(default_factory=dict)

    def visit(self, path: MachinePath, machine: Topology | VM) -> None:
        session = self.sessions[HOST] if path == HOST else self._guest_session(path)
        if session is None:
            return
        try:
            state = _look(session, self.topology.name, path, machine, self.cancel)
        except (GuestUnreachable, SessionBroken) as error:
            if path == HOST:
                raise
            self.on_unreachable(path, error)
            return
        self.sessions[path], self.states[path] = session, state

    def _guest_session(self, path: MachinePath) -> Session | None:
        above = self.states.get(path[:-1])
        if above is None or above.hyper_v is None or path not in self.credentials:
            return None
        vm = above.hyper_v.vm(path[-1])
        running = vm is not None and vm.state == "Running"
        return self.sessions[path[:-1]].guest(path[-1], self.credentials[path]) if running else None


def _disk_paths(state: HostState, topology: str, machine: Topology | VM) -> Iterator[str]:
    """Yield the files that a plan has to know of: parents, disks named by path, and those that nestlab makes or may have made."""
    if state.hyper_v is None:
        return
    for vm in machine.vms:
        folder = state.hyper_v.vm_host.virtual_hard_disk_path
        path = disk_path(folder, topology, vm)
        if path and vm.disk:
            yield path
            if vm.disk.parent:
                yield vm.disk.parent
        if vm.disk is None or vm.disk.path:
            yield own_disk_path(folder, topology, vm.name)
