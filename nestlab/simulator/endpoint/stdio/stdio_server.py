"""A simulated host that one client reaches through standard input and output."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from functools import partial
from typing import BinaryIO
from uuid import UUID, uuid4

from nestlab.errors import AccessDenied, NestlabError, SessionBroken, UsageError
from nestlab.model import ErrorRecord
from nestlab.simulator.behaviour.powershell_direct import guest_user
from nestlab.simulator.endpoint.messages.pool_xml import private_data
from nestlab.simulator.endpoint.psrp.defragmenter import BadFragment
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines, clock_rate_of
from nestlab.simulator.endpoint.psrp.remoting_server import RemotingServer
from nestlab.simulator.endpoint.psrp.server_pool import Emit
from nestlab.simulator.endpoint.stdio.client_packets import (
    POOL,
    BadPacket,
    ClientPacket,
    data_head,
    data_line,
    read_packets,
)
from nestlab.simulator.endpoint.stdio.output_lines import OutputLines
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION, Configuration
from nestlab.simulator.runspace import HostDown

_SHUTDOWN_SECONDS = 5.0
"""Real seconds to wait for pipelines to end after their client has disconnected."""

_BOOT_SECONDS = 30.0
"""Maximum real seconds that a client waits for a restarting host."""

_QUEUE_SIZE = 64


class StdioServer:
    """Serves the sessions of one client, one after another, until its input ends."""

    def __init__(
        self,
        pipelines: Pipelines,
        output: BinaryIO,
        configuration: Configuration = DEFAULT_CONFIGURATION,
    ) -> None:
        self._configuration = configuration
        self._pipelines = pipelines
        self._output = OutputLines(output, lambda: self._stop(None))
        self._id = str(uuid4())
        self._client = ""
        self._booted_at = pipelines.booted_at()
        self._open: set[UUID] = set()
        self._closing = False
        self._packets: queue.Queue[ClientPacket | None] = queue.Queue(
            _QUEUE_SIZE
        )  # None is the end
        self._stopped = False
        self._problem: NestlabError | None = None
        self._server = self._new_server()

    def serve(self, stream: BinaryIO) -> None:
        """Process the packets of a client until the stream ends.

        Raises:
            UsageError: the input is not PowerShell remoting.
            SessionBroken: the host went down, or an injected fault dropped the session.
            AccessDenied: an injected fault refused the account.
        """
        # Input is read in a thread: a wait for input cannot be ended when the host goes down.
        threading.Thread(target=self._read, args=(stream,), name="stdin", daemon=True).start()
        try:
            while (packet := self._packets.get()) is not None and not self._stopped:
                self._require_host(packet)
                self._handle(packet)
        finally:
            self._shut_down()
        if self._problem is not None:
            raise self._problem

    def _read(self, stream: BinaryIO) -> None:
        try:
            for packet in read_packets(stream):
                self._packets.put(packet)
        except BadPacket as problem:
            self._problem = _not_remoting(f"Received: {problem}.")
        except OSError:
            pass  # the client has disconnected
        self._packets.put(None)

    def _new_server(self) -> RemotingServer:
        data = private_data(self._pipelines.machine_name, self._pipelines.private_data())
        return RemotingServer(self, self._pipelines.runner(self._configuration), data)

    def _require_host(self, packet: ClientPacket) -> None:
        """Raise SessionBroken if the host has restarted since the session began.

        The pipeline that restarted the host can still be closed.
        """
        is_last = packet.kind in {"Signal", "Close"}
        if self._pipelines.booted_at() != self._booted_at and not is_last:
            raise self._session_lost()

    def _session_lost(self) -> SessionBroken:
        name = self._pipelines.machine_name
        return SessionBroken(
            name,
            f"The simulated host {name} went down, and its sessions were lost. Connect again when it is up.",
        )

    def _handle(self, packet: ClientPacket) -> None:
        match packet.kind:
            case "Data":
                self._feed(packet.data)
            case "Command":
                self._open.add(packet.target)
                self._server.create(packet.target)
            case "Signal":
                self._server.stop(packet.target)
            case _ if packet.target == POOL:
                self._closing = True
            case _:
                self._server.close(packet.target)
                self._open.discard(packet.target)
        if packet.kind != "Close" or packet.target != POOL:
            self._output.write(packet.acknowledgement())
        self._join()
        if self._closing and not self._open:
            # Like PowerShell, the server waits without limit for pipelines that are not closed.
            self._close_pool()

    def _feed(self, data: bytes) -> None:
        try:
            self._server.feed(data)
        except BadFragment as problem:
            raise _not_remoting(str(problem)) from None

    def _join(self) -> None:
        client = self._server.client
        if client and client != self._client:
            self._client = client
            self._pipelines.join(client, self._id)
            self._pipelines.share_time()

    def _close_pool(self) -> None:
        """Close the pool; as in PowerShell, another session may begin on the same streams."""
        self._server.send_closed()
        self._server.end()
        self._output.write(ClientPacket("Close", POOL).acknowledgement())
        self._closing = False
        self._server = self._new_server()

    def _shut_down(self) -> None:
        deadline = time.monotonic() + _SHUTDOWN_SECONDS
        # A pipeline never releases the lock if the client does not read its output.
        if self._server.lock.acquire(timeout=_SHUTDOWN_SECONDS):
            threads = self._server.end()
            self._server.lock.release()
            for thread in threads:
                thread.join(max(deadline - time.monotonic(), 0.0))
        self._output.close()
        if self._client:
            self._pipelines.leave(self._client, self._id)

    def _stop(self, problem: NestlabError | None) -> None:
        self._problem, self._stopped = self._problem or problem, True
        with contextlib.suppress(queue.Full):
            self._packets.put_nowait(None)

    # -- ServerTransport, called by the remoting server

    def put(self, head: bytes, body: bytes) -> None:
        """Send a fragment of the pool."""
        self._output.write(data_line(POOL, head + body))

    def output_of(self, pipeline_id: UUID) -> Emit:
        """Return the function that sends the fragments of a pipeline, several in one write."""
        return partial(self._output.add, data_head(pipeline_id))

    def finish(self, pipeline_id: UUID) -> None:  # noqa: ARG002  # the lines of all pipelines have one order
        """Write the final state of a pipeline at once."""
        self._output.flush()

    def report_refusal(self, pipeline_id: UUID, problem: ErrorRecord) -> None:  # noqa: ARG002  # ends the session as a whole
        """End the session of an account that the host refuses."""
        self._stop(AccessDenied(self._pipelines.machine_name, problem.message))

    def report_loss(self, problem: HostDown) -> None:  # noqa: ARG002  # either way the client loses its session
        """End the session without a response."""
        self._stop(self._session_lost())


def serve_stdio(
    host: SimulatedHost,
    *,
    guest_password: str,
    clock_rate: float | None = None,
    configuration: Configuration = DEFAULT_CONFIGURATION,
) -> None:
    """Serve a simulated host to the client on standard input and output, until its input ends.

    Meanwhile, other output of the process goes to standard error, where the client reports each
    line as an error of the session.

    Args:
        host: the host.
        guest_password: the password of the administrator in its guests, `guest_user`.
        clock_rate: virtual seconds for each real one while no client is busy; see `clock_rate_of`.
        configuration: the session configuration of the session.

    Raises:
        HostUnreachable: the host is down.
        UsageError: the input is not PowerShell remoting.
        SessionBroken: the host went down, or an injected fault dropped the session.
        AccessDenied: an injected fault refused the account.
    """
    if os.isatty(0):
        what = "It is a terminal."
        raise _not_remoting(what)
    rate = clock_rate or clock_rate_of(host)
    passwords = {guest_user(host.machine): guest_password}
    pipelines = Pipelines(host, clock_rate=rate, guest_passwords=passwords)
    # Duplicates: the reading thread may still wait for input when the program ends, and Python
    # would wait for it when it closes its own streams.
    with open(os.dup(1), "wb", buffering=0) as output:  # noqa: PTH123  # no path
        os.dup2(2, 1)
        try:
            pipelines.await_host(_BOOT_SECONDS)
            StdioServer(pipelines, output, configuration).serve(os.fdopen(os.dup(0), "rb"))
        finally:
            pipelines.close()


def _not_remoting(what: str) -> UsageError:
    return UsageError(
        f"Standard input is not PowerShell remoting. {what}",
        hint="Start it from a client, such as nestlab.connect, Start-Job, or ssh as its subsystem.",
    )
