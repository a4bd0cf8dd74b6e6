"""The looks of one run: at the host as a whole when it begins, then only at what is the topology's own."""

from __future__ import annotations

from nestlab.apply import Sessions
from nestlab.model import HOST, MachinePath
from nestlab.model.ownership import is_left_behind, is_marked, is_our_disk
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import Chains, Scope, observe_all, observe_one, observe_own_vms, with_disk_uses
from nestlab.transport.session import Cancel


class Observer:
    """Looks at the machines of a topology, down to a depth; None where there is no limit.

    The first look is at the VMs of the host in the `scope` that `observe_all` takes. The VMs of
    others stand in later looks as they were in the first: so a look costs the same however many
    there are. With `chains`, where disks may go, each look follows the disks of every VM, and
    remembers there what it has read of their parents; where a run `only_removes`, as long as there is
    something of the topology.
    """

    def __init__(
        self,
        topology: Topology,
        sessions: Sessions,
        cancel: Cancel | None,
        depth: int | None = None,
        *,
        chains: Chains | None = None,
        scope: Scope = "own",
        only_removes: bool = False,
    ) -> None:
        self._topology = topology
        self._sessions = sessions
        self._cancel = cancel
        self._depth = depth
        self._chains = chains
        self._scope: Scope = scope
        self._only_removes = only_removes
        self._host: HostState | None = None

    def observe_all_machines(self) -> dict[MachinePath, HostState]:
        """Return what is on the machines that answer, VMs of others among it."""
        states = observe_all(
            self._sessions.to(HOST),
            self._topology,
            cancel=self._cancel,
            depth=self._depth,
            scope=self._scope,
        )
        self._host = states[HOST]
        return {path: self._with_chains(path, state) for path, state in states.items()}

    def observe_machine(self, path: MachinePath) -> HostState | None:
        """Return what is on one machine; None where a guest does not answer."""
        known = self._host if path == HOST else None
        state = observe_one(
            self._sessions.to(path), self._topology, path, known=known, cancel=self._cancel
        )
        self._host = state if path == HOST else self._host
        return state and self._with_chains(path, state)

    def observe_vms(self, path: MachinePath) -> HostState | None:
        """Return a machine with the topology's VMs and their disks as they are now, and the rest as it was seen last.

        Where only VMs and disks have changed since, that is what `observe_machine` returns. None
        where a guest does not answer.
        """
        state = None
        if path == HOST and self._host is not None:
            state = observe_own_vms(
                self._sessions.to(HOST), self._topology, self._host, cancel=self._cancel
            )
        if state is None:
            return self.observe_machine(path)
        self._host = state
        return self._with_chains(path, state)

    def _with_chains(self, path: MachinePath, state: HostState) -> HostState:
        if self._chains is None or (self._only_removes and not self._owns_anything(state)):
            return state
        return with_disk_uses(
            self._sessions.to(path), state, chains=self._chains, cancel=self._cancel
        )

    def _owns_anything(self, state: HostState) -> bool:
        """Whether a VM or a disk of the topology is there, so that the disks of others matter."""
        there, name = state.hyper_v, self._topology.name
        return there is not None and (
            any(is_marked(vm.notes, name) or is_left_behind(vm, name) for vm in there.vms)
            or any(is_our_disk(file.path, name) for file in there.disk_files)
        )
