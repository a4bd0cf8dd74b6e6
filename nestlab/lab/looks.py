"""The looks of one run: at everything when it begins, then only at what is the topology's own."""

from __future__ import annotations

from nestlab.apply import Sessions
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.observe import observe_all, observe_one
from nestlab.transport.session import Cancel


class Looks:
    """Looks at the machines of a topology, down to a depth; None where there is no limit.

    The VMs of others on the host stand in later looks as they were in the first: so a look costs the same however many there are.
    """

    def __init__(self, topology: Topology, sessions: Sessions, cancel: Cancel | None, depth: int | None = None) -> None:
        self._topology = topology
        self._sessions = sessions
        self._cancel = cancel
        self._depth = depth
        self._host: HostState | None = None

    def at_all(self) -> dict[MachinePath, HostState]:
        """Return what is on the machines that answer, VMs of others among it."""
        states = observe_all(self._sessions.to(HOST), self._topology, cancel=self._cancel, depth=self._depth)
        self._host = states[HOST]
        return states

    def at(self, path: MachinePath) -> HostState | None:
        """Return what is on one machine; None where a guest does not answer."""
        known = self._host if path == HOST else None
        return observe_one(self._sessions.to(path), self._topology, path, known=known, cancel=self._cancel)
