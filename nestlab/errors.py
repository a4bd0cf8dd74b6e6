"""The exception hierarchy. Each class has a hint and the exit code of the command line.

::

    NestlabError
    ├── UsageError                  exit 2: what was asked for cannot be read or does not exist
    │   ├── FileWithProblems        a file that cannot be read; carries every finding at once
    │   │   ├── TopologyFileError
    │   │   ├── ScenarioFileError
    │   │   └── WorkshopFileError
    │   ├── DefinitionFileError     a lab definition of another tool that cannot be read
    │   ├── UnknownHost             no such scheme or scenario
    │   ├── UnknownEndpoint         an endpoint that names no machine, or more than one
    │   ├── FileNotWritten          a file that cannot be written: folder, rights, space
    │   ├── CredentialNotUsable     guests' credentials missing or unusable; carries every problem
    │   ├── PlanFileError           a saved plan that cannot be read, or is for another lab or host
    │   ├── JournalError            a journal that cannot be read or written
    │   └── StateFileError          a simulated host's state file that cannot be read or written
    ├── HostError                   exit 3: the host cannot be reached, or refuses access
    │   ├── HostUnreachable         no answer: name, port, firewall, certificate, time-out
    │   ├── AccessDenied            it answers and refuses: password, rights
    │   │   └── CredentialNotFound  exit 2: no user name and password under this name
    │   ├── GuestUnreachable        PowerShell Direct to a VM does not answer
    │   │   └── GuestCredentialRefused  the guest refuses the user name or the password
    │   └── SessionBroken           the session was lost while something ran
    │       └── StatementNotStarted  the host accepted a statement and did not run it
    ├── CmdletError                 exit 1: a cmdlet failed; carries it and its error record
    ├── SeveralWindowsInstallations exit 1: a disk has Windows on several partitions
    ├── PlanRefused                 exit 1: errors block the plan; carries the findings
    ├── UndoRefused                 exit 1: undo lacks what it needs; nothing was changed
    ├── StalePlan                   exit 1: the host changed after the plan was made; says what
    ├── AnotherRunActive            exit 1: another run changes the same topology on this host
    └── Cancelled                   exit 130: the user pressed Cancel
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, ClassVar

from nestlab.enumerations import all_of
from nestlab.texts import tr, tr_count
from nestlab.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nestlab.model import Cmdlet, ErrorRecord, Findings
    from nestlab.model.credential_problem import CredentialProblem


class NestlabError(Exception):
    """The base class of nestlab's errors: one sentence, and a hint that says what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return visible(f"{self.message}\n  {self.hint}" if self.hint else self.message)

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


class UsageError(NestlabError):
    """What was asked for cannot be read or does not exist."""

    exit_code = 2


class FileWithProblems(UsageError):
    """A file that cannot be read. All its problems are in `findings`."""

    def __init__(self, path: str, findings: Findings) -> None:
        self.path = path
        self.findings = findings
        count = len(findings)
        if count == 1 and findings[0].location == path:  # the file itself, not a line of it
            super().__init__(f"{path}: {findings[0].message}", hint=findings[0].hint)
            return
        problems = tr_count("{count} problem", "{count} problems", count)
        super().__init__("\n".join((f"{path}: {problems}", *map(str, findings))))


class TopologyFileError(FileWithProblems):
    """A topology file that cannot be read."""


class ScenarioFileError(FileWithProblems):
    """A scenario file of the simulated host that cannot be read."""


class WorkshopFileError(FileWithProblems):
    """A workshop file that cannot be read, or whose seats cannot be made from it."""


class DefinitionFileError(UsageError):
    """A lab definition of another tool that cannot be read.

    `line` and `column` count from 1; they are 0 where the problem has no place.
    """

    def __init__(
        self, path: str, message: str, *, line: int = 0, column: int = 0, hint: str = ""
    ) -> None:
        self.path, self.line, self.column = path, line, column
        place = ":".join(str(part) for part in (path, line, column) if part)
        super().__init__(f"{place}: {message}", hint=hint)


class UnknownHost(UsageError):
    """No such scheme or scenario in the address of a host."""


class UnknownEndpoint(UsageError):
    """An endpoint of a check or a trace that names no machine, or more than one."""


class FileNotWritten(UsageError):
    """A file that cannot be written; `reason` is the text of the operating system."""

    def __init__(self, path: str | Path, error: OSError) -> None:
        self.path = str(path)
        self.reason = error.strerror or str(error)
        message = tr("{path}: cannot be written: {reason}.", path=path, reason=self.reason)
        super().__init__(message, hint=write_hint(error))


def write_hint(error: OSError) -> str:
    """Return what to do where a file cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return tr(
            "There is no space left on the disk: free some space, or choose a file on another disk."
        )
    return tr("Check that the folder exists and that you have permission to write to it.")


class CredentialNotUsable(UsageError):
    """Guests' credentials are missing, or their accounts cannot have them; `problems` lists all."""

    def __init__(self, problems: Sequence[CredentialProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{item.message}\n    {item.fix}" for item in problems))


class PlanFileError(UsageError):
    """A saved plan that cannot be read, or that was made for another topology or host."""


class JournalError(UsageError):
    """A journal that cannot be read or written."""


class StateFileError(UsageError):
    """A state file of the simulated host that cannot be read or written."""


class HostError(NestlabError):
    """The host cannot be reached, or refuses access."""

    exit_code = 3

    def __init__(self, host: str, message: str, *, hint: str = "") -> None:
        self.host = host
        super().__init__(message, hint=hint)


class HostUnreachable(HostError):
    """No answer: name, port, firewall, certificate or time-out."""


class AccessDenied(HostError):
    """The host answers and refuses access: wrong password, or not enough rights."""


class CredentialNotFound(AccessDenied):
    """No user name and password were found under this name; `reasons` are sentences."""

    exit_code = 2

    def __init__(self, host: str, name: str, reasons: str, *, hint: str = "") -> None:
        self.name, self.reasons = name, reasons
        message = tr("The credential {name!r} was not found.", name=name)
        super().__init__(host, f"{message} {reasons}".strip(), hint=hint)


class GuestUnreachable(HostError):
    """PowerShell Direct does not answer: the VM is off or booting, or the credential is wrong."""


class GuestCredentialRefused(GuestUnreachable):
    """The guest refuses the user name or the password; trying again could lock the account."""


class SessionBroken(HostError):
    """The session was lost while something ran; what ran may or may not have taken effect."""


class StatementNotStarted(SessionBroken):
    """The host accepted a statement and did not run it; a retry would not run it either."""


class CmdletError(NestlabError):
    """A cmdlet failed on its machine. `cmdlet` and `record` say which and how."""

    def __init__(
        self, cmdlet: Cmdlet | None, record: ErrorRecord, *, machine: str = "host", hint: str = ""
    ) -> None:
        self.cmdlet = cmdlet
        self.record = record
        self.machine = machine
        name = cmdlet.name if cmdlet else "PowerShell"
        error = record.message
        super().__init__(
            tr("{cmdlet} failed on {machine}: {error}", cmdlet=name, machine=machine, error=error),
            hint=hint,
        )


class SeveralWindowsInstallations(NestlabError):
    """A disk has Windows on several partitions; `partitions` are their numbers."""

    def __init__(self, vm: str, partitions: Sequence[int]) -> None:
        self.partitions = tuple(partitions)
        super().__init__(
            tr(
                "The image of {vm} has Windows on each of the partitions {numbers} of its disk, and it is not known which of them boots; nothing was written",
                vm=vm,
                numbers=all_of([str(number) for number in partitions]),
            ),
            hint=tr(
                "Use an image with a single Windows installation: mount this one (Mount-VHD), remove the partition of the other, then run the same command again."
            ),
        )


class PlanRefused(NestlabError):
    """The topology cannot be planned on this host; `findings` say why."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        errors = [finding for finding in findings if finding.severity == "error"]
        blocking = tr_count(
            "{count} error blocks this plan", "{count} errors block this plan", len(errors)
        )
        super().__init__("\n".join((blocking, *(each.text_with_fix for each in errors))))


class UndoRefused(NestlabError):
    """Undo needs objects that no longer exist, or rights; `missing` has a sentence for each."""

    def __init__(self, journal: Path, missing: Sequence[str], *, hint: str) -> None:
        self.journal, self.missing = journal, tuple(missing)
        why = "; ".join(missing)
        message = tr(
            "{journal} cannot be undone: {why}. Nothing was changed.", journal=journal, why=why
        )
        super().__init__(message, hint=hint)


class StalePlan(NestlabError):
    """The host is no longer in the state that the plan was made from."""

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = tuple(changes)
        super().__init__(
            tr("The host changed after the plan was made: {changes}", changes="; ".join(changes)),
            hint=tr("Plan again, review the new plan, and apply that."),
        )


class AnotherRunActive(NestlabError):
    """Another run, on any computer, is changing the same topology on the same host."""

    def __init__(self, topology: str, host: str, why: str = "") -> None:
        message = tr("Another run is changing {topology} on {host}", topology=topology, host=host)
        super().__init__(
            f"{message}: {why}" if why else message,
            hint=tr(
                "Wait until it has ended, then plan again: the new plan leaves out what it has done."
            ),
        )


class Cancelled(NestlabError):
    """The user pressed Cancel."""

    exit_code = 130
