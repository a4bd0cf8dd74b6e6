"""The file that keeps a simulated world: versioned JSON, replaced as a whole, one process at a time."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nestlab.errors import StateFileError

FORMAT = "nestlab-simulated-host"
VERSION = 1
_LOCK_SECONDS = 30.0


def read(path: Path) -> dict[str, Any]:
    """Return the data of a state file; raises StateFileError where it is none, or of a newer version."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: the state file cannot be read: {error}"
        raise StateFileError(msg) from None
    except json.JSONDecodeError as error:
        msg = f"{path}:{error.lineno}:{error.colno}: not a state file of a simulated host: {error.msg}"
        raise StateFileError(msg, hint="Name another file after ?state=, or delete this one to begin anew.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        msg = f"{path}: not a state file of a simulated host"
        raise StateFileError(msg, hint="Name another file after ?state=; it is created when it is missing.")
    if data.get("version") != VERSION:
        msg = f"{path}: state file version {data.get('version')!r}; this nestlab reads version {VERSION}"
        raise StateFileError(msg, hint="Use the nestlab that wrote it, or begin a new state file.")
    return data


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Replace a state file as a whole: after a kill at any moment it holds the old state or the new one."""
    text = json.dumps({"format": FORMAT, "version": VERSION, **data}, separators=(",", ":"), ensure_ascii=False)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text + "\n")
            _replace(Path(temporary), path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        msg = f"{path}: the state file cannot be written: {error.strerror or error}"
        raise StateFileError(msg, hint="Check that the folder exists and that you may write there.") from None


def _replace(temporary: Path, path: Path) -> None:
    # Windows refuses to replace a file that a virus scanner or another process has open for a moment.
    for _ in range(20):
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(0.05)
        else:
            return
    temporary.replace(path)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the state file against other processes; raises StateFileError where one keeps it for half a minute."""
    lock = path.with_name(path.name + ".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        msg = f"{path}: the state file cannot be locked: {error.strerror or error}"
        raise StateFileError(msg, hint="Check that the folder exists and that you may write there.") from None
    try:
        _acquire(handle, path)
        yield
    finally:
        os.close(handle)  # closing gives the lock back, and so does the end of the process


def _acquire(handle: int, path: Path) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while not _try_lock(handle):
        if time.monotonic() > until:
            msg = f"{path}: another process holds this state file"
            raise StateFileError(msg, hint="Wait for it to end, or use another state file.")
        time.sleep(0.01)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
