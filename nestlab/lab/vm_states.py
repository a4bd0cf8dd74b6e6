"""The states of a topology's VMs on a host, read again and again with a statement per machine."""

from __future__ import annotations

from nestlab.apply import Sessions, may_be_in_first_boot
from nestlab.errors import AccessDenied, GuestCredentialRefused, NestlabError
from nestlab.model import HOST, MachinePath
from nestlab.model.topology import VM, Topology, is_generalized
from nestlab.observe import read_vm_states
from nestlab.plan import windows_credential_names
from nestlab.transport.session import Cancel, Session


class VMStateReader:
    """Reads in which states the VMs of a topology are, on a host and in its nested hosts.

    The credentials of the guests are looked up once, at the start, where that may ask for them. A
    guest that refuses its credential is not asked again before its VM has been seen not running:
    Windows locks accounts after some attempts. The credential stays known to whatever else uses the
    session to the host, such as a run.
    """

    def __init__(self, topology: Topology, host: Session) -> None:
        self._host = host
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

        Raises NestlabError if those on the host cannot be read.
        """
        credentials = windows_credential_names(topology)
        sessions = Sessions(self._host, credentials)
        found: dict[MachinePath, str] = {}
        for path, machine in topology.machines():
            if not machine.vms or not self._is_readable(path, found, credentials.get(path)):
                continue
            try:
                states = read_vm_states(sessions.to(path), cancel=cancel)
            except NestlabError as error:
                if path == HOST:
                    raise
                self._note(error, topology, path, sessions, cancel)
                continue
            for vm in machine.vms:
                state = states.get(vm.name.casefold(), "")
                if state:
                    found[*path, vm.name] = state
                if state != "Running":
                    self._refused.discard((*path, vm.name))
        return found

    def _is_readable(
        self, path: MachinePath, found: dict[MachinePath, str], credential: str | None
    ) -> bool:
        return path == HOST or (
            found.get(path) == "Running" and path not in self._refused and credential in self._known
        )

    def _note(
        self,
        error: NestlabError,
        topology: Topology,
        path: MachinePath,
        sessions: Sessions,
        cancel: Cancel | None,
    ) -> None:
        """Take note of a guest whose credential is refused or not found; others are asked again."""
        if isinstance(error, GuestCredentialRefused):
            for depth in range(1, len(path) + 1):  # any guest on the path may have refused
                sessions.to(path[:depth]).keep_credential()
            vm = topology.machine(path)
            if (
                isinstance(vm, VM)
                and is_generalized(topology.images, vm)
                and may_be_in_first_boot(path, sessions, cancel)
            ):
                return
        elif not isinstance(error, AccessDenied):
            return
        self._refused.add(path)
