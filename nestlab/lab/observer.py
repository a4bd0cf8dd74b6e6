"""The looks of one run: at the host as a whole when it begins, then only at what is the topology's own."""

from __future__ import annotations

from nestlab.apply import Sessions
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import Chains, Scope, observe_all, observe_one, with_disk_uses
from nestlab.transport.session import Cancel


class Observer:
    """Looks at the machines of a topology, down to a depth; None where there is no limit.

    The first look is at the VMs of the host in the `scope` that `observe_all` takes. The VMs of
    others stand in later looks as they were in the first: so a look costs the same however many
    there are. With `chains`, where disks may go, each look follows the disks of every VM, and
    remembers there what it has read of their parents.
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
    ) -> None:
        self._topology = topology
        self._sessions = sessions
        self._cancel = cancel
        self._depth = depth
        self._chains = chains
        self._scope: Scope = scope
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
        return state and self._with_chains(path, state)

    def _with_chains(self, path: MachinePath, state: HostState) -> HostState:
        return (
            with_disk_uses(self._sessions.to(path), state, chains=self._chains, cancel=self._cancel)
            if self._chains is not None
            else state
        )
