"""Command lines: splitting one text into arguments, and joining arguments into one text."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Sequence

from nestlab.errors import UsageError


def split_arguments(command: Sequence[str] | str) -> tuple[str, ...]:
    """Return the arguments of a command line; a text is split as the system's shell does.

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
        msg = "command= is empty."
        raise UsageError(msg, hint="Write the program and its arguments, or leave command= out.")
    return words


def quoted(command: Sequence[str]) -> str:
    """Return the arguments as one line that can be pasted into a terminal."""
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
