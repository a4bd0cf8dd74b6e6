"""The command line; its entry point is `program`."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Sequence

from nestlab.cli.app import run

__all__ = ["main", "program"]

_GENERATION = 100_000
"""How many objects are created before garbage is searched for. Most of what a command imports and
creates lives until it ends: with Python's 700, the search took a fifth of the time of a plan."""

_WATCHERS = frozenset({"cProfile", "profile", "pdb", "trace"})
"""Modules that run a program, and report on it after its end."""


def program() -> int:
    """Run the command line of this process, which ends afterwards; return its exit code."""
    gc.set_threshold(_GENERATION, *gc.get_threshold()[1:])
    gc.enable()
    try:
        code = run()
    finally:
        gc.freeze()  # else the interpreter searches everything for garbage once more as it ends
    if _is_last():
        _end(code)
    return code


def _is_last() -> bool:
    """Whether nothing else runs in this process, or is to run at its end."""
    registered = getattr(atexit, "_ncallbacks", lambda: 1)()
    watched = sys.flags.inspect or sys.gettrace() or not _WATCHERS.isdisjoint(sys.modules)
    return not (registered or watched) and threading.active_count() == 1


def _end(code: int) -> None:
    """End the process without freeing each object first, a twentieth of the time of a plan.

    Returns if the output cannot be written: the interpreter reports that.
    """
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; a traceback is printed only with --debug."""
    return run(argv)
