"""``ssh://[USER@]HOST[:PORT]``: PowerShell on another machine, through the user's own ssh."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from nestlab.dataclass import dataclass, field
from nestlab.errors import HostError, HostUnreachable, UnknownHost, UsageError
from nestlab.pattern import pattern
from nestlab.transport.process.channel import ProcessChannel
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.process.ssh_messages import explain
from nestlab.transport.process.starting import Prestarted
from nestlab.transport.psrp.channel import DEFAULT_CONFIGURATION

SUBSYSTEM = "powershell"

_OPENING_SECONDS = 60.0
# BatchMode: ssh fails instead of prompting, because no prompt could be answered. The others: a lost
# connection is detected within a minute; port forwardings of the user's configuration are not
# opened for each shell.
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=30",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "ClearAllForwardings=yes",
    "RequestTTY=no",
)
_INVALID_NAME = pattern(r"^-|[\s\\<>\"'|^`{}%*,;$&()]")


@dataclass(frozen=True)
class SshTarget:
    """A host behind ssh. See `ProcessTarget`."""

    server: str
    port: int | None = None
    username: str = ""
    subsystem: str = SUBSYSTEM
    remote_command: str = ""
    program: str = "ssh"
    opening_seconds: float = _OPENING_SECONDS
    configuration_name: str = DEFAULT_CONFIGURATION
    prestarted: Prestarted = field(default_factory=Prestarted, compare=False, repr=False)

    @property
    def address(self) -> str:
        """The address without options."""
        user = f"{self.username}@" if self.username else ""
        name = f"[{self.server}]" if ":" in self.server else self.server
        return f"ssh://{user}{name}" + (f":{self.port}" if self.port else "")

    @property
    def command(self) -> Sequence[str]:
        """The arguments of the command line."""
        options = [word for option in _OPTIONS for word in ("-o", option)]
        port = ["-p", str(self.port)] if self.port else []
        user = ["-l", self.username] if self.username else []
        if self.remote_command:
            return [self.program, *options, *port, *user, "--", self.server, self.remote_command]
        return [self.program, *options, *port, *user, "-s", "--", self.server, self.subsystem]

    def secrets(self) -> tuple[str, ...]:
        """Return nothing: ssh uses keys, and nestlab no password."""
        return ()

    def channel(self) -> ProcessChannel:
        """Return a new channel, with an ssh of its own."""
        return ProcessChannel(self)

    def not_started(self, error: OSError) -> HostError:
        """Return the error for an ssh that cannot be started."""
        return HostUnreachable(
            self.address,
            f"{self.program} cannot be started: {error.strerror or error}.",
            hint="Check which ssh is first on the PATH.",
        )

    def explain(self, process_exit: ProcessExit) -> HostError:
        """Return the error for an ssh that ended, or was killed."""
        return explain(self, process_exit)

    @property
    def terminal_command(self) -> str:
        """The command that logs on to the same host in a terminal, in which ssh can prompt."""
        port = f"-p {self.port} " if self.port else ""
        return f"ssh {port}{self.username + '@' if self.username else ''}{self.server}"


def read_ssh(
    address: str, *, username: str | None = None, configuration_name: str | None = None
) -> SshTarget:
    """Parse ``ssh://[USER@]HOST[:PORT][?subsystem=NAME|?command=…]``.

    Raises UnknownHost (not the name of a host, or no ssh on this machine), UsageError.
    """
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = -1
    name, user = parts.hostname or "", username or parts.username or ""
    if not name or port == -1 or _INVALID_NAME.search(name) or _INVALID_NAME.search(user):
        msg = f"{address!r} is not the address of a host."
        raise UnknownHost(
            msg, hint="Write ssh://HOST or ssh://USER@HOST, with :PORT if it is not 22."
        )
    if parts.password:
        message = "An address must not contain a password, and ssh could not use it."
        raise UsageError(message, hint="Use a key: ssh-keygen creates one, ssh-add loads it.")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(given.keys() - {"subsystem", "command"})
    if unknown or len(given) > 1:
        msg = (
            f"A host over ssh has no option {unknown[0]!r}."
            if unknown
            else "Specify subsystem= or command=, not both."
        )
        raise UsageError(
            msg, hint="Options: subsystem and command, as in ssh://hv01?subsystem=powershell."
        )
    # The case of the host's name is kept: Host entries of ssh's configuration are case-sensitive.
    written = parts.netloc.rpartition("@")[2]
    name = name if written.startswith("[") else written.partition(":")[0]
    return SshTarget(
        server=name,
        port=port,
        username=user,
        subsystem=given.get("subsystem") or SUBSYSTEM,
        remote_command=given.get("command", ""),
        program=_ssh_program(),
        configuration_name=configuration_name or DEFAULT_CONFIGURATION,
    )


def _ssh_program() -> str:
    found = shutil.which("ssh")
    if found is None:
        msg = "There is no ssh on this machine."
        hint = "Windows: Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0; Debian and Ubuntu: apt install openssh-client."
        raise UnknownHost(msg, hint=hint)
    return found
