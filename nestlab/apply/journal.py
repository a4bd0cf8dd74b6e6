"""The journal of a run: one JSON object a line, written before and after each step, so that it survives a kill."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from nestlab.errors import JournalError, write_hint
from nestlab.model import MachinePath, parse_path, path_text
from nestlab.plan import Step
from nestlab.plan.conversion import ConversionError, from_plain, to_plain
from nestlab.visible import visible_json

FORMAT = 2
_BEGINNING = b'{"record": "'


@dataclass(frozen=True)
class JournalEntry:
    """One step as the journal remembers it.

    `finished` is false where the run ended in the middle of it.

    `undoing` is true where an undo began with it, and nobody wrote that it came to its end.
    """

    step: Step
    finished: bool
    undone: bool = False
    undoing: bool = False


@dataclass(frozen=True)
class Journal:
    """A journal file. Made by `begin`, or read by `read`."""

    path: Path

    @classmethod
    def begin(
        cls,
        path: str | Path,
        *,
        topology: str,
        host: str,
        credentials: Mapping[MachinePath, str],
        identity: str = "",
    ) -> Journal:
        """Open a journal for writing and write its header; an existing one of the same topology is continued.

        `identity` tells the host from all others, wherever one stands, which `host`, its address,
        may not. Raises JournalError where the file cannot be written or is not a journal of this
        topology.
        """
        from nestlab import __version__  # noqa: PLC0415  # the package's front door is above this layer

        journal = cls(Path(path))
        journal._repair()
        if journal.path.exists() and journal.path.stat().st_size:
            past = journal.header()
            where = "identity" if identity and "identity" in past else "host"
            if (past.get("topology"), past.get(where)) != (
                topology,
                identity if where == "identity" else host,
            ):
                msg = f"{path}: this is a journal of {past.get('topology')} on {past.get('host')}, not of {topology} on {host}"
                raise JournalError(msg, hint="Name another file for this run.")
        names = {path_text(machine): name for machine, name in credentials.items()}
        about = {"topology": topology, "host": host, "identity": identity or host}
        journal._write("header", format=FORMAT, version=__version__, **about, credentials=names)
        return journal

    def _write(self, kind: str, **data: Any) -> None:
        record = {"record": kind, "time": datetime.now(UTC).isoformat(timespec="seconds"), **data}
        line = visible_json(json.dumps(record, ensure_ascii=False))
        self._repair()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                self._append(file, f"{line}\n".encode())
        except OSError as error:
            msg = f"{self.path}: the journal cannot be written: {error.strerror or error}"
            raise JournalError(msg, hint=write_hint(error)) from None

    def _append(self, file: BinaryIO, line: bytes) -> None:
        """Write a line as a whole; a disk that is full leaves the file as it was, or none where none was."""
        length = file.tell()
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            with contextlib.suppress(OSError):
                file.close()
            if length:
                os.truncate(self.path, length)
            else:
                self.path.unlink()
            raise

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the journal from every other run, of this process or another; raises JournalError where one has it."""
        from filelock import FileLock, Timeout  # noqa: PLC0415  # only runs need it

        # A run may go on in another thread than it began in: a notebook takes each step in a job of
        # its own.
        lock = FileLock(
            self.path.with_name(f".{self.path.name}.lock"), timeout=0, thread_local=False
        )
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            msg = f"{self.path}: another run is using this journal"
            raise JournalError(
                msg, hint="Wait until it has ended, or name another file for this run."
            ) from None
        except OSError as error:
            msg = f"{self.path}: the journal cannot be written: {error.strerror or error}"
            raise JournalError(msg, hint=write_hint(error)) from None
        try:
            yield
        finally:
            lock.release()

    def _repair(self) -> None:
        """Cut off the half line that a kill in the middle of writing left, so that the next line stands alone."""
        try:
            with self.path.open("r+b") as file:
                file.seek(-1, os.SEEK_END)
                if file.read(1) == b"\n":
                    return
                file.seek(0)
                *whole, last = file.readlines()
                if not last.startswith(_BEGINNING[: len(last)]):
                    return  # a file of somebody else
                if _is_whole(last):
                    file.write(b"\n")
                else:
                    file.truncate(sum(map(len, whole)))
        except OSError:
            return  # nothing is there yet, or writing says what is wrong with it

    def started(self, step: Step) -> None:
        """Write that a step is about to run, with what undoes it."""
        self._write("step-started", **to_plain(step))

    def finished(self, step: Step, status: str, message: str = "") -> None:
        """Write what became of a step."""
        self._write("step-finished", id=step.id, status=status, message=message)

    def bound(self, step: Step) -> None:
        """Write which object a step has made or found by its name, so that undo takes that one and no other."""
        data = to_plain(step)
        self._write("step-bound", **{key: data[key] for key in ("id", "thing", "undo")})

    def undoing(self, step: Step) -> None:
        """Write that a step is about to be undone."""
        self._write("undo-started", id=step.id)

    def undone(self, step: Step, status: str) -> None:
        """Write that a step has been undone."""
        self._write("undone", id=step.id, status=status)

    def header(self) -> dict[str, Any]:
        """Return the last header; raises JournalError where there is none."""
        headers = [record for record in self._records() if record.get("record") == "header"]
        if not headers:
            msg = f"{self.path}: this is not a journal of nestlab"
            raise JournalError(
                msg, hint="A journal begins with a line that names its topology and its host."
            )
        return headers[-1]

    def credentials(self) -> dict[MachinePath, str]:
        """Return the names of the guests' credentials."""
        return {
            parse_path(path): str(name)
            for path, name in self.header().get("credentials", {}).items()
        }

    def entries(self) -> tuple[JournalEntry, ...]:
        """Return the steps that were begun, in order; a step that ran again counts once, where it ran last."""
        entries: dict[str, JournalEntry] = {}
        self.header()
        for record in self._records():
            step_id = str(record.get("id", ""))
            if record["record"] == "step-started":
                past = entries.pop(step_id, None)
                step = _step(record, self.path)
                entries[step_id] = JournalEntry(
                    past.step if past and _is_remembered(past, step) else step, finished=False
                )
            elif record["record"] == "step-bound" and step_id in entries:
                entries[step_id] = replace(
                    entries[step_id], step=_bound(entries[step_id].step, record, self.path)
                )
            elif record["record"] == "step-finished" and step_id in entries:
                entries[step_id] = JournalEntry(
                    entries[step_id].step, finished=record.get("status") == "done"
                )
            elif record["record"] == "undo-started" and step_id in entries:
                entries[step_id] = replace(entries[step_id], undoing=True)
            elif record["record"] == "undone" and step_id in entries:
                entries[step_id] = JournalEntry(
                    entries[step_id].step, entries[step_id].finished, undone=True
                )
        return tuple(entries.values())

    def _records(self) -> list[dict[str, Any]]:
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            msg = f"{self.path}: there is no such journal"
            raise JournalError(msg, hint="`nestlab apply` says which file it writes.") from None
        except OSError as error:
            msg = f"{self.path}: the journal cannot be read: {error.strerror or error}"
            raise JournalError(
                msg,
                hint="Name the .jsonl file that `nestlab apply` wrote; you need the right to read it.",
            ) from None
        records = []
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                record["record"]
            except (ValueError, TypeError, KeyError):
                if number == len(lines):
                    break  # A kill in the middle of writing leaves half a line.
                msg = f"{self.path}:{number}: this is not a line of a journal"
                hint = "Name the file that `nestlab apply` wrote, as it wrote it; `nestlab destroy` needs no journal."
                raise JournalError(msg, hint=hint) from None
            records.append(record)
        return records


def _is_whole(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _is_remembered(past: JournalEntry, step: Step) -> bool:
    """Whether a step that began again keeps the values of the first time: what was there before nestlab came.

    What is recreated is another object, and so is one with another Id.
    """
    same = past.step.thing.id == step.thing.id or not (past.step.thing.id and step.thing.id)
    return same and not past.undone and not step.creates


def _bound(step: Step, record: Mapping[str, Any], path: Path) -> Step:
    return _step({**to_plain(step), **{key: record.get(key) for key in ("thing", "undo")}}, path)


def _step(record: Mapping[str, Any], path: Path) -> Step:
    try:
        return from_plain(
            {key: value for key, value in record.items() if key not in ("record", "time")}, Step
        )
    except ConversionError as error:
        msg = f"{path}: a step in this journal cannot be read: {error}"
        raise JournalError(
            msg, hint="It was written by another version of nestlab, or changed by hand."
        ) from None
