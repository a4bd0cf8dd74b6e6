"""How long each stage of a workshop took at each seat, for the next class: JSON data and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from statistics import median
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.texts import tr, tr_count
from nestlab.visible import visible
from nestlab.workshop.seat_board import SeatBoard, SeatStage
from nestlab.workshop.workshop_values import Workshop

_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True)
class StageTimes:
    """Seconds from when a learner came to a stage until it was done first, by stage and seat.

    `medians` are of the seats that did a stage without `solve`; None where none did.
    """

    workshop: Workshop
    seats: tuple[SeatBoard, ...]
    medians: dict[str, float | None]

    @property
    def begun(self) -> tuple[SeatBoard, ...]:
        """The seats that have begun, also those that were removed since."""
        return tuple(seat for seat in self.seats if _has_times(seat))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "workshop": self.workshop.name,
            "median_seconds": self.medians,
            "seats": [
                {"seat": seat.seat, "stages": [stage.to_dict() for stage in seat.stages]}
                for seat in self.begun
            ],
        }

    def to_csv(self) -> str:
        """Return a table of seconds: a row for each seat that began, and one of the medians.

        Text that a spreadsheet would take for a formula begins with an apostrophe.
        """
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        stages = [stage.name for stage in self.workshop.stages]
        writer.writerow([_cell(text) for text in (tr("seat"), *stages)])
        for seat in self.begun:
            writer.writerow([_cell(seat.seat), *map(_seconds, seat.stages)])
        medians = [self.medians[name] for name in stages]
        writer.writerow([tr("median"), *("" if each is None else round(each) for each in medians)])
        return file.getvalue()

    def __repr__(self) -> str:
        seats = tr_count("{count} seat", "{count} seats", len(self.begun))
        return visible(f"<StageTimes {self.workshop.name}: {seats}>")

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def times_of(workshop: Workshop, seats: Sequence[SeatBoard]) -> StageTimes:
    """Return the times of a workshop from the rows of its board."""
    medians: dict[str, float | None] = {}
    for stage in workshop.stages:
        found = [each for seat in seats for each in seat.stages if each.stage == stage.name]
        own = [each.seconds for each in found if each.seconds is not None and not _is_solved(each)]
        medians[stage.name] = median(own) if own else None
    return StageTimes(workshop, tuple(seats), medians)


def _has_times(seat: SeatBoard) -> bool:
    return seat.has_begun or any(stage.seconds is not None for stage in seat.stages)


def _is_solved(stage: SeatStage) -> bool:
    return stage.record.is_solved


def _seconds(stage: SeatStage) -> int | str:
    return "" if stage.seconds is None else round(stage.seconds)


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
