"""A client of PowerShell's out-of-process remoting that is made of psrpcore, and of nothing of nestlab's client."""

from __future__ import annotations

import base64
import contextlib
import os
import subprocess
import sys
import threading
import uuid
from xml.etree import ElementTree as ET

from psrpcore import ClientPowerShell, ClientRunspacePool
from psrpcore._payload import PSRPPayload, StreamType
from psrpcore.types import PSInvocationState, RunspacePoolState

from nestlab.simulator.endpoint.psrp.pipelines import Pipelines
from nestlab.simulator.endpoint.stdio.stdio_server import StdioServer

POOL = uuid.UUID(int=0)
SIMULATE = (sys.executable, "-m", "nestlab", "simulate", "--stdio")


class StdioClient:
    """One session with a child process, in its simplest form: one line, one acknowledgement."""

    def __init__(self, *words: str, command=SIMULATE, arguments=None, process=None):
        self.process = process or subprocess.Popen(
            [*command, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.pool = ClientRunspacePool(application_arguments=arguments or {})
        self.pipelines = {}
        self.lines = []
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def open(self):
        self.pool.open()
        self.flush()
        self.until(lambda: self.pool.state == RunspacePoolState.Opened)
        return self

    def flush(self):
        while payload := self.pool.data_to_send():
            target = payload.pipeline_id or POOL
            text = base64.b64encode(payload.data).decode()
            self.send(f"<Data Stream='Default' PSGuid='{target}'>{text}</Data>")
            self.expect("DataAck", target)

    def send(self, line: str):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise EOFError(self.process.stderr.read().decode())
        assert line.endswith(b"\n")
        element = ET.fromstring(line)  # noqa: S314
        self.lines.append((element.tag, uuid.UUID(element.get("PSGuid"))))
        if element.tag == "Data":
            pipeline = self.lines[-1][1]
            data = PSRPPayload(
                base64.b64decode(element.text),
                StreamType.default,
                None if pipeline == POOL else pipeline,
            )
            self.pool.receive_data(data)
            while event := self.pool.next_event():
                self.events.append(event)
        return self.lines[-1]

    def expect(self, tag, target):
        while self.read() != (tag, target):
            pass

    def until(self, condition):
        while not condition():
            self.read()

    def begin(self, name, **parameters):
        shell = ClientPowerShell(self.pool)
        shell.add_command(name)
        shell.add_parameters(**parameters)
        self.send(f"<Command PSGuid='{shell.pipeline_id}' />")
        self.expect("CommandAck", shell.pipeline_id)
        shell.start()
        self.flush()
        return shell

    def end(self, shell):
        self.until(
            lambda: (
                shell.state
                in {
                    PSInvocationState.Completed,
                    PSInvocationState.Failed,
                    PSInvocationState.Stopped,
                }
            )
        )
        self.send(f"<Close PSGuid='{shell.pipeline_id}' />")
        self.expect("CloseAck", shell.pipeline_id)
        return shell.state

    def outputs(self, shell):
        return [
            event.data
            for event in self.events
            if type(event).__name__ == "PipelineOutputEvent"
            and event.pipeline_id == shell.pipeline_id
        ]

    def run(self, name, **parameters):
        shell = self.begin(name, **parameters)
        return self.end(shell), self.outputs(shell)

    def close(self):
        self.send(f"<Close PSGuid='{POOL}' />")
        self.expect("CloseAck", POOL)

    def finish(self):
        """Close standard input; return the exit code and what was written to standard error."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdin = None
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err.decode()


class ServerThread:
    """A server in a thread of this process, in the place of a child process."""

    def __init__(self, host):
        there, here = os.pipe()
        out, back = os.pipe()
        there, self.stdin = os.fdopen(there, "rb"), os.fdopen(here, "wb")
        self.stdout = os.fdopen(out, "rb")
        self.stderr, self.kill = None, lambda: None
        self._ends = there, open(back, "wb", buffering=0)  # noqa: PTH123, SIM115  # closed in wait
        pipelines = Pipelines(host, clock_rate=1.0, guest_passwords={})
        server = StdioServer(pipelines, self._ends[1])
        self._thread = threading.Thread(target=server.serve, args=(there,), daemon=True)
        self._thread.start()

    def wait(self, timeout=60):
        """Wait for the end of the server, which ends with its input."""
        self.stdin.close()
        self._thread.join(timeout)
        assert not self._thread.is_alive()
        for end in self._ends:
            end.close()
        return 0
