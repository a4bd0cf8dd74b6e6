"""Opening a session to the host that the command line names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nestlab.transport import Session


@contextmanager
def open_session(options: argparse.Namespace, host: str | None = None) -> Iterator[Session]:
    """Open a session to ``--host``, or to `host` if given, and close it afterwards."""
    from nestlab import transport  # noqa: PLC0415  # keeps --help quick

    session = transport.connect(
        host or options.host,
        username=options.username,
        auth=options.auth,
        configuration_name=options.configuration_name,
        proxy=options.proxy,
    )
    try:
        yield session
    finally:
        session.close()
