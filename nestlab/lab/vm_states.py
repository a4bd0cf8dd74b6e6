"""The states of a topology's VMs on a host, read again and again with a statement per machine."""

from __future__ import annotations

from nestlab.errors import (
    AccessDenied,
    GuestCredentialRefused,
    GuestUnreachable,
    HostError,
    SessionBroken,
)
from nestlab.model import HOST, MachinePath
from nestlab.model.topology import Topology
from nestlab.observe import read_vm_states
from nestlab.plan import windows_credential_names
from nestlab.transport.session import Cancel, Session

_LATER = (GuestUnreachable, SessionBroken)
"""The errors of a guest that can answer the next time, as one that is booting."""


class VMStateReader:
    """Reads in which states the VMs of a topology are, on a host and in its nested hosts.

    The credentials of the guests are looked up once, at the start, where that may ask for them. A
    guest that refuses its credential is not asked again: Windows locks accounts after some
    attempts.
    """

    def __init__(self, topology: Topology, host: Session) -> None:
        self._sessions: dict[MachinePath, Session] = {HOST: host}
        self._known: set[str] = set()
        self._refused: set[MachinePath] = set()
        for path, name in windows_credential_names(topology).items():
            if name not in self._known and topology.machine(path).vms:
                try:
                    host.prepare(name)
                except AccessDenied:
                    continue
                self._known.add(name)

    def read(self, topology: Topology, *, cancel: Cancel | None = None) -> dict[MachinePath, str]:
        """Return the states of the VMs of a topology that exist on machines that answer.

        Raises HostError if the host does not answer or refuses access.
        """
        credentials = windows_credential_names(topology)
        found: dict[MachinePath, str] = {}
        for path, machine in topology.machines():
            is_read = bool(machine.vms) and (path == HOST or found.get(path) == "Running")
            session = self._session(path, credentials.get(path)) if is_read else None
            if session is not None:
                states = self._states_on(session, path, cancel)
                names = ((vm.name, states.get(vm.name.casefold())) for vm in machine.vms)
                found.update({(*path, name): state for name, state in names if state})
        return found

    def _session(self, path: MachinePath, credential: str | None) -> Session | None:
        if path in self._refused:
            return None
        parent = self._sessions.get(path[:-1])
        if path not in self._sessions and parent is not None and credential in self._known:
            self._sessions[path] = parent.guest(path[-1], str(credential))
        return self._sessions.get(path)

    def _states_on(
        self, session: Session, path: MachinePath, cancel: Cancel | None
    ) -> dict[str, str]:
        try:
            return read_vm_states(session, cancel=cancel)
        except HostError as error:
            if path == HOST:
                raise
            if isinstance(error, GuestCredentialRefused) or not isinstance(error, _LATER):
                self._refused.add(path)
            self._sessions.pop(path, None)
            return {}
