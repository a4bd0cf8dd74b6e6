"""Where journals lie: a folder ``journals`` beside the work, one file a run."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from nestlab.apply import Journal
from nestlab.errors import JournalError

FOLDER = Path("journals")


def new_path(name: str) -> Path:
    """Return the file of a new run: what is applied, and when (UTC)."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    return FOLDER / f"{_stem(name)}-{stamp}.jsonl"


def latest(name: str, host: str) -> Path:
    """Return the newest journal of a topology on a host; raises JournalError where there is none."""
    for path in sorted(FOLDER.glob(f"{_stem(name)}-????????-??????-???.jsonl"), reverse=True):
        header = Journal(path).header()
        if (header.get("topology"), header.get("host")) == (name, host):
            return path
    msg = f"There is no journal of {name} on {host} in the folder {FOLDER}"
    raise JournalError(msg, hint="Undo needs the journal of an apply. `destroy` removes what a topology created, without one.")


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", name)
