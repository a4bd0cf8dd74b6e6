"""The command line; its entry point is `main`."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.cli.app import run

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code; a traceback is printed only with --debug."""
    return run(argv)
