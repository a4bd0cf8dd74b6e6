"""The file of a journal: complete lines, flushed to disk; a killed process loses none."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from nestlab.errors import JournalError, write_hint
from nestlab.model.file_lock import file_lock
from nestlab.texts import tr

_BEGINNING = b'{"record": "'


def append_line(path: Path, line: str) -> None:
    """Append a complete line; raises JournalError if it cannot be written."""
    repair(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            _append(path, file, f"{line}\n".encode())
    except OSError as error:
        raise _not_written(path, error) from None


def _append(path: Path, file: BinaryIO, line: bytes) -> None:
    """Write a line; on a full disk, restore the file, or remove one that was empty."""
    length = file.tell()
    try:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            file.close()
        if length:
            os.truncate(path, length)
        else:
            path.unlink()
        raise


def _not_written(path: Path, error: OSError) -> JournalError:
    msg = tr(
        "{path}: the journal cannot be written: {reason}", path=path, reason=error.strerror or error
    )
    return JournalError(msg, hint=write_hint(error))


def repair(path: Path) -> None:
    """Remove the incomplete line at the end that a process left when it was killed."""
    try:
        with path.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) == b"\n":
                return
            file.seek(0)
            *complete, last = file.readlines()
            if not last.startswith(_BEGINNING[: len(last)]):
                return  # a file that is not a journal
            if _is_complete(last):
                file.write(b"\n")
            else:
                file.truncate(sum(map(len, complete)))
    except OSError:
        return  # the file does not exist yet, or writing to it will raise the error


def _is_complete(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a journal against other runs, of this process or another, until the block ends.

    Raises JournalError if another run has locked it.
    """
    from filelock import Timeout  # noqa: PLC0415  # only runs need it

    # A run may continue in another thread than it started in: a notebook runs each step in a job.
    lock = file_lock(path.with_name(f".{path.name}.lock"), timeout=0, thread_local=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        msg = tr("{path}: another run is using this journal", path=path)
        hint = tr("Wait until it has ended, or use another file for this run.")
        raise JournalError(msg, hint=hint) from None
    except OSError as error:
        raise _not_written(path, error) from None
    try:
        yield
    finally:
        lock.release()


def read_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the data of each line.

    A last line without a line end is left out if it is not complete: the process was killed while
    it wrote that line. Raises JournalError, with the file and the line, for any other damage.
    """
    for number, line in enumerate(_bytes(path).splitlines(keepends=True), 1):
        try:
            record = json.loads(line)
            record["record"]
        except (ValueError, TypeError, KeyError):
            if line.endswith((b"\n", b"\r")):
                raise _damaged(path, number) from None
            return
        yield number, record


def _damaged(path: Path, number: int) -> JournalError:
    """Return the error for a damaged line; if it is the first, the file is not a journal."""
    if number == 1:
        msg = tr("{path}:1: this is not a line of a journal", path=path)
        hint = tr(
            "Use the file that `nestlab apply` wrote, unchanged; `nestlab destroy` needs no journal."
        )
    else:
        msg = tr(
            "{path}:{number}: this line is damaged, so it is not known what the run did there",
            path=path,
            number=number,
        )
        hint = tr(
            "Restore the file from a copy, or remove this line to use the others; `nestlab destroy` needs no journal."
        )
    return JournalError(msg, hint=hint)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        msg = tr("{path}: there is no such journal", path=path)
        raise JournalError(msg, hint=tr("`nestlab apply` says which file it writes.")) from None
    except OSError as error:
        msg = tr(
            "{path}: the journal cannot be read: {reason}",
            path=path,
            reason=error.strerror or error,
        )
        hint = tr("Use the .jsonl file that `nestlab apply` wrote; you need permission to read it.")
        raise JournalError(msg, hint=hint) from None
