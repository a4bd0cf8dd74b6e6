"""The port of a server on this computer."""

from __future__ import annotations

import errno
import os
import socket

from nestlab.cli.notebook_options import LOOPBACK
from nestlab.errors import UsageError
from nestlab.texts import tr

_FIRST_PORT, _PORTS, _LAST_PORT = 8888, 50, 65535
# EAFNOSUPPORT without IPv6, EINVAL for a link-local address without its zone.
_NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL)


def free_port(ip: str, wanted: int | None) -> int:
    """Return the port that is wanted, or the first free one; 0 is any free one.

    Raises UsageError if none is free, or if this computer does not have the address.
    """
    tried = range(_FIRST_PORT, _FIRST_PORT + _PORTS) if wanted is None else (wanted,)
    hint = tr("Name another one with --port.")
    if wanted is not None and not 0 <= wanted <= _LAST_PORT:
        message = tr("There is no port {port}: ports are numbers from 0 to 65535.", port=wanted)
        raise UsageError(message, hint=hint)
    for port in tried:
        if found := _bound(ip, port):
            return found
    ports = str(wanted) if wanted is not None else f"{tried[0]}-{tried[-1]}"
    raise UsageError(tr("No port is free: {ports}.", ports=ports), hint=hint)


def _bound(ip: str, port: int) -> int | None:
    """Return the port that an address can listen on; None if it is not free."""
    name = "0.0.0.0" if ip in {"", "*"} else ip  # noqa: S104  # all addresses, as for the server
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
        family, *_, address = min(found, key=lambda each: each[0] != socket.AF_INET)
        with socket.socket(family) as listener:
            if os.name == "posix":  # as the server does: closed connections do not hold the port
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            return int(listener.getsockname()[1])
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno in _NO_SUCH_ADDRESS:
            raise UsageError(
                tr("{ip} is not an address of this computer.", ip=ip),
                hint=tr("Give one that it has with --ip, or leave --ip out: {ip}.", ip=LOOPBACK),
            ) from error
        return None
