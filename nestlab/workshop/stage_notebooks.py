"""The places of the stages' notebooks in the folder of a seat."""

from __future__ import annotations

import ntpath
from collections.abc import Iterator
from pathlib import PureWindowsPath

from nestlab.workshop.seat_files import BEFORE, LAB, NOTEBOOK, SEAT, WORKSHOP
from nestlab.workshop.workshop_values import Workshop


def place_in_folder(notebook: str) -> str:
    r"""Return the path with ``/`` that a notebook has in the folder of a seat.

    A notebook elsewhere than beside or below the workshop file gets its name alone.

    >>> place_in_folder("day1/1.ipynb"), place_in_folder("../1.ipynb"), place_in_folder("./a.ipynb")
    ('day1/1.ipynb', '1.ipynb', 'a.ipynb')
    """
    path = PureWindowsPath(ntpath.normpath(notebook))
    is_elsewhere = bool(path.anchor) or ".." in path.parts
    return path.name if is_elsewhere else path.as_posix()


def taken_places(workshop: Workshop) -> Iterator[tuple[int, str]]:
    """Yield the number of each stage, from 0, whose notebook's place another file has."""
    files = (
        WORKSHOP,
        LAB,
        SEAT,
        BEFORE,
        NOTEBOOK,
        *(f"{name}.yml" for name in workshop.seat_names),
    )
    taken = {name.casefold(): "" for name in files}
    for index, stage in enumerate(workshop.stages):
        if stage.notebook:
            place, source = place_in_folder(stage.notebook), ntpath.normpath(stage.notebook)
            if taken.setdefault(place.casefold(), source) != source:
                yield index, place
