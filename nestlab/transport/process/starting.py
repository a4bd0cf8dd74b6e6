"""Starts the program whose standard streams carry packets.

A separate module reads the streams; it is imported while the program starts.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from typing import IO

_PIPE_SIZE = 1 << 20
"""The maximum size in bytes that Linux allows unprivileged users by default."""

_CREATION_FLAGS: int = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)


def start_process(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a program with its standard streams as pipes, and return its process.

    It ends when this process does, for whatever reason: its standard input closes, and on Windows a
    job object ends it. Raises OSError.
    """
    process = subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        # Ctrl-C does not reach it, and it opens no window.
        creationflags=_CREATION_FLAGS,
        start_new_session=_CREATION_FLAGS == 0,
    )
    if sys.platform == "win32":
        from nestlab.transport.process.job_object import end_with_this_process  # noqa: PLC0415  # ctypes is not needed elsewhere

        end_with_this_process(process)
    elif sys.platform == "linux":
        _enlarge(process.stdout)
    return process


def _enlarge(pipe: IO[bytes] | None) -> None:
    """Increase the size of a pipe from 64 KiB, if Linux allows it for this user.

    A listing of 300 VMs is 2 MB; with a small pipe, the two processes switch every 64 KiB.
    """
    import fcntl  # noqa: PLC0415  # exists on Unix only

    if pipe is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)


class PrestartedProcess:
    """The process of a target's first session: started while the client is still being imported."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str]) -> None:
        """Start it. If that fails, the session reports the error when it is opened."""
        with contextlib.suppress(OSError):
            self._process = start_process(command)

    def take(self) -> subprocess.Popen[bytes] | None:
        """Return the process, once."""
        process, self._process = self._process, None
        return process

    def discard(self) -> None:
        """End the process if no session took it."""
        process = self.take()
        if process is None:
            return
        with process, contextlib.suppress(OSError):  # closes its streams, and waits
            process.kill()
