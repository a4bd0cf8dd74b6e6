"""The command line; its entry point is `program`."""

from __future__ import annotations

import gc
from collections.abc import Sequence

from nestlab.cli.app import run

__all__ = ["main", "program"]

_GENERATION = 100_000
"""How many objects are created before garbage is searched for. Most of what a command imports and
creates lives until it ends: with Python's 700, the search took a fifth of the time of a plan."""


def program() -> int:
    """Run the command line of this process, which ends afterwards; return its exit code."""
    gc.set_threshold(_GENERATION, *gc.get_threshold()[1:])
    gc.enable()
    try:
        return run()
    finally:
        gc.freeze()  # else the interpreter searches everything for garbage once more as it ends


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; a traceback is printed only with --debug."""
    return run(argv)
