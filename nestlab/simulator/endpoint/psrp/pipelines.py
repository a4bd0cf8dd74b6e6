"""Pipelines on the simulated host: the end is sent when the time of all statements has passed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from psrpcore import Command

from nestlab.errors import Cancelled, HostUnreachable
from nestlab.simulator.endpoint.psrp.guest_runs import run_in_guest
from nestlab.simulator.endpoint.psrp.language import GuestRun, Statement, read, split
from nestlab.simulator.endpoint.psrp.pipeline_streams import PipelineWriter
from nestlab.simulator.endpoint.psrp.remoting_server import Runner
from nestlab.simulator.endpoint.psrp.statement_sequence import run_all
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.session_state import Configuration
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.state.clock_clients import Hold

CLOCK_RATE = 60.0
"""Virtual seconds in a real one: a guest that boots for a minute answers after a second."""

GRACE = 0.25
"""Real seconds that a client may think between two pipelines before time passes without it."""

PAUSE = 0.02
"""Real seconds that time stands still when a pipeline of a client with several shells waits.

The client may begin another pipeline.
"""

_LOOK_SECONDS = 0.05


def clock_rate_of(host: SimulatedHost) -> float:
    """Return how fast the clock of a host goes for clients that wait in real time.

    That is what its time scale says, or `CLOCK_RATE` where it has none.
    """
    scale = host.clock.time_scale
    return 1 / scale if scale > 0 else CLOCK_RATE


class Pipelines:
    """Runs pipelines for all shells of an endpoint.

    `clock_rate` is how many virtual seconds pass in a real one while no client works: clients that
    know nothing of the host's clock wait in real time. nestlab's own say so, and wait by the host's
    clock (see `join`).
    """

    def __init__(
        self, host: SimulatedHost, *, clock_rate: float, guest_passwords: Mapping[str, str]
    ) -> None:
        self._host = host
        self._clock_rate = clock_rate
        self._guest_passwords = guest_passwords
        self._lock = threading.Lock()
        self._holds: dict[str, Hold] = {}
        self._shells: dict[str, set[str]] = {}  # by the client that they belong to
        host.clock.rate = clock_rate

    @property
    def machine_name(self) -> str:
        """The name of the host."""
        return str(self._host.machine.name)

    def private_data(self) -> dict[str, Any]:
        """Return what a client may know of a host that is simulated: how fast its clock goes."""
        return {"NestLab": {"ClockRate": float(self._clock_rate)}}

    def close(self) -> None:
        """Stop the clock when the last client has gone."""
        for client, shells in list(self._shells.items()):
            for shell_id in list(shells):
                self.leave(client, shell_id)
        self._host.clock.rate = 0.0

    def is_up(self) -> bool:
        """Whether the host answers; time passes while a client asks."""
        self._host.clock.follow_real_time()
        return bool(self._host.machine.answers_from <= self._host.clock.now)

    def booted_at(self) -> float:
        """Return the moment at which the host started last; a session ends with its host."""
        return float(self._host.machine.booted_at)

    def await_host(self, seconds: float) -> None:
        """Let time pass until the host answers.

        Raises HostUnreachable after so many real seconds.
        """
        deadline = time.monotonic() + seconds
        while not self.is_up():
            if time.monotonic() > deadline:
                name = self.machine_name
                raise HostUnreachable(
                    name, f"The simulated host {name} does not answer: it is down."
                )
            time.sleep(_LOOK_SECONDS)
        self._host.keep_time()

    def share_time(self) -> None:
        """Let time pass by the waits of clients alone, as those of other processes do.

        A process whose client is idle cannot know whether those of others work.
        """
        self._host.clock.rate = 0.0
        if self._host.clock.others is not None:
            self._host.clock.others.grace = GRACE

    def join(self, client: str, shell_id: str) -> None:
        """Take note of a shell whose client waits by the host's clock.

        While the client works, no time passes.
        """
        with self._lock:
            self._shells.setdefault(client, set()).add(shell_id)
            hold = self._holds.get(client) or self._holds.setdefault(
                client, self._host.clock.hold(grace=GRACE, elsewhere=True)
            )
            hold.pause = PAUSE if len(self._shells[client]) > 1 else 0.0

    def leave(self, client: str, shell_id: str) -> None:
        """Forget a shell, and with its last one the client."""
        with self._lock:
            shells = self._shells.get(client, set())
            shells.discard(shell_id)
            hold = None if shells else self._holds.pop(client, None)
            if not shells:
                self._shells.pop(client, None)
        if hold is not None:
            hold.release()

    def runner(self, configuration: Configuration) -> Runner:
        """Return what runs the pipelines of a shell of this configuration."""

        def run(
            commands: list[Any], writer: PipelineWriter, cancel: threading.Event, client: str
        ) -> None:
            hold = self._holds.get(client)
            if hold is not None:
                hold.touch()
            try:
                self._run(commands, configuration, writer, cancel, hold)
            finally:
                if hold is not None:
                    hold.touch()

        return run

    def _run(
        self,
        commands: list[Any],
        configuration: Configuration,
        writer: PipelineWriter,
        cancel: threading.Event,
        hold: Hold | None,
    ) -> None:
        self._host.clock.follow_real_time()
        try:
            with self._host.call(cancel, hold) as world:
                # A state file keeps no passwords: a world that was read from it again does not know
                # this run's.
                world.guest_passwords.update(self._guest_passwords)
                runspace = Runspace(self._host, configuration=configuration)

                def run(part: Sequence[Command], sink: Sink) -> None:
                    # What runs behind the pipeline's last word cannot be stopped.
                    _run_statement(
                        runspace,
                        read(part, configuration),
                        sink,
                        cancel if sink is writer else threading.Event(),
                    )

                end = run_all(split(commands), run, writer, configuration)
        except Cancelled:
            writer.stop()
        else:
            end()


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
