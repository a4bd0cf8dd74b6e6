"""Messages for a child that ended: how it ended, its last output, what may have taken effect."""

from __future__ import annotations

import signal

from nestlab.errors import HostError, HostUnreachable, SessionBroken
from nestlab.texts import tr, translate
from nestlab.transport.process.process_exit import ProcessExit
from nestlab.transport.psrp.channel import MAY_HAVE_TAKEN_EFFECT

_LAST_LINES = 5
_LAST_CHARACTERS = 600


def exit_error(
    address: str, subject: str, process_exit: ProcessExit, first_check: str
) -> HostError:
    """Return the error for a child that ended, or was killed, without specific advice."""
    cause = f"{subject} {describe_exit(process_exit)}{last_output(process_exit)}"
    if not process_exit.running:
        return HostUnreachable(
            address,
            tr(
                "The session to {address} could not be opened: {cause}",
                address=address,
                cause=cause,
            ),
            hint=first_check,
        )
    message = tr(
        "The session to {address} was lost while {running} ran: {cause}",
        address=address,
        running=process_exit.running,
        cause=cause,
    )
    return SessionBroken(address, message, hint=translate(MAY_HAVE_TAKEN_EFFECT))


def describe_exit(process_exit: ProcessExit) -> str:
    """Return how a child ended, as the rest of a sentence.

    >>> describe_exit(ProcessExit("", exit_code=-9))
    'was killed (SIGKILL).'
    >>> describe_exit(ProcessExit("", problem="It sleeps."))
    'failed. It sleeps.'
    """
    code = process_exit.exit_code
    if code is None:
        if process_exit.problem:
            return tr("failed. {problem}", problem=process_exit.problem)
        return tr("closed its output.")
    problem = f" {process_exit.problem}" if process_exit.problem else ""
    if code < 0:
        return tr("was killed ({signal}).{problem}", signal=_signal(-code), problem=problem)
    return tr("ended with exit code {code}.{problem}", code=code, problem=problem)


def silence(seconds: float, *, has_answered: bool) -> str:
    """Return that a child has been silent for this time, as a sentence."""
    if not has_answered:
        return tr(
            "It has not answered for {seconds:g} seconds: it may not be a server of PowerShell remoting.",
            seconds=seconds,
        )
    return tr(
        "It has not acknowledged a line for {seconds:g} seconds, so it has stopped reading.",
        seconds=seconds,
    )


def last_output(process_exit: ProcessExit) -> str:
    """Return its last output as a sentence that follows another one, or an empty string."""
    lines = [
        line.strip()
        for line in f"{process_exit.text}\n{process_exit.errors}".splitlines()
        if line.strip()
    ]
    text = " / ".join(lines[-_LAST_LINES:])[-_LAST_CHARACTERS:]
    return tr(" It wrote: {text}", text=text) if text else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return tr("signal {number}", number=number)
