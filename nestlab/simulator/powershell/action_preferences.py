"""-ErrorAction, -WarningAction and -Verbose applied to the streams of a command."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink

QUIET = frozenset({"SilentlyContinue", "Ignore"})


def report(error: PowerShellError, error_action: str, sink: Sink) -> None:
    """Handle an error according to -ErrorAction: raise it, write it, or ignore it.

    A terminating error is always raised. Under ``Stop`` the error keeps its own id and category, as
    remoting shows it. ``Inquire`` has the same effect, because the session cannot prompt.
    """
    if error.terminating or error_action in {"Stop", "Inquire"}:
        raise PowerShellError(error.record, terminating=True) from error
    if error_action not in QUIET:
        sink.error(error.record)


class CommandSink:
    """The streams of one command.

    Output goes to the next command. The other streams go to the session, as far as the command's
    action preferences let them pass.

    `needed` are the names (lower case) of the properties that the next commands need, None for all.
    """

    def __init__(
        self, bound: Bound, output: Sink, streams: Sink, needed: frozenset[str] | None = None
    ) -> None:
        self._bound = bound
        self.needed = needed
        self._streams = streams
        self.output: Callable[[Record], None] = output.output
        """Passes an object to the next command."""

    def error(self, record: ErrorRecord) -> None:
        """Handle a non-terminating error."""
        report(PowerShellError(record, terminating=False), self._bound.error_action, self._streams)

    def warning(self, text: str) -> None:
        """Handle a warning; -WarningAction Stop ends the command."""
        if self._bound.warning_action in {"Stop", "Inquire"}:
            message = (
                'The running command stopped because the preference variable "WarningPreference" or common parameter is set to '
                f"Stop: {text}"
            )
            fully_qualified_id = f"ActionPreferenceStop,{self._bound.signature.class_name}"
            exception = "System.Management.Automation.ActionPreferenceStopException"
            raise PowerShellError(
                ErrorRecord(message, "OperationStopped", fully_qualified_id, "", exception)
            )
        if self._bound.warning_action not in QUIET:
            self._streams.warning(text)

    def verbose(self, text: str) -> None:
        """Handle a verbose line, which is ignored without -Verbose."""
        if self._bound.verbose:
            self._streams.verbose(text)

    def progress(self, progress: Progress) -> None:
        """Handle a progress record."""
        self._streams.progress(progress)


def needed_properties(sink: Sink) -> frozenset[str] | None:
    """Return the names (lower case) of the properties that the next commands need, None for all.

    A command may omit the others: what `Select-Object Id, Name` drops need not be computed.
    """
    return sink.needed if isinstance(sink, CommandSink) else None
