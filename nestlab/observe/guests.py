"""Observing a host with the guests of a topology, to any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from nestlab.dataclass import dataclass, field
from nestlab.errors import GuestUnreachable, HostError, SessionBroken
from nestlab.model import HOST, MachinePath
from nestlab.model.ownership import is_owned_disk
from nestlab.model.state import HostState, HyperVState
from nestlab.model.topology import (
    VM,
    Topology,
    image_named,
    image_names_used,
    images_used_inside,
    with_image_paths,
)
from nestlab.observe.dhcp import with_scope_settings
from nestlab.observe.disk_files import (
    with_disks,
    with_disks_named,
    with_dvd_images,
    with_parent_users,
)
from nestlab.observe.machines import observe, observe_vms, with_checkpoints, with_guest_services
from nestlab.observe.overview import overview, relevant_vms
from nestlab.observe.shared_switches import with_neighbors_on_shared_switches
from nestlab.plan import (
    data_disk_files,
    disk_path,
    is_checkpoint_disk,
    named_disks,
    own_disk_path,
    placed_disks,
    seed_pattern,
    windows_credential_names,
)
from nestlab.transport.session import Cancel, Session

OnUnreachable = Callable[[MachinePath, HostError], None]
VMScope = Literal["all", "own", "neighbors"]
"""Which VMs of the host are read in full.

All; those of the topology; or those and every VM that their frames can reach.
"""


def ignore_unreachable(_path: MachinePath, _error: HostError) -> None:
    """Ignore a guest that does not answer."""


def observe_all(
    session: Session,
    topology: Topology,
    *,
    cancel: Cancel | None = None,
    depth: int | None = None,
    on_unreachable: OnUnreachable = ignore_unreachable,
    scope: VMScope = "all",
) -> dict[MachinePath, HostState]:
    """Return the state of the host and of each Windows guest of the topology that answers.

    `depth` limits how many levels of guests are observed; 0 observes the host alone. A guest that
    does not answer is missing from the result, and `on_unreachable` is called with its path and the
    error. Of the VMs outside of the `scope` only Id, name, state, notes and assigned memory are
    read. Raises what `Session.run` raises; GuestUnreachable and SessionBroken only for the host.
    """
    observer = _GuestObserver(
        topology,
        windows_credential_names(topology),
        cancel,
        on_unreachable,
        {HOST: session},
        scope,
    )
    for path, _ in topology.machines():
        if depth is None or len(path) <= depth:
            observer.visit(path)
    return observer.states


def observe_one(
    session: Session,
    topology: Topology,
    path: MachinePath,
    *,
    known: HostState | None = None,
    cancel: Cancel | None = None,
) -> HostState | None:
    """Return the state of one machine of the topology, or None if a guest does not answer.

    `session` is a session to that machine. With `known`, an earlier state of it, only the VMs that
    the topology names or owns are read. The others are returned as they are in `known`, so that the
    cost does not depend on how many there are.

    Raises what `Session.run` raises; GuestUnreachable and SessionBroken only for the host.
    """
    try:
        return _observe_machine(
            session, topology, path, cancel, known=known.hyper_v if known else None
        )
    except (GuestUnreachable, SessionBroken):
        if path == HOST:
            raise
        return None


def observe_own_vms(
    session: Session, topology: Topology, known: HostState, *, cancel: Cancel | None = None
) -> HostState | None:
    """Return a known state of the host with the topology's VMs and their disks read again.

    Returns None if that is not possible: no Hyper-V, wildcards in the name of a VM, or a VM that
    could not be read. Raises what `Session.run` raises.
    """
    only = relevant_vms(known.hyper_v, topology.name, topology) if known.hyper_v else None
    state = None if only is None else observe_vms(session, known, only, cancel=cancel)
    if state is None:
        return None
    return _with_images_and_disks(session, state, topology, HOST, cancel)


def _observe_machine(
    session: Session,
    topology: Topology,
    path: MachinePath,
    cancel: Cancel | None,
    *,
    known: HyperVState | None = None,
) -> HostState:
    machine = topology.machine(path)
    only = relevant_vms(known, topology.name, machine) if known is not None else None
    state = observe(session, machine=path, only=only, known=known, cancel=cancel)
    state = with_scope_settings(session, state, topology.name, cancel=cancel)
    return _with_images_and_disks(session, state, topology, path, cancel)


def _with_images_and_disks(
    session: Session,
    state: HostState,
    topology: Topology,
    path: MachinePath,
    cancel: Cancel | None,
) -> HostState:
    """Return a state with the guest services, checkpoints and disk files that a plan depends on."""
    vms = topology.machine(path).vms
    image_receivers = [vm.name for vm in vms if images_used_inside(topology.images, vm)]
    state = with_guest_services(session, state, image_receivers, cancel=cancel)
    with_some = {vm.name for vm in vms if vm.checkpoints} | _with_checkpoint_disks(state, topology)
    state = with_checkpoints(session, state, with_some, cancel=cancel)
    state = with_disks(session, state, _disk_paths(state, topology, path), cancel=cancel)
    drives = (
        drive
        for vm in _with_image_paths(state, topology, path).vms
        for drive in vm.dvd_drives or ()
    )
    iso_files = (drive.path for drive in drives if drive.path)
    state = with_dvd_images(session, state, iso_files, cancel=cancel)
    if any(vm.guest.os == "linux" for vm in vms):
        state = with_disks_named(session, state, seed_pattern(topology.name), cancel=cancel)
    return state


def _with_checkpoint_disks(state: HostState, topology: Topology) -> set[str]:
    """Return the names of the topology's VMs with checkpoints that others may have taken.

    A step that removes the VM names them. A VM without disks is left out: its checkpoints are not
    visible.
    """
    owned = state.hyper_v.vms_of(topology.name) if state.hyper_v else ()
    return {vm.name for vm in owned if any(is_checkpoint_disk(disk.path) for disk in vm.hard_disks)}


def _observe_relevant_vms(
    session: Session, topology: Topology, cancel: Cancel | None, *, neighbors: bool
) -> HostState:
    """Return the state of the host, with a few properties only of VMs outside of the scope.

    All VMs are read in full if it cannot be determined which of them are in the scope.
    """
    found = overview(session, topology.name, topology, neighbors=neighbors, cancel=cancel)
    if found is not None:
        state = observe(session, machine=HOST, only=found.names, known=found.brief, cancel=cancel)
        state = with_scope_settings(session, state, topology.name, cancel=cancel)
        state = _with_images_and_disks(session, state, topology, HOST, cancel)
        if not _has_unused_own_disks(state, topology):
            if neighbors:  # for checks and removals, which create no disks
                return state
            state = with_neighbors_on_shared_switches(
                session, state, topology, found.names, cancel=cancel
            )
            parents = _parents_and_images(state, topology, HOST)
            return with_parent_users(session, state, parents, cancel=cancel)
    return _observe_machine(session, topology, HOST, cancel)


def _has_unused_own_disks(state: HostState, topology: Topology) -> bool:
    """Whether a disk file is named as the topology's, and none of its VMs is known to use it.

    A VM that was not read in full may then have it attached.
    """
    if state.hyper_v is None:
        return True
    folder = state.hyper_v.vm_host.virtual_hard_disk_path
    attached = {disk.path.lower() for vm in state.hyper_v.vms for disk in vm.hard_disks}
    machine, name = _with_image_paths(state, topology, HOST), topology.name
    wanted = {(disk_path(folder, name, vm) or "").lower() for vm in machine.vms}
    wanted |= {
        placed.path.lower()
        for vm in machine.vms
        for placed in placed_disks(state.hyper_v, name, vm)
    }
    paths = (file.path for file in state.hyper_v.disk_files if is_owned_disk(file.path, name))
    return any(path.lower() not in attached | wanted for path in paths)


@dataclass
class _GuestObserver:
    """Visits the machines of a topology, each after its host, and collects their states."""

    topology: Topology
    credentials: dict[MachinePath, str]
    cancel: Cancel | None
    on_unreachable: OnUnreachable
    sessions: dict[MachinePath, Session]
    scope: VMScope = "all"
    states: dict[MachinePath, HostState] = field(default_factory=dict)

    def visit(self, path: MachinePath) -> None:
        session = self.sessions[HOST] if path == HOST else self._guest_session(path)
        if session is None:
            return
        try:
            state = self._observe(session, path)
        except (GuestUnreachable, SessionBroken) as error:
            if path == HOST:
                raise
            self.on_unreachable(path, error)
            return
        self.sessions[path], self.states[path] = session, state

    def _observe(self, session: Session, path: MachinePath) -> HostState:
        if path != HOST or self.scope == "all":
            return _observe_machine(session, self.topology, path, self.cancel)
        neighbors = self.scope == "neighbors"
        return _observe_relevant_vms(session, self.topology, self.cancel, neighbors=neighbors)

    def _guest_session(self, path: MachinePath) -> Session | None:
        parent = self.states.get(path[:-1])
        if parent is None or parent.hyper_v is None or path not in self.credentials:
            return None
        vm = parent.hyper_v.vm(path[-1])
        running = vm is not None and vm.state == "Running"
        return self.sessions[path[:-1]].guest(path[-1], self.credentials[path]) if running else None


def _disk_paths(state: HostState, topology: Topology, path: MachinePath) -> Iterator[str]:
    """Yield the files that a plan depends on.

    These are parents, disks with a path in the file, and disks that nestlab creates or may have
    created.
    """
    if state.hyper_v is None:
        return
    yield from _parents_and_images(state, topology, path)
    folder = state.hyper_v.vm_host.virtual_hard_disk_path
    for vm in _with_image_paths(state, topology, path).vms:
        disk = disk_path(folder, topology.name, vm)
        if disk:
            yield disk
        yield from named_disks(vm)
        yield from data_disk_files(state.hyper_v, topology.name, vm)
        if vm.disk is None or vm.disk.path:
            yield own_disk_path(folder, topology.name, vm.name)


def _parents_and_images(state: HostState, topology: Topology, path: MachinePath) -> Iterator[str]:
    """Yield the parents of the disks of a machine's VMs, and the images for VMs inside those."""
    machine = _with_image_paths(state, topology, path)
    yield from (disk.parent for vm in machine.vms for _, disk in vm.all_disks if disk.parent)
    for name in dict.fromkeys(image_names_used(machine.vms)):
        image = image_named(topology.images, name)
        if image is not None:
            yield image.path_on(path, _folder(state))


def _with_image_paths(state: HostState, topology: Topology, path: MachinePath) -> Topology | VM:
    return with_image_paths(topology.machine(path), topology.images, path, _folder(state))


def _folder(state: HostState) -> str:
    return state.hyper_v.vm_host.virtual_hard_disk_path if state.hyper_v else ""
