"""The folder of a seat: its topology file, the workshop file, and a notebook with its stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, quote

from nestlab.dataclass import replace
from nestlab.errors import FileNotWritten
from nestlab.export.markdown import paragraph
from nestlab.export.notebook_file import code_cell, markdown_cell, notebook_text
from nestlab.export.python_text import python_text
from nestlab.texts import tr
from nestlab.topology_file import dumps as topology_text
from nestlab.transport.host_address import option_text
from nestlab.workshop.seat_files import LAB, NOTEBOOK, SEAT, WORKSHOP, SeatFiles
from nestlab.workshop.stage_notebooks import place_in_folder
from nestlab.workshop.workshop_file import dumps
from nestlab.workshop.workshop_values import Seat

_FILES = ("state", "prepared_for", "configuration", "ca", "certificate", "certificate_key")
HostOf = Callable[[str, Seat], str]
"""Returns the address by which a seat uses a host of the workshop."""


def same_host(address: str, _seat: Seat) -> str:
    """Return the address as it is."""
    return address


def write_seat_folder(seat: Seat, folder: Path, host_of: HostOf = same_host) -> Path:
    """Write the files of a seat into a folder, and return the path of its notebook.

    What the learner changed is kept. Raises FileNotWritten.
    """
    seat_files(seat, host_of).write(folder)
    return folder / NOTEBOOK


def seat_files(seat: Seat, host_of: HostOf = same_host) -> SeatFiles:
    """Return the files of a seat's folder, without comments and keys of the trainer's own.

    A state file of a simulated host is named by its absolute path, so that the trainer and all
    seats use the same one. Raises FileNotWritten for a notebook that cannot be read.
    """
    workshop = seat.workshop
    hosts = tuple(host_of(address_elsewhere(each), seat) for each in workshop.hosts)
    topology, own = topology_text(replace(seat.topology, origin=None)), f"{seat.name}.yml"
    course = {
        WORKSHOP: dumps(replace(workshop, topology=LAB, hosts=hosts, origin=None)),
        LAB: topology_text(replace(workshop.base, origin=None)),
        SEAT: topology,
    }
    texts = {own: topology, NOTEBOOK: stage_notebook(seat)}
    return SeatFiles(
        course={name: text.encode() for name, text in course.items()},
        own={**{name: text.encode() for name, text in texts.items()}, **dict(_notebooks(seat))},
        topology=own,
    )


def address_elsewhere(address: str) -> str:
    """Return an address that means the same in another folder: the paths of files are absolute."""
    name, _, query = address.partition("?")
    if not query:
        return address
    options = [
        f"{key}={option_text(str(Path(value).resolve()) if key in _FILES else value)}"
        for key, value in parse_qsl(query, keep_blank_values=True)
    ]
    return f"{name}?{'&'.join(options)}"


def _notebooks(seat: Seat) -> Iterator[tuple[str, bytes]]:
    """Yield the notebooks that the stages name, each with its place in the folder."""
    origin = seat.workshop.origin
    source = Path(origin.path).parent if origin else Path()
    for stage in seat.workshop.stages:
        found = source / stage.notebook if stage.notebook else None
        if found is None or not found.is_file():
            continue
        place = place_in_folder(str(stage.notebook))
        try:
            yield place, found.read_bytes()
        except OSError as error:
            raise FileNotWritten(place, error) from error


def stage_notebook(seat: Seat) -> str:
    """Return the text of the notebook that a learner works in."""
    title, about = seat.workshop.name, seat.workshop.description
    head = f"# {paragraph(title)}: {paragraph(seat.name)}"
    explained = tr(
        "Run the cells with Shift+Enter. The panel has the stages of your seat: read the text, work on the host or in another notebook, and press *Check*. *Hint* helps, one level at a time."
    )
    intro = "\n\n".join(filter(None, (head, paragraph(about), explained)))
    panel = (
        "from nestlab.notebook import StagePanel\n\n"  # not shown
        f"StagePanel({python_text(WORKSHOP)}, {python_text(seat.name)})"
    )
    file = python_text(f"{seat.name}.yml")
    picture = f"import nestlab\n\nnestlab.draw(nestlab.load({file}))"  # not shown
    return notebook_text(
        [
            markdown_cell("intro", intro),
            code_cell("stages", panel),
            markdown_cell("lab", tr("What your seat has when all stages are done:")),
            code_cell("picture", picture),
        ]
    )


def notebook_path(seat: Seat) -> str:
    """Return the part of a link that opens the notebook of a seat, with a workspace of its own."""
    name = quote(seat.name)
    return f"lab/workspaces/{name}/tree/{name}/{NOTEBOOK}"
