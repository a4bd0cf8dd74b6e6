"""How a child ended, in words: who died, what it said last, and what may have taken effect."""

from __future__ import annotations

import signal

from nestlab.errors import HostError, HostUnreachable, SessionBroken
from nestlab.transport.process.channel import ProcessExit

MAY_HAVE = "What ran when it happened may or may not have taken effect: plan again, and apply what is left."

_LAST_LINES = 5
_LAST_CHARACTERS = 600


def broken(address: str, who: str, ending: ProcessExit, first_check: str) -> HostError:
    """Return the error for a child that ended, or was ended, and has no advice of its own."""
    cause = f"{who} {how(ending)}{said(ending)}"
    if not ending.running:
        return HostUnreachable(address, f"{address} could not be opened: {cause}", hint=first_check)
    message = f"The session to {address} broke while {ending.running} ran: {cause}"
    return SessionBroken(address, message, hint=MAY_HAVE)


def how(ending: ProcessExit) -> str:
    """Return how it ended.

    >>> how(ProcessExit("", exit_code=-9)), how(ProcessExit("", problem="It sleeps."))
    ('was killed (SIGKILL).', 'failed. It sleeps.')
    """
    code = ending.exit_code
    if code is None:
        return f"failed. {ending.problem}" if ending.problem else "closed its output."
    problem = f" {ending.problem}" if ending.problem else ""
    if code < 0:
        return f"was killed ({_signal(-code)}).{problem}"
    return f"ended with exit code {code}.{problem}"


def said(ending: ProcessExit) -> str:
    """Return what it said last, as a sentence behind another, or nothing."""
    lines = [
        line.strip() for line in f"{ending.text}\n{ending.errors}".splitlines() if line.strip()
    ]
    text = " / ".join(lines[-_LAST_LINES:])[-_LAST_CHARACTERS:]
    return f" It wrote: {text}" if text else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
