"""Locks on files between processes, where a system has more than one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from filelock import BaseFileLock


class _NoLock:
    """A lock that is always free."""

    def acquire(self) -> None:
        """Return at once."""

    def release(self) -> None:
        """Return at once."""


def file_lock(path: Path, **settings: Any) -> BaseFileLock | _NoLock:
    """Return a lock at a path, with settings of `filelock.FileLock`.

    In a browser tab nothing is locked: one process has all files and runs no threads, and the files
    of JupyterLite answer that each lock is held already (seen with Pyodide 314.0.7).
    """
    if sys.platform == "emscripten":
        return _NoLock()
    from filelock import FileLock  # noqa: PLC0415  # slow to import, and few calls need it

    return FileLock(path, **settings)
