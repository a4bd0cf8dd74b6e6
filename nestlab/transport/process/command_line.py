"""Command lines that people give: words out of one text, and texts out of words."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence

from nestlab.errors import UsageError


def words_of(command: Sequence[str] | str) -> tuple[str, ...]:
    """Return the words of a command line, which a text has as the system's shell would take them.

    Raises UsageError.
    """
    if not isinstance(command, str):
        words = tuple(command)
    elif sys.platform == "win32":
        words = tuple(word.strip('"') for word in shlex.split(command, posix=False))
    else:
        try:
            words = tuple(shlex.split(command))
        except ValueError as error:
            msg = f"The command line {command!r} cannot be read: {error}."
            raise UsageError(msg, hint="Close each quotation mark.") from None
    if not words:
        msg = "command= names no program."
        raise UsageError(msg, hint="Write the program and its arguments, or leave command= out.")
    return words


def quoted(command: Sequence[str]) -> str:
    """Return the words as one text that a terminal takes."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
