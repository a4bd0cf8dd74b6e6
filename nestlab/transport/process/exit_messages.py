"""Messages for a child that ended: how it ended, its last output, what may have taken effect."""

from __future__ import annotations

import signal

from nestlab.errors import HostError, HostUnreachable, SessionBroken
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
            address, f"The session to {address} could not be opened: {cause}", hint=first_check
        )
    message = f"The session to {address} was lost while {process_exit.running} ran: {cause}"
    return SessionBroken(address, message, hint=MAY_HAVE_TAKEN_EFFECT)


def describe_exit(process_exit: ProcessExit) -> str:
    """Return how a child ended, as the rest of a sentence.

    >>> describe_exit(ProcessExit("", exit_code=-9))
    'was killed (SIGKILL).'
    >>> describe_exit(ProcessExit("", problem="It sleeps."))
    'failed. It sleeps.'
    """
    code = process_exit.exit_code
    if code is None:
        return f"failed. {process_exit.problem}" if process_exit.problem else "closed its output."
    problem = f" {process_exit.problem}" if process_exit.problem else ""
    if code < 0:
        return f"was killed ({_signal(-code)}).{problem}"
    return f"ended with exit code {code}.{problem}"


def last_output(process_exit: ProcessExit) -> str:
    """Return its last output as a sentence that follows another one, or an empty string."""
    lines = [
        line.strip()
        for line in f"{process_exit.text}\n{process_exit.errors}".splitlines()
        if line.strip()
    ]
    text = " / ".join(lines[-_LAST_LINES:])[-_LAST_CHARACTERS:]
    return f" It wrote: {text}" if text else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
