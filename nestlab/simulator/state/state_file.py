"""The file that stores a simulated world: versioned JSON, replaced as a whole, and locked."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nestlab.errors import StateFileError, write_hint
from nestlab.model.file_lock import file_lock
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.visible import visible_json

FORMAT = "nestlab-simulated-host"
VERSION = 1
LOCK_TIMEOUT = 30.0
"""Seconds to wait for another process that has locked the file."""

_POLL_SECONDS = 0.01
_REVISION = pattern(rb'"revision":"([0-9a-f]+)"')


def read(path: Path) -> dict[str, Any]:
    """Return the data of a state file.

    Raises StateFileError if it cannot be read, is not a state file, or has another version.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = tr(
            "{path}: the state file cannot be read: {reason}",
            path=path,
            reason=error.strerror or error,
        )
        raise StateFileError(
            msg,
            hint=tr("Choose a readable file after ?state=; a missing one is created."),
        ) from None
    except UnicodeDecodeError:
        msg = tr("{path}: not a state file of a simulated host: it is not text", path=path)
        raise StateFileError(
            msg, hint=tr("Choose another file after ?state=; a missing one is created.")
        ) from None
    except json.JSONDecodeError as error:
        msg = tr(
            "{path}: not a state file of a simulated host: {reason}",
            path=f"{path}:{error.lineno}:{error.colno}",
            reason=error.msg,
        )
        raise StateFileError(
            msg,
            hint=tr(
                "Choose another file after ?state=, or delete this one: a missing one is created."
            ),
        ) from None
    _require_version(path, data)
    return data


def _require_version(path: Path, data: Any) -> None:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        msg = tr("{path}: not a state file of a simulated host", path=path)
        raise StateFileError(
            msg, hint=tr("Choose another file after ?state=; a missing one is created.")
        )
    version = data.get("version")
    if type(version) is int and version > VERSION:
        msg = tr(
            "{path}: the state file has version {version}, from a newer nestlab; this one reads version {known}",
            path=path,
            version=version,
            known=VERSION,
        )
        raise StateFileError(msg, hint=tr("Update nestlab, or use a new state file."))
    if type(version) is not int or version != VERSION:
        msg = tr(
            "{path}: the state file has version {version!r}, which does not exist; this nestlab reads version {known}",
            path=path,
            version=version,
            known=VERSION,
        )
        raise StateFileError(msg, hint=tr("Restore the file from a backup, or use a new one."))


def write(path: Path, data: Mapping[str, Any]) -> str:
    """Replace a state file as a whole, and return its new revision.

    The caller has locked the file (see `Lock`). If the process is killed, the file has either the
    old state or the new one.
    """
    revision = os.urandom(8).hex()
    # Values that change by the passage of time are under "clock", which comes first so that
    # `revision` finds it.
    clock = {"revision": "", **data["clock"]} | {"revision": revision}
    rest = {key: value for key, value in data.items() if key != "clock"}
    document = {"format": FORMAT, "version": VERSION, "clock": clock, **rest}
    text = visible_json(json.dumps(document, separators=(",", ":"), ensure_ascii=False))
    # Always the same name: the next writer overwrites what a killed one has left behind.
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(text + "\n", encoding="utf-8", newline="\n")
        _replace(temporary, path)
    except OSError as error:
        msg = tr(
            "{path}: the state file cannot be written: {reason}",
            path=path,
            reason=error.strerror or error,
        )
        raise StateFileError(msg, hint=write_hint(error)) from None
    return revision


def revision(path: Path) -> str:
    """Return the revision of a state file without reading all of it; empty if there is no file."""
    try:
        with path.open("rb") as file:
            match = _REVISION.search(file.read(200))
    except OSError:
        return ""
    return match[1].decode() if match else ""


def _replace(temporary: Path, path: Path) -> None:
    # Windows refuses to replace a file that another process, such as a virus scanner, has open.
    for _ in range(20):
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(0.05)
        else:
            return
    temporary.replace(path)


class Lock:
    """The lock on a state file, held by one thread of one process at a time. It is reentrant."""

    def __init__(self, path: Path, timeout: float = LOCK_TIMEOUT) -> None:
        self._path = path
        self._lock = file_lock(
            path.with_name(path.name + ".lock"), timeout=timeout, poll_interval=_POLL_SECONDS
        )

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Lock the state file until the end of the block, or of the process.

        Raises StateFileError if another process has it locked for longer than the timeout, or if it
        cannot be locked. In a browser tab nothing is locked.
        """
        self._acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _acquire(self) -> None:
        from filelock import Timeout  # noqa: PLC0415  # as above

        try:
            if not self._path.parent.is_dir():  # FileLock would create it
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            self._lock.acquire()
        except Timeout:
            msg = tr("{path}: another process has locked this state file", path=self._path)
            raise StateFileError(
                msg, hint=tr("Wait for it to end, or use another state file.")
            ) from None
        except OSError as error:
            msg = tr(
                "{path}: the state file cannot be locked: {reason}",
                path=self._path,
                reason=error.strerror or error,
            )
            raise StateFileError(msg, hint=write_hint(error)) from None
