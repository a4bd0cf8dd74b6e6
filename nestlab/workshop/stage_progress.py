"""How far a learner is at a seat: stages that are done, and hints that were shown, in a file."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nestlab.lab import journal_folder
from nestlab.model.files import make_folder, write_atomically
from nestlab.workshop.workshop_values import Seat, WorkshopStage


class StageProgress:
    """The progress of a seat, kept in a file: a new kernel finds it again.

    By default the file is in the folder of the journals. One that cannot be read counts as empty.
    """

    def __init__(self, seat: Seat, path: str | Path | None = None) -> None:
        self.path = Path(path) if path is not None else _default_path(seat)
        self._stages = _read(self.path)

    def is_done(self, stage: WorkshopStage) -> bool:
        """Whether a check of the stage passed."""
        return bool(self._of(stage).get("done"))

    def hints(self, stage: WorkshopStage) -> int:
        """Return how many levels of help were shown for a stage."""
        shown = self._of(stage).get("hints", 0)
        return shown if isinstance(shown, int) else 0

    def mark_done(self, stage: WorkshopStage) -> None:
        """Remember that a stage is done now, and forget its hints; raises FileNotWritten."""
        if not self.is_done(stage) or self.hints(stage):
            first = self._of(stage).get("done") or datetime.now(UTC).isoformat(timespec="seconds")
            self._write(stage, {"done": first})

    def mark_hints(self, stage: WorkshopStage, shown: int) -> None:
        """Remember how many levels of help were shown; raises FileNotWritten."""
        self._write(stage, {**self._of(stage), "hints": shown})

    def forget(self, stage: WorkshopStage) -> None:
        """Forget what is known about a stage, which begins again; raises FileNotWritten."""
        if self._of(stage):
            self._write(stage, {})

    def _of(self, stage: WorkshopStage) -> dict[str, Any]:
        return self._stages.get(stage.name, {})

    def _write(self, stage: WorkshopStage, known: dict[str, Any]) -> None:
        self._stages[stage.name] = known
        make_folder(self.path.parent)
        write_atomically(self.path, json.dumps({"stages": self._stages}, indent=1))


def _default_path(seat: Seat) -> Path:
    name = re.sub(r"[^A-Za-z0-9-]+", "_", seat.topology.name)
    return journal_folder.folder() / f".{name}.progress"


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        stages = json.loads(path.read_text(encoding="utf-8"))["stages"]
        return {str(name): dict(known) for name, known in stages.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}
