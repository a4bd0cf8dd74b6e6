"""A remoting server on standard streams that gives back each parameter as an object: its property Value."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from nestlab.model import Record, Secret
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines
from nestlab.simulator.endpoint.stdio.stdio_server import StdioServer
from nestlab.simulator.host import SimulatedHost


class Echo(Pipelines):
    """Runs any command by telling its parameters."""

    def runner(self, _configuration):
        """Return what tells the parameters of all commands."""

        def run(statements, writer, _cancel, _client):
            for command in itertools.chain.from_iterable(statements):
                for name, value in command.parameters:
                    if name != "ErrorAction":
                        writer.output(Record(("Echo",), {"Value": told(value)}))
            writer.complete()

        return run


def told(value):
    """Return a value with secrets as texts, which no object gives back."""
    if isinstance(value, Secret):
        return f"{value.username}|{value.value}" if value.username else value.value
    if isinstance(value, dict):
        return {key: told(item) for key, item in value.items()}
    return [told(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    host = SimulatedHost.from_scenario("ws2022-intel")
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    StdioServer(Echo(host, clock_rate=1.0, guest_passwords={}), output).serve(sys.stdin.buffer)
