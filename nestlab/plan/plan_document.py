"""Saved plans: a plan in a file with its topology, to be reviewed, kept, and applied later.

The file is JSON. Its first keys are readable, as in `Plan.to_dict`; under ``saved`` is
the plan with typed cmdlets, which is what is applied. A file in which the two differ was changed
after it was written, and is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.model import MachinePath, path_text
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.plan.conversion import to_plain
from nestlab.plan.host_changes import StateDigests
from nestlab.texts import SOURCE_LANGUAGE
from nestlab.topology_file import dumps
from nestlab.version import __version__
from nestlab.visible import visible_json

FORMAT = "nestlab-plan"
VERSION = 2


@dataclass(frozen=True, kw_only=True)
class SavedPlan:
    """The content under ``saved``; `plan` has the fields by which plans are compared."""

    topology_file: str
    credentials: dict[str, str]
    state_digests: dict[str, dict[str, str]]
    plan: dict[str, Any]


def write_plan(
    path: str | Path,
    *,
    shown: Mapping[str, Any],
    fields: Mapping[str, Any],
    topology: Topology,
    credentials: Mapping[MachinePath, str],
    digests: StateDigests,
    language: str = SOURCE_LANGUAGE,
) -> None:
    """Write a plan, readable as `shown`, and exact as its `fields`; raises FileNotWritten."""
    saved = SavedPlan(
        # Without the comments of its file, which may contain secrets.
        topology_file=dumps(replace(topology, origin=None)),
        credentials={path_text(machine): name for machine, name in credentials.items()},
        state_digests={path_text(machine): dict(parts) for machine, parts in digests.items()},
        plan={name: to_plain(value) for name, value in fields.items()},
    )
    document = {
        "format": FORMAT,
        "version": VERSION,
        "nestlab": __version__,
        **({} if language == SOURCE_LANGUAGE else {"language": language}),
        **shown,
        "saved": to_plain(saved),
    }
    whole = {**document, "digest": digest(document)}
    write_atomically(path, visible_json(json.dumps(whole, indent=2, ensure_ascii=False)) + "\n")


def digest(document: Mapping[str, Any]) -> str:
    """Return the checksum of a document that does not contain it."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
