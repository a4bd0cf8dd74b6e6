"""Scenarios: simulated hosts to begin with, one JSON file each. Copy one, change it, and name its path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nestlab.errors import UnknownHost, UsageError
from nestlab.simulator.clock import Clock
from nestlab.simulator.scenarios.build import build_world
from nestlab.simulator.world import World

_FOLDER = Path(__file__).parent
DEFAULT = "ws2022-intel"


def scenario_names() -> list[str]:
    """Return the names of the scenarios that come with nestlab, the default first."""
    names = sorted(path.stem for path in _FOLDER.glob("*.json"))
    return sorted(names, key=lambda name: (name != DEFAULT, name))


def scenario_descriptions() -> dict[str, str]:
    """Return each scenario's name with its one line of description."""
    return {name: str(_read(_FOLDER / f"{name}.json")["description"]) for name in scenario_names()}


def load_scenario(name: str, clock: Clock | None = None) -> World:
    """Return a new world of a scenario, by name or by the path of a JSON file.

    Raises UnknownHost where there is none, UsageError where the file does not fit.
    """
    path = Path(name) if name.lower().endswith(".json") else _FOLDER / f"{name}.json"
    if not path.is_file() or (path.parent == _FOLDER and name not in scenario_names()):
        msg = f"There is no simulated host {name!r}."
        raise UnknownHost(msg, hint=f"Known are {', '.join(scenario_names())}; or give the path of a scenario file ending in .json.")
    data = _read(path)
    try:
        return build_world(data, clock or Clock())
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        msg = f"{path}: the scenario does not fit: {reason}"
        raise UsageError(msg, hint=f"Compare with {_FOLDER / (DEFAULT + '.json')}.") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        msg = f"{path}: the scenario cannot be read: {error}"
        raise UsageError(msg) from None
    return data
