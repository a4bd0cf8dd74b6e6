"""What a command or a panel names of a workshop, or a sentence on what there is instead."""

from __future__ import annotations

from nestlab.errors import UsageError
from nestlab.texts import tr
from nestlab.workshop.stage_cut import stage_named
from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage


def seat_of(workshop: Workshop, name: str) -> Seat:
    """Return a seat of a workshop; raises UsageError if there is none of this name."""
    try:
        return workshop.seat(name)
    except KeyError:
        message = tr(
            "The workshop {workshop} has no seat {name!r}.", workshop=workshop.name, name=name
        )
        raise UsageError(message, hint=seats_hint(workshop)) from None


def seats_hint(workshop: Workshop) -> str:
    """Return the names of the seats as a hint."""
    return tr("Seats: {names}.", names=", ".join(workshop.seat_names))


def stage_of(workshop: Workshop, name: str) -> WorkshopStage:
    """Return a stage of a workshop; raises UsageError if there is none of this name."""
    require_stages(workshop)
    try:
        return stage_named(workshop, name)
    except KeyError:
        message = tr(
            "The workshop {workshop} has no stage {name!r}.", workshop=workshop.name, name=name
        )
        stages = ", ".join(stage.name for stage in workshop.stages)
        raise UsageError(message, hint=tr("Stages: {names}.", names=stages)) from None


def require_stages(workshop: Workshop) -> None:
    """Raise UsageError for a workshop without stages."""
    if not workshop.stages:
        message = tr("The workshop {workshop} has no stages.", workshop=workshop.name)
        hint = tr("Write stages: into its file, each with a name and until.")
        raise UsageError(message, hint=hint)
