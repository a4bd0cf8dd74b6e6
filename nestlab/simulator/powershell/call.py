"""A command call as it arrives, the error that ends a command, and the streams of a pipeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, EnumValue, ErrorRecord, Progress, Record, SwitchParameter
from nestlab.model.parameter_values import Value

Arguments = tuple[tuple[str | None, Value], ...]
"""Names and values in order. The name of a positional argument is None; the value of a switch
parameter that is present is `SwitchParameter.ON`."""


@dataclass(frozen=True)
class Call:
    """A command call that is not bound yet; names are as they were typed.

    >>> Call.from_cmdlet(Cmdlet("Get-VM", {"Name": "HV1"})).arguments
    (('Name', 'HV1'),)
    """

    name: str
    arguments: Arguments = ()
    pipe_to: Call | None = None

    @classmethod
    def from_cmdlet(cls, cmdlet: Cmdlet) -> Call:
        """Return the call that results from sending this cmdlet over remoting."""
        following = cls.from_cmdlet(cmdlet.pipe_to) if cmdlet.pipe_to else None
        arguments = tuple((name, _as_received(each)) for name, each in cmdlet.parameters.items())
        return cls(cmdlet.name, arguments, following)


def _as_received(value: Value) -> Value:
    """Return a value as the server reads it from the message that the client sends."""
    match value:
        case SwitchParameter.OFF:
            return False  # -Confirm:$false is sent as a plain false.
        case EnumValue():
            return value.name
        case list() | tuple():
            return [_as_received(each) for each in value]
        case datetime() if (value.utcoffset() or timedelta()) % timedelta(minutes=1):
            return value.astimezone(UTC)  # .NET supports offsets of whole minutes only.
    return value


class PowerShellError(Exception):
    """The error of a command. A `terminating` error ends the pipeline.

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
        """Write an object."""
        ...

    def error(self, record: ErrorRecord) -> None:
        """Write a non-terminating error."""
        ...

    def warning(self, text: str) -> None:
        """Write a warning."""
        ...

    def verbose(self, text: str) -> None:
        """Write a line of the verbose stream."""
        ...

    def progress(self, progress: Progress) -> None:
        """Write a progress record."""
        ...


class CollectingSink:
    """A sink that stores what is written, in order."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.errors: list[ErrorRecord] = []
        self.warnings: list[str] = []
        self.verbose_lines: list[str] = []
        self.progress_records: list[Progress] = []

    def output(self, record: Record) -> None:
        """Store an object."""
        self.records.append(record)

    def error(self, record: ErrorRecord) -> None:
        """Store an error."""
        self.errors.append(record)

    def warning(self, text: str) -> None:
        """Store a warning."""
        self.warnings.append(text)

    def verbose(self, text: str) -> None:
        """Store a line of the verbose stream."""
        self.verbose_lines.append(text)

    def progress(self, progress: Progress) -> None:
        """Store a progress record."""
        self.progress_records.append(progress)
