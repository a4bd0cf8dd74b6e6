"""The protocols that a transport of remoting implements: a target, and its channels.

There are two transports: WS-Management (`nestlab.transport.winrm`), and the standard streams of a
child process, which is PowerShell on this machine or ssh (`nestlab.transport.process`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from nestlab.errors import HostError
from nestlab.texts import mark

DEFAULT_CONFIGURATION = "Microsoft.PowerShell"
"""The session configuration without restrictions."""


MAY_HAVE_TAKEN_EFFECT = mark(
    "What was running may or may not have taken effect: plan again, and apply what remains."
)
"""The hint of an error for a session that was lost while cmdlets ran."""


class ShellGone(Exception):
    """The shell ended while it was idle: nothing that was sent has run."""


class Channel(Protocol):
    """Carries the fragments of one runspace pool and its pipelines; used by one thread.

    Every method raises HostError, with a message for the user, if the connection or the host
    fails; `begin` and `send` raise ShellGone if the shell had already ended.
    """

    running: str
    """The cmdlets that run, for error messages; empty while the pool is opened."""

    @property
    def fragment_size(self) -> int:
        """How many bytes of a message one fragment may have."""
        ...

    @property
    def opening_seconds(self) -> float:
        """How many seconds to wait until the pool is open.

        Zero: `receive` itself waits for that, and raises HostError if it takes too long.
        """
        ...

    def open(self, pool: UUID, fragments: Sequence[bytes]) -> None:
        """Connect, and send the fragments of the messages that open the pool."""
        ...

    def use_protocol(self, version: str) -> None:
        """Adapt to the version of the protocol that the host supports: ``2.3``."""
        ...

    def begin(self, pipeline: UUID, fragments: Sequence[bytes]) -> None:
        """Begin a pipeline with the fragments of its first message."""
        ...

    def send(self, fragments: Sequence[bytes]) -> None:
        """Send the fragments of a message to the pool."""
        ...

    def receive(self, pipeline: UUID | None, seconds: float | None) -> Sequence[bytes]:
        """Return the next fragments for a pipeline, or for the pool; empty if none arrived in time.

        They are returned as pieces, in pairs: a fragment that is a whole message is split after
        its headers; any other data is preceded by an empty piece. Equal pieces can be the same
        object, so that a cache finds them without comparing their bytes.

        Without `seconds`, waits as long as the transport waits for one response.
        """
        ...

    def signal(self, pipeline: UUID) -> None:
        """Ask the host to stop a pipeline; its final state still has to be received."""
        ...

    def end(self, pipeline: UUID) -> None:
        """Close a pipeline that has ended."""
        ...

    def take_stray_text(self) -> list[str]:
        """Return, once, the text that arrived outside of the protocol, for the user."""
        ...

    def failure(self, cause: str) -> HostError:
        """Return the error that says that the session was lost, or could not be opened."""
        ...

    def close(self) -> None:
        """Close the pool and the connection; failures are ignored."""
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
        """Return the texts that must never be shown or logged."""
        ...

    def channel(self) -> Channel:
        """Return a new channel that is not open yet."""
        ...
