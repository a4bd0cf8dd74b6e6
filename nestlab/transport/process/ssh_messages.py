"""The messages of ssh on standard error when it fails, and what to do.

Source of the texts: OpenSSH 9.2.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nestlab.errors import AccessDenied, HostError, HostUnreachable, SessionBroken
from nestlab.texts import tr, translate
from nestlab.transport.process.exit_messages import exit_error, last_output
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT

_NOT_FOUND_CODES = frozenset({126, 127})
_STANDARD_PORT = 22


class SshHost(Protocol):
    """The facts of an ssh target that the messages need."""

    @property
    def address(self) -> str: ...  # noqa: D102
    @property
    def server(self) -> str: ...  # noqa: D102
    @property
    def port(self) -> int | None: ...  # noqa: D102
    @property
    def subsystem(self) -> str: ...  # noqa: D102
    @property
    def remote_command(self) -> str: ...  # noqa: D102
    @property
    def terminal_command(self) -> str: ...  # noqa: D102
    @property
    def session_command(self) -> str: ...  # noqa: D102


def explain(host: SshHost, process_exit: ProcessExit) -> HostError:
    """Return the error for an ssh process that ended, or was killed."""
    if not process_exit.running:
        if _jump_host_failed(process_exit.errors):
            return _jump_host_error(host, process_exit)
        for words, make in _OPENING_ERRORS:
            if any(word in process_exit.errors for word in words):
                return make(host, process_exit)
        if process_exit.exit_code in _NOT_FOUND_CODES:
            missing = _no_command if host.remote_command else _no_program
            return missing(host, process_exit)
        if process_exit.text:
            return _stray_text(host, process_exit)
    elif any(word in process_exit.errors for word in _CONNECTION_LOST):
        message = tr(
            "The connection to {server} was lost while {running} ran.{last_output}",
            server=host.server,
            running=process_exit.running,
            last_output=last_output(process_exit),
        )
        return SessionBroken(
            host.address,
            message,
            hint=tr(
                "{advice} A computer that sleeps loses its connections.",
                advice=translate(MAY_HAVE_TAKEN_EFFECT),
            ),
        )
    check = tr(
        "Run it in a terminal and read its output: {session_command}",
        session_command=host.session_command,
    )
    if not host.remote_command and not last_output(process_exit):
        # sshd discards the standard error of subsystems, also in a terminal (session.c of OpenSSH).
        check = tr(
            "On the host, run the command in the line 'Subsystem {subsystem}' of sshd_config, and read what it writes: sshd does not pass on the error output of subsystems. To try it from here: {session_command}",
            subsystem=host.subsystem,
            session_command=host.session_command,
        )
    return exit_error(host.address, "ssh", process_exit, check)


def _jump_host_failed(errors: str) -> bool:
    """Whether ProxyJump or ProxyCommand failed: ssh has no address for what they connect to.

    A jump host that cannot reach the host says that forwarding failed.
    """
    return (
        "kex_exchange_identification" in errors
        and "by UNKNOWN port" in errors  # not shown
        and "stdio forwarding failed" not in errors  # not shown
    )


def _jump_host_error(host: SshHost, process_exit: ProcessExit) -> HostError:
    message = tr(
        "The jump host or proxy command on the way to {server} failed.{last_output}",
        server=host.server,
        last_output=last_output(process_exit),
    )
    hint = tr(
        "Correct ProxyJump or ProxyCommand in ~/.ssh/config, and the logon to the jump host; then try it in a terminal: {terminal_command}",
        terminal_command=host.terminal_command,
    )
    return HostUnreachable(host.address, message, hint=hint)


def _changed_key(host: SshHost, _process_exit: ProcessExit) -> HostError:
    standard = host.port in {None, _STANDARD_PORT}
    name = host.server if standard else f"[{host.server}]:{host.port}"
    return AccessDenied(
        host.address,
        tr("The host key of {server} has changed.", server=host.server),
        hint=tr(
            'Either the host was reinstalled, or another machine answers at its address: ask its administrator. If the new key is right, remove the old one (ssh-keygen -R "{name}") and connect once in a terminal: {terminal_command}',
            name=name,
            terminal_command=host.terminal_command,
        ),
    )


def _unknown_key(host: SshHost, _process_exit: ProcessExit) -> HostError:
    return AccessDenied(
        host.address,
        tr(
            "This computer does not know the host key of {server}, and ssh cannot ask for confirmation here.",
            server=host.server,
        ),
        hint=tr(
            "Connect once in a terminal, compare the fingerprint and answer yes: {terminal_command}",
            terminal_command=host.terminal_command,
        ),
    )


def _refused_key(host: SshHost, process_exit: ProcessExit) -> HostError:
    denied = "ermission denied"  # not shown
    line = next((line for line in process_exit.errors.splitlines() if denied in line), "")
    offered = line.partition("(")[2].partition(")")[0] or "publickey"
    return AccessDenied(
        host.address,
        tr(
            "{server} accepts none of the keys that ssh offered (its logon methods: {offered}).",
            server=host.server,
            offered=offered,
        ),
        hint=tr(
            "nestlab does not use passwords with ssh. Load a key into the agent (ssh-add), name it in ~/.ssh/config, and put its public half into the account's authorized_keys (of administrators on Windows: C:\\ProgramData\\ssh\\administrators_authorized_keys); then try: {terminal_command}",
            terminal_command=host.terminal_command,
        ),
    )


def _no_subsystem(host: SshHost, _process_exit: ProcessExit) -> HostError:
    message = tr(
        "The SSH server of {server} has no subsystem {subsystem!r}, or cannot start it.",
        server=host.server,
        subsystem=host.subsystem,
    )
    return HostUnreachable(host.address, message, hint=_subsystem_hint(host))


def _no_program(host: SshHost, process_exit: ProcessExit) -> HostError:
    message = tr(
        "The SSH server of {server} cannot start its subsystem {subsystem!r}: its program is not there or cannot be run (exit code {exit_code}).{last_output}",
        server=host.server,
        subsystem=host.subsystem,
        exit_code=process_exit.exit_code,
        last_output=last_output(process_exit),
    )
    return HostUnreachable(host.address, message, hint=_subsystem_hint(host))


def _subsystem_hint(host: SshHost) -> str:
    return tr(
        "On the host, in sshd_config: Subsystem {subsystem} c:/progra~1/powershell/7/pwsh.exe -sshs -nologo; then Restart-Service sshd. Windows PowerShell 5.1 has no such subsystem: install PowerShell 7, or name another with ?subsystem=NAME or ?command=...",
        subsystem=host.subsystem,
    )


def _unknown_name(host: SshHost, _process_exit: ProcessExit) -> HostError:
    hint = tr(
        "Check the spelling, or use the host's address; Host entries of ~/.ssh/config are used as well."
    )
    return HostUnreachable(
        host.address,
        tr("The host name {server} cannot be resolved.", server=host.server),
        hint=hint,
    )


def _no_connection(host: SshHost, process_exit: ProcessExit) -> HostError:
    hint = tr(
        "Is it on, and does its firewall allow SSH? On the host, in an elevated PowerShell: Add-WindowsCapability -Online -Name OpenSSH.Server~~~~0.0.1.0; Start-Service sshd; Set-Service sshd -StartupType Automatic"
    )
    return HostUnreachable(
        host.address,
        tr(
            "{server} does not accept SSH connections.{last_output}",
            server=host.server,
            last_output=last_output(process_exit),
        ),
        hint=hint,
    )


def _configuration(host: SshHost, process_exit: ProcessExit) -> HostError:
    hint = tr(
        "Correct ~/.ssh/config, then try it in a terminal: {terminal_command}",
        terminal_command=host.terminal_command,
    )
    return HostUnreachable(
        host.address,
        tr(
            "ssh cannot read its configuration file.{last_output}",
            last_output=last_output(process_exit),
        ),
        hint=hint,
    )


def _too_many_keys(host: SshHost, _process_exit: ProcessExit) -> HostError:
    hint = tr(
        "Name the one key for this host in ~/.ssh/config (IdentityFile, IdentitiesOnly yes), then try: {terminal_command}",
        terminal_command=host.terminal_command,
    )
    return AccessDenied(
        host.address,
        tr("ssh offered too many keys, and {server} closed the connection.", server=host.server),
        hint=hint,
    )


def _no_command(host: SshHost, process_exit: ProcessExit) -> HostError:
    message = tr(
        "{server} cannot run {remote_command!r}.{last_output}",
        server=host.server,
        remote_command=host.remote_command,
        last_output=last_output(process_exit),
    )
    hint = tr(
        "Specify the full path of PowerShell on the host: ?command=C:/Program%20Files/PowerShell/7/pwsh.exe%20-sshs%20-nologo"
    )
    return HostUnreachable(host.address, message, hint=hint)


def _stray_text(host: SshHost, process_exit: ProcessExit) -> HostError:
    message = tr(
        "{server} answered with text that is not PowerShell remoting.{last_output}",
        server=host.server,
        last_output=last_output(process_exit),
    )
    hint = tr(
        "The account's shell prints something when it starts, or the command is not PowerShell in server mode: use the subsystem (without ?command=), or a command with -sshs -NoLogo -NoProfile."
    )
    return HostUnreachable(host.address, message, hint=hint)


_OPENING_ERRORS: tuple[tuple[tuple[str, ...], Callable[[SshHost, ProcessExit], HostError]], ...] = (
    (("REMOTE HOST IDENTIFICATION HAS CHANGED",), _changed_key),  # not shown
    (("Host key verification failed",), _unknown_key),  # not shown
    (("Too many authentication failures",), _too_many_keys),  # not shown
    (("Permission denied (", "permission denied ("), _refused_key),  # not shown
    (("subsystem request failed",), _no_subsystem),  # not shown
    (("Could not resolve hostname",), _unknown_name),  # not shown
    (
        ("Bad configuration option", "Bad owner or permissions", "terminating,"),  # not shown
        _configuration,
    ),
    (
        (
            "Connection refused",  # not shown
            "Connection timed out",  # not shown
            "Operation timed out",  # not shown
            "No route to host",  # not shown
            "Network is unreachable",  # not shown
            "Connection closed by",  # not shown
            "Connection reset by",  # not shown
            "kex_exchange_identification",
        ),
        _no_connection,
    ),
)
_CONNECTION_LOST = (
    "Timeout, server",  # not shown
    "client_loop: send disconnect",  # not shown
    "Connection to ",  # not shown
    "Connection reset by",  # not shown
    "Broken pipe",  # not shown
)
