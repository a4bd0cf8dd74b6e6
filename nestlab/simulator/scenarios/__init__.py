"""Scenarios: simulated hosts to begin with, one JSON file each. Copy one, change it, and name its path.

A scenario with ``based_on`` takes everything from another one; tables of its own are laid over that one's, lists replace them.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from nestlab.errors import UnknownHost, UsageError
from nestlab.simulator.clock import Clock
from nestlab.simulator.scenarios.build import build_world
from nestlab.simulator.world import World

_FOLDER = Path(__file__).parent
DEFAULT = "ws2022-intel"


@cache
def scenario_names() -> tuple[str, ...]:
    """Return the names of the scenarios that come with nestlab, the default first."""
    names = [path.stem for path in _FOLDER.glob("*.json")]
    return tuple(sorted(names, key=lambda name: (name != DEFAULT, name)))


def scenario_descriptions() -> dict[str, str]:
    """Return each scenario's name with its one line of description."""
    return {name: str(_read(_FOLDER / f"{name}.json")["description"]) for name in scenario_names()}


def load_scenario(name: str, clock: Clock | None = None) -> World:
    """Return a new world of a scenario, by name or by the path of a JSON file.

    Raises UnknownHost where there is none, UsageError where the file does not fit.
    """
    path = _path(name)
    if path is None:
        msg = f"There is no simulated host {name!r}."
        raise UnknownHost(msg, hint=f"Known are {', '.join(scenario_names())}; or give the path of a scenario file ending in .json.")
    try:
        return build_world({**_with_base(path, ()), "name": name}, clock or Clock())
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        msg = f"{path}: the scenario does not fit: {reason}"
        raise UsageError(msg, hint=f"Compare with {_FOLDER / (DEFAULT + '.json')}.") from None


def _path(name: str) -> Path | None:
    if name in scenario_names():
        return _FOLDER / f"{name}.json"
    return Path(name) if name.lower().endswith(".json") and Path(name).is_file() else None


def _with_base(path: Path, seen: tuple[Path, ...]) -> dict[str, Any]:
    data = _read(path)
    base = data.pop("based_on", None)
    if base is None:
        return data
    below = _path(str(base))
    if below is None or below in seen:
        msg = f"based_on names {base!r}; known are {', '.join(scenario_names())}"
        raise ValueError(msg)
    return _laid_over(_with_base(below, (*seen, path)), data)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        merged[key] = {**below[key], **value} if isinstance(value, dict) and isinstance(below.get(key), dict) else value
    return merged


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        msg = f"{path}: the scenario cannot be read: {error}"
        raise UsageError(msg) from None
    if not isinstance(data, dict):
        msg = f"{path}: a scenario is a JSON object"
        raise UsageError(msg)
    return data
