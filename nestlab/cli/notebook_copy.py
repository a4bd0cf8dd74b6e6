"""A user's copy of the notebooks: what is in it, how it differs, and writing new files to it."""

from __future__ import annotations

import enum
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from nestlab.dataclass import dataclass
from nestlab.texts import mark
from nestlab.version import __version__

RECORD = ".nestlab-notebooks.json"
"""The file in a copy that records what was copied, and from which version."""


class CopyChange(enum.Enum):
    """How a file of a copy differs from the one that comes with this version of nestlab."""

    NEW = "new"
    NEWER = "newer"
    RUN = "run"
    EDITED = "edited"
    BOTH = "both"
    GONE = "gone"


MEANINGS: Mapping[CopyChange, str] = {
    CopyChange.NEW: mark("not in your folder"),
    CopyChange.NEWER: mark("newer than in your folder, where it is as it was copied"),
    CopyChange.RUN: mark("run by you, its cells are unchanged; it is kept"),
    CopyChange.EDITED: mark("changed by you; it is kept"),
    CopyChange.BOTH: mark("newer than in your folder, and changed or run by you; yours is kept"),
    CopyChange.GONE: mark("no longer comes with nestlab; it is kept"),
}

COPIED = (CopyChange.NEW, CopyChange.NEWER)
"""The changes for which an update copies the file: none that a user made."""


@dataclass(frozen=True)
class CopyDifference:
    """A file of a copy, by its path with ``/``, and how it differs."""

    name: str
    change: CopyChange


@dataclass(frozen=True)
class NotebookCopy:
    """A user's folder with a copy of the notebooks.

    `record` maps the path of each copied file to the fingerprints of the file and of its cells.
    `version` is the version of nestlab that copied it, empty if it is not known.
    """

    folder: Path
    version: str
    record: Mapping[str, tuple[str, str]]

    @classmethod
    def at(cls, folder: Path) -> NotebookCopy:
        """Read the record of a folder; one that is missing or cannot be read counts as empty."""
        try:
            data = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            files = {str(name): (str(one), str(two)) for name, (one, two) in data["files"].items()}
            return cls(folder, str(data["version"]), files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(folder, "", {})

    def differences(self, shipped: Mapping[str, bytes]) -> tuple[CopyDifference, ...]:
        """Return the files that differ from those that come with nestlab, in their order."""
        gone = (name for name in self.record if name not in shipped)
        found = [
            *((name, self._change(name, content)) for name, content in shipped.items()),
            *((name, CopyChange.GONE) for name in gone if (self.folder / name).exists()),
        ]
        return tuple(CopyDifference(name, change) for name, change in found if change is not None)

    def _change(self, name: str, content: bytes) -> CopyChange | None:
        path = self.folder / name
        if not path.exists() and not path.is_symlink():
            return CopyChange.NEW
        own = path.read_bytes() if path.is_file() else b""
        if own == content:
            return None
        copied, cells = self.record.get(name, ("", ""))
        if _fingerprint(own) == copied:
            return CopyChange.NEWER
        if copied and _fingerprint(content) != copied:
            return CopyChange.BOTH
        ran = bool(cells) and _cells(name, own) == cells
        return CopyChange.RUN if ran else CopyChange.EDITED

    def write(self, shipped: Mapping[str, bytes], names: Iterable[str]) -> None:
        """Write these files, after recording them.

        So an interrupted copy can be continued. Raises OSError.
        """
        chosen = [name for name in shipped if name in set(names)]
        recorded = dict(self.record)
        recorded |= {name: _fingerprints(name, shipped[name]) for name in chosen}
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"version": __version__, "files": recorded}, indent=1)
        _replace(self.folder / RECORD, text.encode("utf-8"))
        for name in chosen:
            _replace(self.folder / name, shipped[name])


def _replace(path: Path, content: bytes) -> None:
    """Write a file completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _fingerprints(name: str, content: bytes) -> tuple[str, str]:
    return _fingerprint(content), _cells(name, content)


def _fingerprint(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _cells(name: str, content: bytes) -> str:
    """Return the fingerprint of a notebook's cells without outputs; empty for other files."""
    if not name.endswith(".ipynb"):
        return ""
    try:
        cells = json.loads(content)["cells"]
        sources = [(cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return ""
    return _fingerprint(json.dumps(sources).encode("utf-8"))
