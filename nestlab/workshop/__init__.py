"""Workshops: seats, stages and their placement on hosts, from one file for a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nestlab.workshop.workshop_file import dumps, load, loads, save, schema
    from nestlab.workshop.workshop_plan import WorkshopPlan, plan
    from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage

_EXPORTS = {
    "Seat": "workshop_values",
    "Workshop": "workshop_values",
    "WorkshopPlan": "workshop_plan",
    "WorkshopStage": "workshop_values",
    "dumps": "workshop_file",
    "load": "workshop_file",
    "loads": "workshop_file",
    "plan": "workshop_plan",
    "save": "workshop_file",
    "schema": "workshop_file",
}

__all__ = [
    "Seat",
    "Workshop",
    "WorkshopPlan",
    "WorkshopStage",
    "dumps",
    "load",
    "loads",
    "plan",
    "save",
    "schema",
]


def __getattr__(name: str) -> object:
    """Import a name when it is first used: `nestlab --help` reads no workshop."""
    if name not in _EXPORTS:
        message = f"module {__name__!r} has no attribute {name!r}"  # not shown
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415  # as above

    value: object = getattr(import_module(f"{__name__}.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value
