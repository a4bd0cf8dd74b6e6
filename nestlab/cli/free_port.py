"""The port of a server on this computer."""

from __future__ import annotations

import os
import socket

from nestlab.errors import UsageError
from nestlab.texts import tr

_FIRST_PORT, _PORTS = 8888, 50


def free_port(ip: str, wanted: int | None) -> int:
    """Return the port that is wanted, or the first free one; raises UsageError if none is free."""
    tried = range(_FIRST_PORT, _FIRST_PORT + _PORTS) if wanted is None else (wanted,)
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    for port in tried:
        with socket.socket(family) as listener:
            if os.name == "posix":  # as the server does: closed connections do not hold the port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((ip if ip != "*" else "", port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    ports = str(wanted) if wanted is not None else f"{tried[0]}-{tried[-1]}"
    message = tr("No port is free: {ports}.", ports=ports)
    raise UsageError(message, hint=tr("Name another one with --port."))
