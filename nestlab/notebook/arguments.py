"""Refuses an argument of the wrong type when a panel is created, with what to pass instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nestlab.errors import UsageError
from nestlab.lab import Lab
from nestlab.model.topology import Topology
from nestlab.texts import tr


def require_host(value: Any, panel: str) -> None:
    """Raise UsageError if a value is not a session."""
    if not is_host(value):
        raise wrong_argument(
            value, panel, tr("a host"), f"{panel}(nestlab.connect('sim:ws2022-intel'))"
        )


def require_lab(value: Any, panel: str) -> Lab:
    """Return a lab; raises UsageError if it is anything else."""
    if isinstance(value, Lab):
        return value
    example = f"{panel}(nestlab.Lab(nestlab.load('lab.yml'), nestlab.connect()))"
    raise wrong_argument(value, panel, tr("a lab"), example)


def require_topology(value: Any, panel: str) -> None:
    """Raise UsageError if a value is not a topology."""
    if not isinstance(value, Topology):
        raise wrong_argument(value, panel, tr("a topology"), f"{panel}(nestlab.load('lab.yml'))")


def require_topology_or_path(value: Any, panel: str) -> None:
    """Raise UsageError if a value is neither a topology nor a path."""
    if not isinstance(value, (Topology, str, Path)):
        raise wrong_argument(
            value, panel, tr("a topology or the path of its file"), f"{panel}('lab.yml')"
        )


def require_text(value: Any, panel: str, what: str, example: str) -> None:
    """Raise UsageError if a value is not a string; `example` is a call of the panel."""
    if not isinstance(value, str):
        raise wrong_argument(value, panel, what, example)


def is_host(value: Any) -> bool:
    """Whether a value has the members of a session that panels use."""
    return callable(getattr(value, "run", None)) and isinstance(getattr(value, "host", None), str)


def wrong_argument(value: Any, panel: str, wanted: str, example: str) -> UsageError:
    """Return the error for an argument of the wrong type; `wanted` describes the right one."""
    message = tr(
        "{panel} needs {wanted}, not {type}.",
        panel=panel,
        wanted=wanted,
        type=type(value).__name__,
    )
    return UsageError(message, hint=tr("For example: {example}.", example=example))
