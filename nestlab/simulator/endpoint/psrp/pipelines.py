"""Runs pipelines on the simulated host, in virtual time."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from nestlab.errors import Cancelled, HostUnreachable
from nestlab.simulator.endpoint.messages.client_requests import RemoteCommand
from nestlab.simulator.endpoint.psrp.guest_runs import run_in_guest
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.endpoint.psrp.remoting_server import Runner
from nestlab.simulator.endpoint.psrp.statement_sequence import run_all
from nestlab.simulator.endpoint.psrp.statements import (
    GuestRun,
    Statement,
    read_statement,
    require_method_calls,
)
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.record_cache import enable_record_cache
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION, Configuration
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.state.clock_clients import Hold

CLOCK_RATE = 60.0
"""Virtual seconds for each real second: a guest that takes a minute to boot takes one second."""

GRACE = 0.25
"""Real seconds that a client may pause between two pipelines before time passes without it."""

PAUSE = 0.02
"""Real seconds to hold virtual time when a pipeline waits and its client has several shells.

The client may be about to begin another pipeline.
"""

_POLL_SECONDS = 0.05


def clock_rate_of(host: SimulatedHost) -> float:
    """Return the virtual seconds for each real second while clients wait in real time.

    It follows from the time scale of the host; without one, it is `CLOCK_RATE`.
    """
    scale = host.clock.time_scale
    return 1 / scale if scale > 0 else CLOCK_RATE


class Pipelines:
    """Runs pipelines for all shells of an endpoint.

    While no client is busy, `clock_rate` virtual seconds pass in each real second, because clients
    that do not know the host's clock wait in real time. nestlab's own clients identify themselves,
    and wait by the host's clock (see `join`).
    """

    def __init__(
        self, host: SimulatedHost, *, clock_rate: float, guest_passwords: Mapping[str, str]
    ) -> None:
        self._host = host
        self._clock_rate = clock_rate
        self._guest_passwords = guest_passwords
        self._lock = threading.Lock()
        self._holds: dict[str, Hold] = {}
        self._shells: dict[str, set[str]] = {}  # client -> ids of its shells
        host.clock.rate = clock_rate
        enable_record_cache()

    @property
    def machine_name(self) -> str:
        """The name of the host."""
        return str(self._host.machine.name)

    def private_data(self) -> dict[str, Any]:
        """Return the private data of a simulated host: the rate of its clock."""
        return {"NestLab": {"ClockRate": float(self._clock_rate)}}

    def close(self) -> None:
        """Remove all clients, and stop the clock."""
        for client, shells in list(self._shells.items()):
            for shell_id in list(shells):
                self.leave(client, shell_id)
        self._host.clock.rate = 0.0

    def is_up(self) -> bool:
        """Whether the host is up; advances virtual time by the real time that has passed."""
        self._host.clock.follow_real_time()
        return bool(self._host.machine.ready_at <= self._host.clock.now)

    def booted_at(self) -> float:
        """Return when the host last started; a session ends when its host restarts."""
        return float(self._host.machine.booted_at)

    def await_host(self, seconds: float) -> None:
        """Let time pass until the host is up.

        Raises HostUnreachable if it is still down after this number of real seconds.
        """
        deadline = time.monotonic() + seconds
        while not self.is_up():
            if time.monotonic() > deadline:
                name = self.machine_name
                raise HostUnreachable(name, f"The simulated host {name} is down.")
            time.sleep(_POLL_SECONDS)
        self._host.save_time()

    def share_time(self) -> None:
        """Let time pass only while all clients wait, including those of other processes.

        Time does not follow real time then, because other processes may have busy clients.
        """
        self._host.clock.rate = 0.0
        if self._host.clock.others is not None:
            self._host.clock.others.grace = GRACE

    def join(self, client: str, shell_id: str) -> None:
        """Register a shell whose client waits by the host's clock.

        While the client is busy, no time passes.
        """
        with self._lock:
            self._shells.setdefault(client, set()).add(shell_id)
            hold = self._holds.get(client) or self._holds.setdefault(
                client, self._host.clock.hold(grace=GRACE, remote=True)
            )
            hold.pause = PAUSE if len(self._shells[client]) > 1 else 0.0

    def leave(self, client: str, shell_id: str) -> None:
        """Unregister a shell, and its client if that was its last one."""
        with self._lock:
            shells = self._shells.get(client, set())
            shells.discard(shell_id)
            hold = None if shells else self._holds.pop(client, None)
            if not shells:
                self._shells.pop(client, None)
        if hold is not None:
            hold.release()

    def runner(self, configuration: Configuration) -> Runner:
        """Return the function that runs the pipelines of a shell of this configuration."""

        def run(
            statements: Sequence[Sequence[RemoteCommand]],
            writer: PipelineWriter,
            cancel: threading.Event,
            client: str,
        ) -> None:
            hold = self._holds.get(client)
            if hold is not None:
                hold.touch()
            try:
                self._run(statements, configuration, writer, cancel, hold)
            finally:
                if hold is not None:
                    hold.touch()

        return run

    def _run(
        self,
        statements: Sequence[Sequence[RemoteCommand]],
        configuration: Configuration,
        writer: PipelineWriter,
        cancel: threading.Event,
        hold: Hold | None,
    ) -> None:
        self._host.clock.follow_real_time()
        try:
            with self._host.call(cancel, hold) as world:
                # State files contain no passwords, so a world that has just been read from one
                # lacks those of the guests.
                world.guest_passwords.update(self._guest_passwords)

                def run(part: Sequence[RemoteCommand], sink: Sink) -> None:
                    own_wait = hold is not None and _is_wait(part)
                    used = DEFAULT_CONFIGURATION if own_wait else configuration
                    runspace = Runspace(self._host, configuration=used)
                    statement = read_statement(part, used)
                    if isinstance(statement, GuestRun) and not configuration.restricted:
                        require_method_calls(world.quirks)
                    # A statement that runs although the pipeline has failed cannot be stopped.
                    _run_statement(
                        runspace,
                        statement,
                        sink,
                        cancel if sink is writer else threading.Event(),
                    )

                end = run_all(statements, run, writer, configuration)
        except Cancelled:
            writer.stop()
        else:
            end()


def _is_wait(statement: Sequence[RemoteCommand]) -> bool:
    """Whether a statement only lets time pass, as nestlab's clients do by the host's clock.

    On a real host they wait by themselves: no role has to allow it.
    """
    return len(statement) == 1 and statement[0].text == "Start-Sleep"


def _run_statement(
    runspace: Runspace, statement: Statement, sink: Sink, cancel: threading.Event
) -> None:
    if cancel.is_set():
        msg = "Stopped."
        raise Cancelled(msg)
    if isinstance(statement, GuestRun):
        run_in_guest(runspace, statement, sink, cancel)
    else:
        runspace.invoke([statement], sink, cancel)
