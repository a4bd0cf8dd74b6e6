"""Opening a session to the host that the command line names."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nestlab.transport import Session


@contextmanager
def open_session(options: argparse.Namespace, host: str | None = None) -> Iterator[Session]:
    """Open a session to ``--host``, or to `host` if given, and close it afterwards."""
    session = connected(options, host or options.host)
    try:
        yield session
    finally:
        session.close()


def connected(options: argparse.Namespace, host: str) -> Session:
    """Open a session to a host with the options of the command line."""
    from nestlab import transport  # noqa: PLC0415  # keeps --help quick

    return transport.connect(
        host,
        username=options.username,
        auth=options.auth,
        configuration_name=options.configuration_name,
        proxy=options.proxy,
    )


def connector(options: argparse.Namespace) -> Callable[[str], Session]:
    """Return what opens a session to each of several hosts with these options."""
    return lambda host: connected(options, host)
