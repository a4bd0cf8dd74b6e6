"""One command call as it arrives, the error that a command ends with, and where its output goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nestlab.model import Cmdlet, ErrorRecord, Progress, Record, SwitchParameter
from nestlab.model.cmdlet import Value

Arguments = tuple[tuple[str | None, Value], ...]
"""Parameters in the order given; a name of None is a positional argument, `SwitchParameter.ON` a switch that is present."""


@dataclass(frozen=True)
class Call:
    """One command call, not yet bound: the name and the parameter names are as somebody typed them.

    >>> Call.from_cmdlet(Cmdlet("Get-VM", {"Name": "HV1"})).arguments
    (('Name', 'HV1'),)
    """

    name: str
    arguments: Arguments = ()
    pipe_to: Call | None = None

    @classmethod
    def from_cmdlet(cls, cmdlet: Cmdlet) -> Call:
        """Return the call that sending this cmdlet over remoting makes."""
        following = cls.from_cmdlet(cmdlet.pipe_to) if cmdlet.pipe_to else None
        # -Confirm:$false is sent as a plain false.
        arguments = (
            (name, False if value is SwitchParameter.OFF else value)
            for name, value in cmdlet.parameters.items()
        )
        return cls(cmdlet.name, tuple(arguments), following)


class PowerShellError(Exception):
    """A command failed. `terminating` errors end the pipeline; the others may be continued after.

    >>> raise PowerShellError(ErrorRecord("No.", "InvalidArgument", "InvalidParameter,X"))
    Traceback (most recent call last):
    ...
    nestlab.simulator.powershell.call.PowerShellError: No.
    """

    def __init__(self, record: ErrorRecord, *, terminating: bool = True) -> None:
        super().__init__(record.message)
        self.record = record
        self.terminating = terminating


class Sink(Protocol):
    """The streams of a pipeline."""

    def output(self, record: Record) -> None:
        """Take one object."""
        ...

    def error(self, record: ErrorRecord) -> None:
        """Take one error after which the pipeline goes on."""
        ...

    def warning(self, text: str) -> None:
        """Take one warning."""
        ...

    def verbose(self, text: str) -> None:
        """Take one line of the verbose stream."""
        ...

    def progress(self, progress: Progress) -> None:
        """Take one progress record."""
        ...


class Collected:
    """A sink that keeps everything, in order."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.errors: list[ErrorRecord] = []
        self.warnings: list[str] = []
        self.verbose_lines: list[str] = []
        self.progress_records: list[Progress] = []

    def output(self, record: Record) -> None:
        """Keep one object."""
        self.records.append(record)

    def error(self, record: ErrorRecord) -> None:
        """Keep one error."""
        self.errors.append(record)

    def warning(self, text: str) -> None:
        """Keep one warning."""
        self.warnings.append(text)

    def verbose(self, text: str) -> None:
        """Keep one verbose line."""
        self.verbose_lines.append(text)

    def progress(self, progress: Progress) -> None:
        """Keep one progress record."""
        self.progress_records.append(progress)
