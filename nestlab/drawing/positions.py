"""Positions of VMs set by the user: ``lab.yml`` has ``lab.yml.layout.json`` beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from nestlab.errors import FileNotWritten, UsageError
from nestlab.model.files import write_atomically
from nestlab.texts import tr
from nestlab.visible import visible_json


def positions_path(topology_path: str | Path) -> Path:
    """Return the file that holds the positions of a topology file.

    >>> positions_path("lab.yml").name
    'lab.yml.layout.json'
    """
    path = Path(topology_path)
    return path.with_name(f"{path.name}.layout.json")


def read_positions(topology_path: str | Path) -> dict[str, tuple[float, int]]:
    """Read the positions of a topology file: machine path to (pixels from the left, row).

    Raises:
        UsageError: the file cannot be read, or was not written by `write_positions`.
    """
    path = positions_path(topology_path)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(key): (float(place["x"]), int(place["row"]))
            for key, place in data["positions"].items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = tr("{path}: cannot be read as the positions of VMs in a drawing.", path=path)
        raise UsageError(
            message,
            hint=tr("Delete the file; the VMs are then drawn in the order of the topology file."),
        ) from error


def write_positions(topology_path: str | Path, positions: Mapping[str, tuple[float, int]]) -> None:
    """Write the positions of a topology file; without positions, remove the file.

    Raises:
        UsageError: the file cannot be written.
    """
    path = positions_path(topology_path)
    places = {key: {"x": round(x, 1), "row": row} for key, (x, row) in sorted(positions.items())}
    if places:
        write_atomically(
            path,
            visible_json(json.dumps({"positions": places}, indent=1, ensure_ascii=False)) + "\n",
        )
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileNotWritten(path, error) from error
