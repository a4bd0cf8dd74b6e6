"""The workshop and the seat that a panel is given, or what to give instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nestlab.errors import UsageError
from nestlab.notebook.arguments import wrong_argument
from nestlab.texts import tr
from nestlab.workshop import Seat, Workshop, WorkshopStage, load, stage_named


def workshop_of(value: Any, example: str) -> Workshop:
    """Return a workshop with stages, which is given or read from the path of its file.

    `example` is the call that is shown where something else is given. Raises UsageError.
    """
    if isinstance(value, (str, Path)):
        value = load(value)
    if not isinstance(value, Workshop):
        name = example.partition("(")[0]
        raise wrong_argument(value, name, tr("a workshop or the path of its file"), example)
    if not value.stages:
        message = tr("The workshop {workshop} has no stages.", workshop=value.name)
        hint = tr("Write stages: into its file, each with a name and until.")
        raise UsageError(message, hint=hint)
    return value


def seat_of(workshop: Workshop, name: str) -> Seat:
    """Return a seat of a workshop; raises UsageError if there is none of this name."""
    try:
        return workshop.seat(name)
    except KeyError:
        message = tr(
            "The workshop {workshop} has no seat {name!r}.", workshop=workshop.name, name=name
        )
        hint = tr("Seats: {names}.", names=", ".join(workshop.seat_names))
        raise UsageError(message, hint=hint) from None


def stage_of(workshop: Workshop, name: str) -> WorkshopStage:
    """Return a stage of a workshop; raises UsageError if there is none of this name."""
    try:
        return stage_named(workshop, name)
    except KeyError:
        message = tr(
            "The workshop {workshop} has no stage {name!r}.", workshop=workshop.name, name=name
        )
        stages = ", ".join(stage.name for stage in workshop.stages)
        raise UsageError(message, hint=tr("Stages: {names}.", names=stages)) from None
