"""``local:`` and ``local:pwsh``: PowerShell on this machine, as a child process.

What this module needs only after the child has started is imported while the child starts.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import dataclass, field
from nestlab.errors import (
    AccessDenied,
    HostError,
    HostUnreachable,
    UnknownHost,
    UsageError,
)
from nestlab.model import Cmdlet, EnumValue, SwitchParameter
from nestlab.texts import mark, tr, translate
from nestlab.transport.process.command_line import quoted, split_arguments
from nestlab.transport.process.starting import PrestartedProcess
from nestlab.transport.psrp.channel import DEFAULT_CONFIGURATION
from nestlab.transport.session import Session

if TYPE_CHECKING:
    from nestlab.transport.process.channel import ProcessChannel
    from nestlab.transport.process.process_exit import ProcessExit

SCHEME = "local:"
EDITIONS = ("powershell", "pwsh")

_SERVER_MODE = ("-NoLogo", "-NoProfile", "-s")
_OPENING_SECONDS = 60.0
# winerror.h: ERROR_ACCESS_DISABLED_BY_POLICY, ERROR_ACCESS_DISABLED_NO_SAFER_UI_BY_POLICY.
_BLOCKED = frozenset({1260, 786})
_CONSTRAINED = mark(
    "PowerShell on this machine runs in Constrained Language Mode, as a policy of the machine (App Control, AppLocker) requires: cmdlets run, but the script for guests does not. Labs without nested hosts can be built; for others, ask the administrator of the machine for a rule that allows the script."
)
_HINT = mark(
    "Run {command} in a terminal on this machine and read its output. Or reach the machine over WinRM: winrm://localhost."
)


@dataclass(frozen=True)
class LocalTarget:
    """This machine, through one edition of PowerShell. See `ProcessTarget`."""

    command: Sequence[str]
    address: str = SCHEME
    opening_seconds: float = _OPENING_SECONDS
    configuration_name: str = DEFAULT_CONFIGURATION
    prestarted: PrestartedProcess = field(
        default_factory=PrestartedProcess, compare=False, repr=False
    )

    def secrets(self) -> tuple[str, ...]:
        """Return nothing: no password is used on this machine."""
        return ()

    def channel(self) -> ProcessChannel:
        """Return a new channel, with a child of its own."""
        from nestlab.transport.process.channel import ProcessChannel  # noqa: PLC0415  # see above

        return ProcessChannel(self)

    def not_started(self, error: OSError) -> HostError:
        """Return the error for a PowerShell that cannot be started."""
        program = self.command[0]
        if getattr(error, "winerror", None) in _BLOCKED or isinstance(error, PermissionError):
            return AccessDenied(
                self.address,
                tr(
                    "This machine does not allow {program} to be started: {reason}.",
                    program=program,
                    reason=error.strerror,
                ),
                hint=tr(
                    "AppLocker, a software restriction policy or the file's permissions block it: ask the machine's administrator, use local:pwsh, or reach the machine over WinRM: winrm://localhost."
                ),
            )
        return HostUnreachable(
            self.address,
            tr(
                "{program} cannot be started: {reason}.",
                program=program,
                reason=error.strerror or error,
            ),
            hint=tr(
                "Check the path. local: uses powershell.exe and local:pwsh PowerShell 7, from the PATH."
            ),
        )

    def explain(self, process_exit: ProcessExit) -> HostError:
        """Return the error for a PowerShell that ended, or was killed."""
        from nestlab.transport.process.exit_messages import exit_error  # noqa: PLC0415  # see above

        hint = translate(_HINT, command=quoted(self.command))
        return exit_error(
            self.address, tr("The process {program}", program=self.command[0]), process_exit, hint
        )


def read_local(address: str, *, command: Sequence[str] | str | None = None) -> LocalTarget:
    """Parse ``local:``, ``local:pwsh`` or ``local:?command=…``.

    Raises UnknownHost (no such edition, or none on this machine), UsageError.
    """
    edition, _, query = address[len(SCHEME) :].partition("?")
    given = _parameters(query)
    unknown = sorted(given.keys() - {"command"})
    if unknown:
        msg = tr("{what} has no option {option!r}.", what=SCHEME, option=unknown[0])
        raise UsageError(msg, hint=tr("Options: command, the command line of the server."))
    if edition.strip("/").lower() not in {"", *EDITIONS}:
        raise _not_local(address)
    edition = edition.strip("/").lower() or EDITIONS[0]
    words = command if command is not None else given.get("command")
    name = SCHEME + (edition if edition != EDITIONS[0] else "")
    return LocalTarget(
        split_arguments(words) if words is not None else _server_command(edition), name
    )


def _parameters(query: str) -> dict[str, str]:
    if not query:
        return {}
    from nestlab.transport.host_address import read_options  # noqa: PLC0415  # few addresses have one

    return read_options(query)


def _not_local(address: str) -> UnknownHost:
    from nestlab.transport.host_address import not_an_address  # noqa: PLC0415  # as above

    hint = tr("Write local: for Windows PowerShell on this machine, local:pwsh for PowerShell 7.")
    return not_an_address(address, hint)


def require_hyper_v_access(session: Session) -> None:
    """Raise AccessDenied if the account has no rights on Hyper-V.

    Warns about Constrained Language Mode. A machine without the Hyper-V module passes: `check`
    reports it. Both statements are sent in one pipeline, to save a round trip. The language mode is
    read first: if its record arrives before the error of Get-VMHost, no output is missing, and
    the statements need not be run again (see `PsrpSession._is_complete`).
    """
    outcome = session.run(_language_mode(), Cmdlet("Get-VMHost", {"ErrorAction": "Continue"}))
    if any(error.category == "PermissionDenied" for error in outcome.errors):
        raise AccessDenied(
            session.host,
            tr(
                "Hyper-V on this machine denies access: this process is not elevated, and the account is not in Hyper-V Administrators."
            ),
            hint=tr(
                "Start nestlab (or Jupyter) as administrator, which NAT, firewall, DHCP and roles need as well; or, for VMs and switches alone, run once in an elevated PowerShell: Add-LocalGroupMember -SID S-1-5-32-578 -Member $env:USERNAME, then sign out and in again."
            ),
        )
    modes = (_name(record.get("LanguageMode")) for record in outcome.records)
    if not outcome.errors and "ConstrainedLanguage" in modes:
        warnings.warn(translate(_CONSTRAINED), stacklevel=4)


def _language_mode() -> Cmdlet:
    """Return the statement that reads the language mode of the session.

    Source: about_Language_Modes of PowerShell.
    """
    mode = Cmdlet(SELECT_OBJECT, {"Property": ["LanguageMode"]})
    state = Cmdlet(SELECT_OBJECT, {"ExpandProperty": "SessionState"}, mode)
    quiet = {"ErrorAction": "SilentlyContinue"}
    read = {"Name": "ExecutionContext", "ValueOnly": SwitchParameter.ON, **quiet}
    return Cmdlet("Get-Variable", read, state)


def _name(value: object) -> str:
    return value.name if isinstance(value, EnumValue) else str(value)


def powershell(edition: str = EDITIONS[0]) -> str | None:
    """Return the path of PowerShell on this machine, or None.

    In WSL, ``powershell.exe`` on the PATH is that of the Windows host.
    """
    import shutil  # noqa: PLC0415  # not needed for a command that is given
    from pathlib import Path  # noqa: PLC0415  # as above

    if edition == EDITIONS[0]:
        root = os.environ.get("SYSTEMROOT")
        if sys.platform == "win32" and root:
            # A 32-bit Python sees the 64-bit PowerShell, which has Hyper-V, as Sysnative.
            for folder in ("Sysnative", "System32"):
                path = Path(root, folder, "WindowsPowerShell", "v1.0", "powershell.exe")
                if path.is_file():
                    return str(path)
        return shutil.which("powershell.exe")
    return shutil.which("pwsh.exe") or shutil.which("pwsh")


def has_hyper_v_module() -> bool:
    """Whether Windows PowerShell on this machine has the Hyper-V module."""
    from pathlib import Path  # noqa: PLC0415  # as above

    path = powershell()
    return path is not None and Path(path).parent.joinpath("Modules", "Hyper-V").is_dir()


def _server_command(edition: str) -> tuple[str, ...]:
    path = powershell(edition)
    if path is not None:
        return (path, *_SERVER_MODE)
    if edition == EDITIONS[0]:
        msg = tr("There is no powershell.exe on this machine.")
        hint = tr(
            "local: needs Windows, or WSL with Windows programs on the PATH. Use ssh://USER@HOST or winrms://HOST for another machine, or sim:ws2022-intel for the simulated host."
        )
    else:
        msg = tr("There is no PowerShell 7 (pwsh) on this machine.")
        hint = tr(
            "Install it (winget install Microsoft.PowerShell), or use local: for Windows PowerShell."
        )
    raise UnknownHost(msg, hint=hint)
