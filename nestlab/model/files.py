"""Write files atomically, and make folders."""

from __future__ import annotations

import errno
import os
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from nestlab.errors import FileNotWritten
from nestlab.texts import tr

_Result = TypeVar("_Result")


def write_atomically(path: str | Path, data: str | bytes) -> None:
    r"""Write a file atomically: readers see the old or the new one, and a failure leaves the old.

    Text is written as UTF-8 with ``\n``. Behind a symbolic link, the file that it points to is
    written. An existing file keeps its permissions; a device (``/dev/stdout``) is written to
    directly. Raises FileNotWritten.
    """
    path = Path(path)
    content = data.encode("utf-8") if isinstance(data, str) else data
    try:
        if "\0" in str(path):
            raise _null_character()
        target = path.resolve()
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, tr("this is a directory"))
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            _replace(target, content)
    except OSError as error:
        raise FileNotWritten(path, error) from error


def make_folder(path: Path) -> None:
    """Make a folder, with those above it; raises FileNotWritten."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        problem = error if isinstance(error, OSError) else _null_character()
        raise FileNotWritten(path, problem) from error


def _null_character() -> OSError:
    return OSError(errno.EINVAL, tr("a file name cannot contain a null character"))


def _replace(target: Path, content: bytes) -> None:
    temporary = target.with_name(f".nestlab-{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        with temporary.open("xb") as file:  # not through a link in its place
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            temporary.chmod(stat.S_IMODE(target.stat().st_mode))
        _move(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _move(temporary: Path, target: Path) -> None:
    patiently(lambda: temporary.replace(target))


def patiently(action: Callable[[], _Result]) -> _Result:
    """Do something with a file, again for a second while it is refused; raises what it raises."""
    # Windows refuses to replace or read a file that a virus scanner or another process has open for
    # a moment.
    for _ in range(20):
        try:
            return action()
        except PermissionError:
            time.sleep(0.05)
    return action()
