"""Observation during a run: all machines when it starts, then only the topology's own objects."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nestlab.apply import Sessions
from nestlab.errors import GuestCredentialRefused, HostError
from nestlab.lab.lab_observation import observe_lab
from nestlab.model import HOST, MachinePath
from nestlab.model.ownership import is_owned_disk
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology, is_generalized
from nestlab.observe import (
    ParentCache,
    Unread,
    VMScope,
    observe_one,
    observe_own_vms,
    with_disk_uses,
    with_nested_hosts,
)
from nestlab.plan import (
    RefusedCredential,
    may_write_to_existing_disks,
    windows_credential_names,
)
from nestlab.transport.session import Cancel, Session

States = dict[MachinePath, HostState]


class Observer:
    """Observes the machines of a topology, down to a depth (None: without a limit).

    The first observation reads the VMs of the host in the `scope` that `observe_all` takes. VMs
    that are not the topology's are observed once: later states of the host repeat them, so that the
    cost does not depend on their number. The first observation follows the disks of every VM where
    a plan may write to a disk that exists. With `parent_cache`, where disks may be deleted, each
    observation does so, and caches there the parents that it has read; with `only_removes`, this is
    done only while a VM or a disk of the topology exists. `refused` is kept up to date with the
    guests that refuse their credential. With `with_removed`, all nested hosts with the topology's
    mark are observed: they may be removed with everything in them, even if the file no longer names
    them. Those that could not be read are kept in `unread`, with their errors.
    """

    def __init__(
        self,
        topology: Topology,
        sessions: Sessions,
        cancel: Cancel | None,
        *,
        depth: int | None = None,
        parent_cache: ParentCache | None = None,
        scope: VMScope = "own",
        only_removes: bool = False,
        refused: dict[MachinePath, RefusedCredential] | None = None,
        with_removed: bool = False,
        unread: Unread | None = None,
    ) -> None:
        self._topology = topology
        self._sessions = sessions
        self._cancel = cancel
        self._depth = depth
        self._parent_cache = parent_cache
        self._scope: VMScope = scope
        self._only_removes = only_removes
        self._refused = {} if refused is None else refused
        self._with_removed = with_removed
        self._unread = {} if unread is None else unread
        self._host: HostState | None = None
        self._latest: tuple[float, States] | None = None

    def observe_all_machines(self, *, within: float = 0.0) -> States:
        """Return the states of the machines that answer, with VMs that are not the topology's.

        States observed in the last `within` seconds are returned without observing again.
        """
        if self._latest is not None and time.monotonic() - self._latest[0] < within:
            return dict(self._latest[1])
        began = time.monotonic()
        self._refused.clear()
        states = observe_lab(
            self._sessions.to(HOST),
            self._topology,
            cancel=self._cancel,
            depth=self._depth,
            on_unreachable=self._note_refused,
            scope=self._scope,
        )
        self._host = states[HOST]
        states = {
            path: self._with_disk_uses(
                path, state, is_asked=may_write_to_existing_disks(self._topology, path, states)
            )
            for path, state in states.items()
        }
        if self._with_removed:
            name, session_to = self._topology.name, self._sessions.to
            self._unread.clear()
            states = with_nested_hosts(
                states, name, session_to, unread=self._unread, cancel=self._cancel
            )
        self._latest = began, states
        return dict(states)

    def _note_refused(self, path: MachinePath, error: HostError) -> None:
        """Remember a guest that refuses its credential, and whether it may be in its first boot."""
        vm = self._topology.machine(path)
        if not isinstance(error, GuestCredentialRefused) or not isinstance(vm, VM):
            return
        from nestlab.apply import may_be_in_first_boot  # noqa: PLC0415  # rarely needed

        is_new = is_generalized(self._topology.images, vm) and may_be_in_first_boot(
            path, self._sessions, self._cancel
        )
        if is_new:
            self._sessions.to(path).keep_credential()
        self._refused[path] = RefusedCredential(error, may_be_setting_up=is_new)

    def observe_machine(self, path: MachinePath) -> HostState | None:
        """Return the state of one machine; None if a guest does not answer."""
        known = self._host if path == HOST else None
        state = observe_one(
            self._sessions.to(path), self._topology, path, known=known, cancel=self._cancel
        )
        self._host = state if path == HOST else self._host
        return state and self._with_disk_uses(path, state)

    def observe_vms(self, path: MachinePath) -> HostState | None:
        """Return a machine with the topology's VMs and disks observed again, the rest as before.

        Where only VMs and disks have changed since the last observation, it equals what
        `observe_machine` returns. None if a guest does not answer.
        """
        state = None
        if path == HOST and self._host is not None:
            state = observe_own_vms(
                self._sessions.to(HOST), self._topology, self._host, cancel=self._cancel
            )
        if state is None:
            return self.observe_machine(path)
        self._host = state
        return self._with_disk_uses(path, state)

    def _with_disk_uses(
        self, path: MachinePath, state: HostState, *, is_asked: bool = False
    ) -> HostState:
        cached = self._parent_cache is not None
        if not (cached or is_asked) or (self._only_removes and not self._owns_anything(state)):
            return state
        return with_disk_uses(
            self._sessions.to(path), state, parent_cache=self._parent_cache, cancel=self._cancel
        )

    def _owns_anything(self, state: HostState) -> bool:
        """Whether a VM or a disk of the topology exists, so that the disks of others matter."""
        hyper_v, name = state.hyper_v, self._topology.name
        return hyper_v is not None and (
            bool(hyper_v.vms_of(name))
            or any(is_owned_disk(file.path, name) for file in hyper_v.disk_files)
        )


@contextmanager
def observer_of(
    topology: Topology,
    host: Session,
    cancel: Cancel | None,
    *,
    depth: int | None = None,
    parent_cache: ParentCache | None = None,
    scope: VMScope = "own",
    only_removes: bool = False,
    refused: dict[MachinePath, RefusedCredential] | None = None,
    with_removed: bool = False,
    credentials: Mapping[MachinePath, str] | None = None,
    unread: Unread | None = None,
) -> Iterator[Observer]:
    """Yield the observer of a topology on a host, and close its sessions to guests at the end.

    `credentials` are those of the guests, by default those that the topology names.
    """
    sessions = Sessions(
        host, windows_credential_names(topology) if credentials is None else credentials
    )
    try:
        yield Observer(
            topology,
            sessions,
            cancel,
            depth=depth,
            parent_cache=parent_cache,
            scope=scope,
            only_removes=only_removes,
            refused=refused,
            with_removed=with_removed,
            unread=unread,
        )
    finally:
        sessions.close()


def with_all_disk_uses(
    topology: Topology, host: Session, states: States, cancel: Cancel | None
) -> States:
    """Return the states with the VMs and checkpoints that use each disk, and its parents."""
    sessions = Sessions(host, windows_credential_names(topology))
    try:
        return {
            path: with_disk_uses(sessions.to(path), state, cancel=cancel)
            for path, state in states.items()
        }
    finally:
        sessions.close()
