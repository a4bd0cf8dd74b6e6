"""Runs a pipeline: binds each command, calls its handler, passes objects on one by one."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.powershell.action_preferences import CommandSink, report
from nestlab.simulator.powershell.binding import binder_errors
from nestlab.simulator.powershell.binding.bound import Bound, BoundArguments
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.binding.unsupported_parameters import require_supported
from nestlab.simulator.powershell.call import Call, PowerShellError, Sink
from nestlab.simulator.powershell.commands.object_cmdlet import ObjectCmdlet, PipelineStopped
from nestlab.simulator.powershell.commands.object_cmdlets import OBJECT_CMDLETS
from nestlab.simulator.powershell.commands.select_object import SelectObject
from nestlab.simulator.powershell.commands.session_commands import SESSION_COMMANDS
from nestlab.simulator.powershell.commands.where_object import WhereObject
from nestlab.simulator.powershell.session_state import SessionState
from nestlab.simulator.powershell.should_process import cannot_prompt, would_prompt


def run_call(call: Call, session: SessionState, sink: Sink) -> None:
    """Run a pipeline in a session; output and non-terminating errors go to the sink.

    All commands of the pipeline are bound before the first one runs, so a wrong parameter after the
    pipe changes nothing. Raises PowerShellError for a terminating error.
    """
    bound: list[BoundArguments] = []
    for command in _commands(call):
        signature = session.find(command.name)
        bound.append(_bind_arguments(command, signature, session, piped=bool(bound)))
        require_supported(bound[-1].without_object())
    following: Sink = sink
    stages: list[_Stage] = []
    for arguments in reversed(bound):
        stages.insert(0, _Stage(arguments, session, following, sink))
        following = stages[0]
    position = _run_step(stages, stages[0].run) or 0
    while position < len(stages):
        position = _run_step(stages, stages[position].end) or position + 1


def _bind_arguments(
    call: Call, command: Signature, session: SessionState, *, piped: bool
) -> BoundArguments:
    try:
        arguments = BoundArguments(call, command, piped=piped)
    except PowerShellError as error:
        # A missing parameter does not matter if the parameters given are not supported.
        if error.record.error_id in {"MissingMandatoryParameter", "AmbiguousParameterSet"}:
            _require_simulated(session, command)
        raise
    _require_simulated(session, command)
    return arguments


def _run_step(stages: list[_Stage], act: Callable[[], None]) -> int | None:
    """Run a step of a command.

    If a Select-Object -First has received all its objects and stopped the preceding commands,
    return its index, else None.
    """
    try:
        act()
    except PipelineStopped as stopped:
        return next(number for number, stage in enumerate(stages) if stage.cmdlet is stopped.by)
    return None


def _commands(call: Call) -> list[Call]:
    commands = [call]
    while (following := commands[-1].pipe_to) is not None:
        commands.append(following)
    return commands


def _require_simulated(session: SessionState, command: Signature) -> None:
    if not any(
        command.name in table for table in (session.handlers, OBJECT_CMDLETS, SESSION_COMMANDS)
    ):
        raise not_simulated(command)


def not_simulated(command: Signature) -> PowerShellError:
    """Return the error of a command that real hosts have but that is not simulated."""
    text = (
        f"The simulated host knows the parameters of '{command.name}' but does not simulate the command. Nothing was changed. "
        "A real host runs it; docs/simulated-host.md lists the simulated commands."
    )
    return PowerShellError(
        ErrorRecord(
            text,
            "NotImplemented",
            f"NotSimulated,{command.name}",
            command.name,
            "System.NotImplementedException",
        )
    )


_REACH_OTHER_COMPUTERS = frozenset({"Test-Connection", "Test-NetConnection"})
_THIS_COMPUTER = frozenset({".", "localhost", "127.0.0.1", "::1"})


def _require_this_computer(bound: Bound, computer: str) -> None:
    if bound.name in _REACH_OTHER_COMPUTERS:
        return
    given = bound.get("ComputerName") or ()
    for name in given if isinstance(given, tuple) else (given,):
        if (
            name.lower() not in _THIS_COMPUTER
            and name.partition(".")[0].lower() != computer.lower()
        ):
            raise binder_errors.other_computer(bound.signature, "ComputerName", name)


class _Stage:
    """A command of a running pipeline, which receives the output of the preceding command."""

    def __init__(
        self, arguments: BoundArguments, session: SessionState, following: Sink, streams: Sink
    ) -> None:
        self._arguments = arguments
        self._session = session
        self._following = following
        self._streams = streams
        self.cmdlet: ObjectCmdlet | None = None
        bound = arguments.without_object()
        self._error_action = bound.error_action
        if bound.name in OBJECT_CMDLETS:
            needed = following.needed_properties() if isinstance(following, _Stage) else None
            self.cmdlet = OBJECT_CMDLETS[bound.name](
                bound, CommandSink(bound, following, streams, needed)
            )

    @property
    def output(self) -> Callable[[Record], None]:
        """The function that processes an object of the preceding command.

        It is not stored in an attribute: a stage that refers to one of its own methods is a
        reference cycle, which keeps all objects of the pipeline until a garbage collection.
        """
        return self._bind_object if self.cmdlet is None else self.cmdlet.process

    def needed_properties(self) -> frozenset[str] | None:
        """Return the names (lower case) of the input properties that it needs, None for all."""
        return (
            self.cmdlet.needed_properties()
            if isinstance(self.cmdlet, SelectObject | WhereObject)
            else None
        )

    def run(self) -> None:
        """Run the first command of a pipeline, which has no input."""
        if self.cmdlet is not None:
            given = self._arguments.without_object().get("InputObject")
            for record in given if isinstance(given, tuple) else (given,):
                if isinstance(record, Record):
                    self.cmdlet.process(record)
        else:
            self._invoke(self._arguments.without_object())

    def _bind_object(self, record: Record) -> None:
        try:
            bound = self._arguments.bind_object(record)
        except PowerShellError as error:
            report(error, self._error_action, self._streams)
        else:
            self._invoke(bound)

    def end(self) -> None:
        """Write the output that follows the last object."""
        if self.cmdlet is not None:
            self.cmdlet.end()

    def _invoke(self, bound: Bound) -> None:
        following = self._following
        needed = following.needed_properties() if isinstance(following, _Stage) else None
        sink = CommandSink(bound, following, self._streams, needed)
        _require_this_computer(bound, self._session.machine.name)
        if bound.signature.supports_should_process:
            if bound.what_if:
                # -WhatIf writes to the client's host, which remoting clients do not offer.
                return
            if would_prompt(bound):
                raise cannot_prompt(bound)
        try:
            if bound.name in SESSION_COMMANDS:
                SESSION_COMMANDS[bound.name](self._session, bound, sink)
            else:
                self._session.handlers[bound.name](self._session.machine, bound, sink)
        except PowerShellError as error:
            report(error, bound.error_action, self._streams)

    def error(self, record: ErrorRecord) -> None:
        """Pass an error of the preceding command to the session."""
        self._streams.error(record)

    def warning(self, text: str) -> None:
        """Pass a warning of the preceding command to the session."""
        self._streams.warning(text)

    def verbose(self, text: str) -> None:
        """Pass a verbose line of the preceding command to the session."""
        self._streams.verbose(text)

    def progress(self, progress: Progress) -> None:
        """Pass a progress record of the preceding command to the session."""
        self._streams.progress(progress)
