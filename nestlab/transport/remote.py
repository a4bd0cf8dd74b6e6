"""Sessions to real hosts: typed pipelines over PowerShell remoting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nestlab.errors import SessionBroken
from nestlab.model import HOST, Cmdlet, MachinePath, Outcome, Progress, path_text
from nestlab.transport.crew import InLine, ThreadCrew
from nestlab.transport.guest import GuestSession
from nestlab.transport.names import is_reading, refuse_wildcards
from nestlab.transport.session import Cancel, Crew
from nestlab.transport.shell import Result, Watch
from nestlab.transport.statements import extend, fill, groups, has_secrets, names_of, settle, wait
from nestlab.transport.stock import ShellStock
from nestlab.transport.target import Target, read_target


def open_remote(address: str, **options: Any) -> PsrpSession:
    """Open ``winrm://HOST[:PORT]`` or ``winrms://HOST[:PORT]`` and log on.

    Options beside those of `nestlab.connect`: ``ca`` (PEM file of the authority), ``verify``, ``certificate`` and
    ``certificate_key`` (PEM files of a client certificate), ``credential`` (a name), ``connection_timeout`` and
    ``operation_timeout`` in seconds.

    Raises UnknownHost, UsageError, HostUnreachable, AccessDenied.
    """
    session = PsrpSession(read_target(address, **options))
    session.open()
    return session


class PsrpSession:
    """A session to a host over PowerShell remoting. See `nestlab.transport.session.Session`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._stock = ShellStock(target)

    @property
    def host(self) -> str:
        """The address the session was opened with, without secrets."""
        return self._target.address

    @property
    def machine(self) -> MachinePath:
        """The machine it leads to: the host."""
        return HOST

    def __repr__(self) -> str:
        return f"<Session {self.host} {path_text(self.machine)}>"

    def open(self) -> None:
        """Connect and log on now; `run` does it otherwise."""
        with self._stock.lend():
            return

    def run(
        self,
        *statements: Cmdlet,
        timeout: float | None = None,
        on_progress: Callable[[Progress], None] | None = None,
        cancel: Cancel | None = None,
    ) -> Outcome:
        """Run the statements in order; see the protocol. Those that only read share a pipeline."""
        refuse_wildcards(statements)
        watch = Watch(timeout, on_progress, cancel)
        gathered = Result()
        for group in groups(statements):
            self._run_group(group, watch, gathered)
        return Outcome(tuple(gathered.records), tuple(gathered.errors), tuple(gathered.warnings), tuple(gathered.verbose))

    def _run_group(self, group: Sequence[Cmdlet], watch: Watch, gathered: Result) -> None:
        result = self._execute(group, watch)
        if result.failed is not None and len(group) > 1:
            # The pipeline does not say which statement failed; reading again, one by one, does.
            for statement in group:
                self._run_group([statement], watch, gathered)
            return
        extend(gathered, result)
        if result.failed is not None:
            settle(group[0], result.failed, gathered, self.machine)

    def _execute(self, group: Sequence[Cmdlet], watch: Watch) -> Result:
        try:
            return self._once(group, watch)
        except SessionBroken:
            if watch.timeout is not None or not all(is_reading(statement) for statement in group):
                raise
        return self._once(group, watch)

    def _once(self, group: Sequence[Cmdlet], watch: Watch) -> Result:
        with self._stock.lend() as shell:
            return shell.execute(lambda pipeline: fill(pipeline, group), running=names_of(group), secrets=has_secrets(group), watch=watch)

    def guest(self, vm_name: str, credential: str) -> GuestSession:
        """Return a session to a VM of this host over PowerShell Direct."""
        return GuestSession(self._target, self._stock, ((vm_name, credential),))

    def prepare(self, *credentials: str) -> None:
        """Find the credentials of these names now: keyring, environment, prompt."""
        for name in credentials:
            self._stock.credential(name)

    def wait(self, seconds: float, cancel: Cancel | None = None) -> None:
        """Let time pass: real seconds, or those of a simulated host's own clock. Raises Cancelled."""
        wait(seconds / self._stock.clock_rate, cancel)

    def crew(self, size: int, cancel: Cancel | None = None) -> Crew:
        """Return threads, each of which is lent a shell of its own; for one, no thread is needed."""
        return ThreadCrew(size, cancel) if size > 1 else InLine(cancel)

    def close(self) -> None:
        """Give the shells back, which the guests' sessions use too."""
        self._stock.close()
