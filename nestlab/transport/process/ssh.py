"""``ssh://[USER@]HOST[:PORT]``: PowerShell on another machine, through the user's own ssh."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence

from nestlab.dataclass import dataclass, field
from nestlab.errors import HostError, HostUnreachable, UnknownHost, UsageError
from nestlab.pattern import pattern
from nestlab.texts import mark, tr, translate
from nestlab.transport.host_address import one_account, read_address
from nestlab.transport.process.channel import ProcessChannel
from nestlab.transport.process.command_line import quoted
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.process.ssh_messages import explain
from nestlab.transport.process.starting import PrestartedProcess
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
# What OpenSSH 9.6 and later refuse in the name of an account, and what separates parts of an
# address: older versions pass the name to a shell, for `Match exec` and ProxyCommand.
_INVALID_IN_ACCOUNTS = pattern(r"^-|\s-|\\$|[\x00-\x1f\x7f<>\"'|^`{}%*;$&()/?#:\[\]]")
_HINT = mark("Write ssh://HOST or ssh://USER@HOST, with :PORT if it is not 22.")


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
    prestarted: PrestartedProcess = field(
        default_factory=PrestartedProcess, compare=False, repr=False
    )

    @property
    def address(self) -> str:
        """The address without options."""
        name = f"[{self.server}]" if ":" in self.server else self.server
        return f"ssh://{self._account}{name}" + (f":{self.port}" if self.port else "")

    @property
    def command(self) -> Sequence[str]:
        """The arguments of the command line."""
        options = [word for option in _OPTIONS for word in ("-o", option)]
        port = self._port_option
        user = ["-l", self.username] if self.username else []
        if self.remote_command:
            return [self.program, *options, *port, *user, "--", self.server, self.remote_command]
        return [self.program, *options, *port, *user, "-s", "--", self.server, self.subsystem]

    def secrets(self) -> tuple[str, ...]:
        """Return nothing: ssh uses keys, and no password passes through nestlab."""
        return ()

    def channel(self) -> ProcessChannel:
        """Return a new channel, with its own ssh process."""
        return ProcessChannel(self)

    def not_started(self, error: OSError) -> HostError:
        """Return the error for an ssh program that cannot be started."""
        return HostUnreachable(
            self.address,
            tr(
                "{program} cannot be started: {reason}.",
                program=self.program,
                reason=error.strerror or error,
            ),
            hint=tr("Check which ssh is first on the PATH."),
        )

    def explain(self, process_exit: ProcessExit) -> HostError:
        """Return the error for an ssh process that ended, or was killed."""
        return explain(self, process_exit)

    @property
    def terminal_command(self) -> str:
        """The command that logs on to the same host in a terminal, in which ssh can prompt."""
        return quoted(["ssh", *self._port_option, self._account + self.server])

    @property
    def session_command(self) -> str:
        """The command that starts the same server in a terminal."""
        start = [self.remote_command] if self.remote_command else [self.subsystem]
        subsystem = [] if self.remote_command else ["-s"]
        words = ["ssh", *self._port_option, *subsystem, self._account + self.server, *start]
        return quoted(words)

    @property
    def _port_option(self) -> Sequence[str]:
        return ("-p", str(self.port)) if self.port else ()

    @property
    def _account(self) -> str:
        return f"{self.username}@" if self.username else ""


def read_ssh(
    address: str, *, username: str | None = None, configuration_name: str | None = None
) -> SshTarget:
    """Parse ``ssh://[USER@]HOST[:PORT][?subsystem=NAME|?command=…]``.

    Raises UnknownHost (not the name of a host, or no ssh on this machine), UsageError.
    """
    parts = read_address(address, hint=translate(_HINT))
    if parts.has_password:
        message = tr("An address must not contain a password, and ssh could not use it.")
        raise UsageError(message, hint=tr("Use a key: ssh-keygen creates one, ssh-add loads it."))
    account = one_account(parts.account, username)
    if _INVALID_IN_ACCOUNTS.search(account):
        msg = tr("{account!r} is not a user name that ssh accepts.", account=account)
        raise UsageError(
            msg,
            hint=tr("Write a name such as ada, CONTOSO\\ada or ada@contoso.com, without quotes."),
        )
    _check(parts.options)
    return SshTarget(
        server=parts.server,
        port=parts.port,
        username=account,
        subsystem=parts.options.get("subsystem", SUBSYSTEM),
        remote_command=parts.options.get("command", ""),
        program=_ssh_program(),
        configuration_name=configuration_name or DEFAULT_CONFIGURATION,
    )


def _check(options: Mapping[str, str]) -> None:
    unknown = sorted(options.keys() - {"subsystem", "command"})
    empty = [name for name, value in options.items() if not value.strip()]
    if unknown:
        msg = tr("{what} has no option {option!r}.", what=tr("A host over ssh"), option=unknown[0])
    elif len(options) > 1:
        msg = tr("Specify subsystem= or command=, not both.")
    elif empty:
        msg = tr("{option}= is empty.", option=empty[0])
    else:
        return
    raise UsageError(
        msg, hint=tr("Options: subsystem and command, as in ssh://hv01?subsystem=powershell.")
    )


def _ssh_program() -> str:
    found = shutil.which("ssh")
    if found is None:
        msg = tr("There is no ssh on this machine.")
        hint = tr(
            "Windows: Add-WindowsCapability -Online -Name OpenSSH.Client~~~~0.0.1.0; Debian and Ubuntu: apt install openssh-client."
        )
        raise UnknownHost(msg, hint=hint)
    return found
