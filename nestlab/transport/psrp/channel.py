"""The seam of remoting: what carries the messages of one runspace pool, and what opens one.

There are three carriers: WS-Management (`nestlab.transport.winrm`), and the standard streams of a
child process, which is PowerShell on this machine or ssh (`nestlab.transport.process`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from nestlab.errors import HostError

DEFAULT_CONFIGURATION = "Microsoft.PowerShell"
"""The session configuration of a PowerShell that restricts nothing."""


class ShellGone(Exception):
    """The other end disappeared while it was idle: nothing of what was sent has run."""


class Channel(Protocol):
    """Carries the fragments of one runspace pool and its pipelines; used by one thread.

    Every method raises HostError, in words for the user, where the other end fails; `begin` and
    `send` raise ShellGone where it had ended before.
    """

    running: str
    """What runs, for error messages; empty while the pool is opened."""

    @property
    def fragment_size(self) -> int:
        """Bytes of a message that one fragment may have."""
        ...

    @property
    def opening_seconds(self) -> float:
        """How long the other end may take until the pool is open."""
        ...

    def open(self, pool: UUID, fragments: Sequence[bytes]) -> None:
        """Connect, and send the fragments of the messages that open the pool."""
        ...

    def negotiated(self, protocol: str) -> None:
        """Hear which version of the protocol the other end speaks."""
        ...

    def begin(self, pipeline: UUID, fragments: Sequence[bytes]) -> None:
        """Begin a pipeline with the fragments of its first message."""
        ...

    def send(self, fragments: Sequence[bytes]) -> None:
        """Send the fragments of a message to the pool."""
        ...

    def receive(self, pipeline: UUID | None, seconds: float | None) -> bytes:
        """Return the next fragments for a pipeline, or for the pool; empty where none came in time.

        Without `seconds`, waits as long as the carrier waits for one answer.
        """
        ...

    def signal(self, pipeline: UUID) -> None:
        """Ask the other end to stop a pipeline; its last state is still received."""
        ...

    def end(self, pipeline: UUID) -> None:
        """Close a pipeline that has ended."""
        ...

    def take_notes(self) -> list[str]:
        """Return, once, what arrived and does not belong to the protocol, for people to see."""
        ...

    def failure(self, cause: str) -> HostError:
        """Return the error that says that the session was lost, or could not be opened."""
        ...

    def close(self) -> None:
        """Close the pool and the connection; what fails in it is not an error."""
        ...

    def discard(self) -> None:
        """End a connection that is broken, or in an unknown state, without waiting for it."""
        ...


class Target(Protocol):
    """Where a host is and how to log on: opens channels."""

    @property
    def address(self) -> str:
        """The address without secrets, as `connect` takes it."""
        ...

    @property
    def configuration_name(self) -> str:
        """The session configuration."""
        ...

    def secrets(self) -> tuple[str, ...]:
        """Return what must not appear anywhere."""
        ...

    def channel(self) -> Channel:
        """Return a new channel that is not open yet."""
        ...
