"""Command lines: splitting a string into arguments, and joining arguments to a string."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterable, Sequence

from nestlab.errors import UsageError
from nestlab.texts import tr
from nestlab.transport.host_address import require_no_null


def split_arguments(command: Sequence[str] | str) -> tuple[str, ...]:
    """Return the arguments of a command line, given as a string or as a list of arguments.

    A string is split as a POSIX shell does; on Windows only double quotation marks keep words
    together, and a backslash is a character like any other. Raises UsageError.
    """
    try:
        words = tuple(_words(command) if isinstance(command, str) else command)
    except ValueError as error:
        msg = tr(
            "The command line {command!r} cannot be read: {error}.", command=command, error=error
        )
        raise UsageError(msg, hint=tr("Close each quotation mark.")) from None
    if not words:
        msg = tr("{option}= is empty.", option="command")
        raise UsageError(
            msg, hint=tr("Write the program and its arguments, or leave command= out.")
        )
    require_no_null("command", "".join(words))
    return words


def _words(command: str) -> Iterable[str]:
    words = shlex.shlex(command, posix=True)
    words.whitespace_split, words.commenters = True, ""
    if sys.platform == "win32":
        words.escape, words.quotes = "", '"'
    return words


def quoted(command: Sequence[str]) -> str:
    """Return the arguments as one line that can be pasted into a terminal."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
