"""The files of a seat's folder, and writing them, also from another process.

``python -m nestlab.workshop.seat_files FOLDER`` writes those that its input has: a process that
runs as root starts it with the account of the learner.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from nestlab.dataclass import dataclass
from nestlab.errors import FileNotWritten
from nestlab.model.files import make_folder, write_atomically

WORKSHOP, LAB, SEAT, NOTEBOOK = "_workshop.yml", "_lab.yml", "_seat.yml", "stages.ipynb"
"""Files of a folder. No seat's name begins with ``_``."""
BEFORE = "_seat-before.yml"
"""What `SEAT` was when the learner changed a copy of it, where it is newer now."""


@dataclass(frozen=True)
class SeatFiles:
    """The files of a folder, by their path with ``/``.

    `course` is written each time. `own` is what the learner may change, written where there is
    none. `topology` is the one of these that follows `SEAT` until the learner changes it; where
    `SEAT` is newer then, `BEFORE` is beside it.
    """

    course: Mapping[str, bytes]
    own: Mapping[str, bytes]
    topology: str

    def write(self, folder: Path) -> None:
        """Write the files into a folder; raises FileNotWritten."""
        make_folder(folder)
        before = _content(folder / SEAT)
        for name, content in self.own.items():
            path = folder / name
            is_as_written = name == self.topology and before == _content(path)
            if is_as_written or not os.path.lexists(path):
                make_folder(path.parent)
                write_atomically(path, content)
        self._note_newer(folder, before)
        for name, content in self.course.items():
            write_atomically(folder / name, content)

    def _note_newer(self, folder: Path, before: bytes | None) -> None:
        """Keep what the topology was before, while the learner's own one does not follow it."""
        newer, kept = self.course[SEAT], folder / BEFORE
        own, known = _content(folder / self.topology), _content(kept)
        if own in (None, newer) or known == newer:
            try:
                kept.unlink(missing_ok=True)
            except OSError as error:
                raise FileNotWritten(kept, error) from error
        elif known is None and before not in (None, newer):
            write_atomically(kept, before or b"")

    def dumps(self) -> str:
        """Return the files as one text."""
        parts = [
            {name: base64.b64encode(content).decode() for name, content in files.items()}
            for files in (self.course, self.own)
        ]
        return json.dumps([*parts, self.topology])

    @classmethod
    def loads(cls, text: str) -> SeatFiles:
        """Read what `dumps` returned."""
        *parts, topology = json.loads(text)
        course, own = (
            {name: base64.b64decode(content) for name, content in files.items()} for files in parts
        )
        return cls(course, own, topology)


def has_newer_topology(folder: Path, own: str) -> bool:
    """Whether the topology of the class is newer than the one that the learner changed."""
    kept = _content(folder / own)
    return _content(folder / BEFORE) is not None and kept not in (None, _content(folder / SEAT))


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def main(folder: str) -> int:
    """Write the files of the standard input; the reason why they cannot be is the output."""
    try:
        SeatFiles.loads(sys.stdin.read()).write(Path(folder))
    except FileNotWritten as error:
        sys.stdout.write(json.dumps({"path": error.path, "reason": error.reason}))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
