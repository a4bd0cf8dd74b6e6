"""How far a seat is: what happened at each stage and when, in one file for each seat."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nestlab.errors import FileNotWritten
from nestlab.lab import journal_folder
from nestlab.workshop.progress_file import ProgressFile
from nestlab.workshop.stage_record import StageRecord
from nestlab.workshop.stage_report import StageReport
from nestlab.workshop.workshop_values import Seat, WorkshopStage

VARIABLE = "NESTLAB_PROGRESS"
"""Names the folder of the progress of all seats, where learners have accounts of their own."""
_Change = Callable[[dict[str, Any]], dict[str, Any]]


def progress_folder() -> Path:
    """Return the folder of the progress of all seats; it may not exist yet.

    It is the one in the environment variable NESTLAB_PROGRESS, or else in that of the journals.
    """
    named = os.environ.get(VARIABLE)
    return Path(named) if named else journal_folder.folder() / "progress"


def progress_path(seat: Seat, folder: str | Path | None = None) -> Path:
    """Return the file of a seat in a folder, by default in `progress_folder`."""
    name = re.sub(r"[^A-Za-z0-9-]+", "_", seat.topology.name)
    return (progress_folder() if folder is None else Path(folder)) / f"{name}.json"


def seat_file(seat: Seat, folder: Path) -> Path:
    """Return the file of a seat in a folder, or in the folder of its name there.

    Where there is none yet, it is to be in the folder of its name if there is one.
    """
    own, inner = progress_path(seat, folder), progress_path(seat, folder / seat.name)
    found = max((own, inner), key=_written)
    if _written(found) < 0 and _written(inner.parent) >= 0:
        return inner
    return found


def hand_over(seat: Seat, folder: Path) -> None:
    """Move the file of a seat from a folder into the folder of its name there, if that has none.

    So the learner, whose progress is in that folder, has what the trainer did before. Raises
    FileNotWritten.
    """
    before = ProgressFile(progress_path(seat, folder))
    after = ProgressFile(progress_path(seat, folder / seat.name))
    if _written(before.path) < 0 or _written(after.path) >= 0:
        return
    with before.locked(), after.locked():
        if _written(before.path) >= 0 > _written(after.path):
            try:
                after.write(before.read())
                before.path.unlink()
            except OSError as error:
                raise FileNotWritten(before.path, error) from error


def _written(path: Path) -> float:
    """Return when a file was written; below 0 where there is none, or it cannot be reached."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return -1


class StageProgress:
    """The progress of a seat, kept in a file: a new kernel finds it again.

    Several processes may write it at the same time, the learner's and the trainer's: each reads it
    again under a lock, and changes one stage. By default it is that of `seat_file` in
    `progress_folder`. Where the content is not that of such a file, it counts as empty, and is kept
    beside the new one; a file that the system does not let be read stays as it is. `is_readable` is
    false for both. Writing raises FileNotWritten.

    After `mark_ended` nothing is done and nothing planted: what is written next begins another
    class, and the file of the one before is kept beside it. `record` still has that of the former.
    """

    def __init__(self, seat: Seat, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else seat_file(seat, progress_folder())
        self._file = ProgressFile(self.path)
        self._stages: dict[str, dict[str, Any]] = {}
        self._ended = ""
        self.reload()

    @classmethod
    def in_folder(cls, seat: Seat, folder: Path | None) -> StageProgress:
        """Return the progress of a seat in a folder with those of all seats; None: the default."""
        return cls(seat, None if folder is None else seat_file(seat, folder))

    def reload(self) -> None:
        """Read the file again; what was known stays where the system does not let it be read."""
        self._refusal: OSError | None = None
        try:
            found = _read(self._file)
        except OSError as error:
            self.is_readable, self._refusal = False, error
            return
        self.is_readable = found is not None
        self._stages, self._ended = found or ({}, "")

    @property
    def has_ended(self) -> bool:
        """Whether the seat was removed after the class."""
        return bool(self._ended)

    def record(self, stage: WorkshopStage) -> StageRecord:
        """Return what is known about a stage."""
        return StageRecord.of(self._stages.get(stage.name, {}))

    def is_done(self, stage: WorkshopStage) -> bool:
        """Whether a check of the stage passed, and it was not removed or broken since."""
        return not self._ended and self.record(stage).done is not None

    def hints(self, stage: WorkshopStage) -> int:
        """Return how many levels of help were shown for a stage since it was done last."""
        return 0 if self._ended else self.record(stage).hints

    def is_planted(self, stage: WorkshopStage) -> bool:
        """Whether the fault of the stage was planted at the seat."""
        return not self._ended and self.record(stage).planted is not None

    def mark_opened(self, stage: WorkshopStage) -> None:
        """Remember that the learner looks at a stage."""
        self._write(stage, lambda known: known)

    def mark_check(self, stage: WorkshopStage, *, passed: bool) -> None:
        """Remember the result of a check; one that passed makes the stage done."""
        self._write(stage, _done if passed else _failed)

    def mark_hints(self, stage: WorkshopStage, shown: int) -> None:
        """Remember how many levels of help were shown."""

        def helped(known: dict[str, Any]) -> dict[str, Any]:
            return {**known, "hints": shown, "helped": max(shown, StageRecord.of(known).helped)}

        self._write(stage, helped)

    def mark_solved(self, stage: WorkshopStage) -> None:
        """Remember that nestlab builds the stage instead of the learner."""

        def solved(known: dict[str, Any]) -> dict[str, Any]:
            return {**known, "solved": bool(known.get("solved")) or not known.get("passed")}

        self._write(stage, solved)

    def note(self, stage: WorkshopStage, report: StageReport) -> None:
        """Remember what a check found: a stage that is done, or one more try."""
        if stage.fault is not None and report.is_planted and not self.is_planted(stage):
            self.mark_planted(stage)
        if report.is_unknown or report.only_unplanted:
            self.mark_opened(stage)
        else:
            self.mark_check(stage, passed=report.passed)

    def mark_planted(self, stage: WorkshopStage) -> None:
        """Remember that the fault of a stage is planted, by the trainer or the learner."""
        with self._changed() as stored:
            known = _begun_again(stored.get(stage.name, {}))
            stored[stage.name] = {**known, "planted": _now()}

    def forget(self, *stages: WorkshopStage) -> None:
        """Show stages as not done, which a run removes; their faults are not planted any more.

        When they were first opened and done stays known.
        """
        self.reload()
        known = [stage.name for stage in stages if stage.name in self._stages]
        if known and not self._ended:
            with self._changed() as stored:
                for name in known:
                    stored[name] = _begun_again(stored.get(name, {}))

    def mark_ended(self) -> None:
        """Remember that the seat was removed after the class; nothing where nothing happened."""
        self.reload()
        if self._stages and not self._ended:
            with self._changed():
                self._ended = _now()

    def _write(self, stage: WorkshopStage, change: _Change) -> None:
        with self._changed() as stored:
            now = _now()
            known = change({"opened": now, **stored.get(stage.name, {})})
            stored[stage.name] = {**known, "seen": now}

    @contextlib.contextmanager
    def _changed(self) -> Iterator[dict[str, dict[str, Any]]]:
        """Lock the file, give its stages to be changed, and write them."""
        with self._file.locked():
            self.reload()
            if self._refusal is not None:
                raise FileNotWritten(self.path, self._refusal)
            if not self.is_readable:
                stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S%f")
                self._file.rename(f"{self.path.stem}.{stamp}.unreadable")
            elif self._ended:
                stamp = re.sub("[^0-9]", "", self._ended)[:14]
                self._file.rename(f"{self.path.stem}.{stamp}.ended")
                self._stages, self._ended = {}, ""
            yield self._stages
            data = {"stages": self._stages, **({"ended": self._ended} if self._ended else {})}
            self._file.write(json.dumps(data, indent=1))
            self.is_readable = True


def _read(file: ProgressFile) -> tuple[dict[str, dict[str, Any]], str] | None:
    """Return the stages in a file, and when the class ended; None if it has something else.

    There are no stages where there is no file. Raises OSError.
    """
    try:
        data = json.loads(file.read())
        stages = {str(name): dict(known) for name, known in data["stages"].items()}
        return stages, str(data.get("ended", ""))
    except FileNotFoundError:
        return {}, ""
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _done(known: dict[str, Any]) -> dict[str, Any]:
    now = _now()
    done = known.get("done") or now
    return {**known, "done": done, "passed": known.get("passed") or now, "hints": 0}


def _failed(known: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in known.items() if key != "done"}
    return {**rest, "failed": StageRecord.of(known).failed + 1}


def _begun_again(known: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in known.items() if key in ("opened", "passed", "solved")}
    return {**kept, "again": _now()} if kept else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
