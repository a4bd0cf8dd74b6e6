"""A file in a folder that others can write to: no link that they made there is followed.

A learner owns the folder of a seat, and a trainer, who may be root, writes in it. On Linux and
macOS every file is opened relative to the open folder, and none through a link. Elsewhere links are
looked for before.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nestlab.errors import FileNotWritten
from nestlab.model.file_lock import file_lock
from nestlab.model.files import make_folder, patiently, write_atomically
from nestlab.texts import tr

_LOCK_SECONDS = 10
_LOCK_PAUSE = 0.02
_LOCK_MODE = 0o666  # learners and trainers may have accounts of their own
_ROOT = 0
_HAS_FOLDERS = os.name == "posix" and sys.platform != "emscripten"


class ProgressFile:
    """A file that several accounts read and write, each under its lock."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.lock_name = f".{self.path.name}.lock"

    def read(self) -> str:
        """Return the text; raises OSError, also for a link or a pipe, and UnicodeDecodeError."""
        return patiently(self._text)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock beside the file, in a folder that is made; raises FileNotWritten."""
        make_folder(self.path.parent)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_flock(self) if _HAS_FOLDERS else _file_lock(self))
            except TimeoutError:
                message = tr("another process does not release it")
                raise FileNotWritten(self.path, TimeoutError(message)) from None
            except OSError as error:
                raise FileNotWritten(self.path, error) from error
            yield

    def write(self, text: str) -> None:
        """Replace the file whole; a file or folder of a learner stays the learner's.

        Raises FileNotWritten.
        """
        try:
            if _HAS_FOLDERS:
                with _opened_folder(self.path.parent) as folder:
                    _replace(folder, self.path.name, text.encode())
            else:
                _require_no_link(self.path)
                write_atomically(self.path, text)
        except OSError as error:
            raise FileNotWritten(self.path, error) from error

    def rename(self, name: str) -> None:
        """Give the file, or a link in its place, another name; raises FileNotWritten."""
        try:
            self.path.replace(self.path.with_name(name))
        except OSError as error:
            raise FileNotWritten(self.path, error) from error

    def _text(self) -> str:
        if not _HAS_FOLDERS:
            _require_no_link(self.path)
            return self.path.read_text(encoding="utf-8")
        with _opened_folder(self.path.parent) as folder:
            number = _opened(folder, self.path.name, os.O_RDONLY)
            with os.fdopen(number, encoding="utf-8") as file:
                return file.read()


@contextlib.contextmanager
def _opened_folder(path: Path) -> Iterator[int]:
    """Open a folder; raises OSError for a link that a learner may have made in its place."""
    follow = 0 if path.is_symlink() else os.O_NOFOLLOW
    if path.is_symlink():
        owners = (_ROOT, os.geteuid(), path.parent.stat().st_uid)
        if path.lstat().st_uid not in owners:
            message = tr("the folder {path} is a symbolic link of another account", path=path)
            raise OSError(errno.ELOOP, message)
    number = os.open(path, os.O_RDONLY | os.O_DIRECTORY | follow)
    try:
        yield number
    finally:
        os.close(number)


def _opened(folder: int, name: str, flags: int) -> int:
    """Open a file in an open folder; raises OSError for a link, a pipe, and the like."""
    # Without O_NONBLOCK, opening a pipe waits for its other end.
    try:
        number = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK):
            raise _link_error() from error
        raise
    if stat.S_ISREG(os.fstat(number).st_mode):
        return number
    os.close(number)
    raise OSError(errno.EINVAL, tr("this is not a file"))


def _link_error() -> OSError:
    return OSError(errno.ELOOP, tr("this is a symbolic link"))


def _require_no_link(path: Path) -> None:
    if path.is_symlink():
        raise _link_error()


def _replace(folder: int, name: str, content: bytes) -> None:
    temporary = f".nestlab-{secrets.token_hex(8)}.tmp"
    number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=folder)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(number)
            _give(number, folder, name)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise


def _give(number: int, folder: int, name: str) -> None:
    """Let a new file have the mode of the one that it replaces, and of root's also the owner."""
    try:
        before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        before = None
    if os.geteuid() == _ROOT:
        owner = before or os.fstat(folder)
        os.fchown(number, owner.st_uid, owner.st_gid)
    if before is not None:
        os.fchmod(number, before.st_mode & 0o666)


@contextlib.contextmanager
def _flock(file: ProgressFile) -> Iterator[None]:
    """Hold a lock of `flock`, as filelock does, which opens its file through links."""
    import fcntl  # noqa: PLC0415  # exists on Unix only

    with _opened_folder(file.path.parent) as folder:
        number = _lock_file(folder, file.lock_name)
    try:
        end = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise TimeoutError from None
                time.sleep(_LOCK_PAUSE)
        yield
    finally:
        os.close(number)


def _lock_file(folder: int, name: str) -> int:
    try:
        number = os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL, _LOCK_MODE, dir_fd=folder)
    except FileExistsError:
        return _opened(folder, name, os.O_RDWR)
    os.fchmod(number, _LOCK_MODE)  # whatever the mask of this process
    return number


@contextlib.contextmanager
def _file_lock(file: ProgressFile) -> Iterator[None]:
    from filelock import Timeout  # noqa: PLC0415  # slow to import, and only writing needs it

    path = file.path.with_name(file.lock_name)
    _require_no_link(path)
    lock = file_lock(path, timeout=_LOCK_SECONDS, mode=_LOCK_MODE, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise TimeoutError from None
    try:
        yield
    finally:
        lock.release()
