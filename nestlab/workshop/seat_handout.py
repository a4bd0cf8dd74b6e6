"""The handout of a workshop: a page for each seat, and one that lists them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nestlab.dataclass import replace
from nestlab.export.document import (
    Block,
    BulletList,
    CaptionedTable,
    Document,
    DocumentSection,
    TextParagraph,
)
from nestlab.export.handout import summary_text, topology_picture
from nestlab.export.html_page import html_page
from nestlab.export.topology_tables import (
    check_table,
    credential_table,
    machine_tables,
    machine_title,
)
from nestlab.model.files import make_folder, write_atomically
from nestlab.model.topology import with_image_names
from nestlab.texts import tr
from nestlab.transport.host_address import without_password
from nestlab.version import __version__
from nestlab.workshop.stage_cut import stage_topology
from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage

INDEX = "index.html"


def write_handouts(
    workshop: Workshop, folder: Path, links: Mapping[str, str] | None = None
) -> tuple[Path, ...]:
    """Write a page for each seat and the list of them; return their paths, the list first.

    `links` are the addresses of the seats' notebooks, by the name of the seat. Without them the
    pages have no secrets: who has a link has access. Raises FileNotWritten.
    """
    make_folder(folder)
    known = links or {}
    pages = {INDEX: seat_list(workshop)}
    for seat in workshop.all_seats:
        pages[page_name(seat)] = seat_handout(seat, known.get(seat.name, ""))
    for name, document in pages.items():
        text = html_page(document)
        write_atomically(folder / name, _with_links(text, pages) if name == INDEX else text)
    return tuple(folder / name for name in pages)


def _with_links(page: str, names: Iterable[str]) -> str:
    """Return a page whose cells that are the names of pages lead there."""
    for name in names:
        page = page.replace(f"<td>{name}</td>", f'<td><a href="{name}">{name}</a></td>')
    return page


def page_name(seat: Seat) -> str:
    """Return the name of the page of a seat."""
    return f"seat-{seat.name}.html"


def seat_list(workshop: Workshop) -> Document:
    """Return the list of the seats: where the page of each is, and which networks it has."""
    rows = tuple(
        (seat.name, page_name(seat), ", ".join(_networks(seat))) for seat in workshop.all_seats
    )
    headers = (tr("Seat"), tr("Page"), tr("Networks of the host"))
    table = CaptionedTable(tr("The seats of this workshop"), headers, rows)
    sections = [DocumentSection(tr("Seats"), (table,))]
    if workshop.stages:
        names = BulletList(tuple(_stage_line(stage) for stage in workshop.stages))
        sections.append(DocumentSection(tr("Stages"), (names,)))
    return Document(workshop.name, workshop.description, tuple(sections), _closing())


def seat_handout(seat: Seat, link: str = "") -> Document:
    """Return the page of a seat: how to connect, its picture, its addresses and its stages."""
    topology, workshop = seat.topology, seat.workshop
    picture = topology_picture(topology)
    named = with_image_names(topology, topology.images)
    machines = [
        DocumentSection(
            machine_title(path), tuple(machine_tables(path, machine if path else named))
        )
        for path, machine in sorted(topology.hosts(), key=lambda item: len(item[0]))
    ]
    sections = [
        DocumentSection(tr("How to connect"), tuple(_connection(seat, link))),
        DocumentSection(tr("Your lab"), (TextParagraph(summary_text(topology)), picture)),
        DocumentSection(tr("Addresses"), (), tuple(each for each in machines if each.blocks)),
    ]
    if workshop.stages:
        parts = tuple(
            DocumentSection(f"{number}. {stage.name}", tuple(_stage(seat, stage)))
            for number, stage in enumerate(workshop.stages, 1)
        )
        sections.append(DocumentSection(tr("Stages"), (), parts))
    elif topology.checks:
        sections.append(DocumentSection(tr("Checks"), tuple(check_table(topology))))
    title = tr("{workshop}: seat {seat}", workshop=workshop.name, seat=seat.name)
    return Document(title, workshop.description, tuple(sections), _closing())


def _connection(seat: Seat, link: str) -> Iterator[Block]:
    if link:
        yield TextParagraph(tr("Open your notebook in a browser: {link}", link=link))
        yield TextParagraph(
            tr(
                "Who has this link has access. All seats share one server: keep to your own folder, and give the link to no other."
            )
        )
    hosts = [without_password(host.partition("?")[0]) for host in seat.workshop.hosts]
    yield TextParagraph(_hosts_text(hosts))
    yield TextParagraph(
        tr(
            "Names of your seat begin with {prefix}; everything else there is of others.",
            prefix=f"{seat.name}-",
        )
    )
    yield from credential_table(seat.topology)


def _hosts_text(hosts: list[str]) -> str:
    if len(hosts) == 1:
        return tr(
            "Your seat is on the host {host}; the trainer tells you the account.", host=hosts[0]
        )
    return tr(
        "Your seat is on one of the hosts {hosts}; the trainer tells you which, and the account.",
        hosts=", ".join(hosts),
    )


def _stage(seat: Seat, stage: WorkshopStage) -> Iterator[Block]:
    if stage.text:
        yield TextParagraph(stage.text)
    if stage.notebook:
        yield TextParagraph(tr("Notebook: {name}", name=stage.notebook))
    if stage.checks:
        for table in check_table(stage_topology(seat, stage)):
            yield replace(table, caption=tr("Checks"))


def _stage_line(stage: WorkshopStage) -> str:
    text = stage.text or stage.notebook or ""
    return f"{stage.name}: {text}" if text else stage.name


def _networks(seat: Seat) -> Iterator[str]:
    for switch in seat.topology.switches:
        if switch.ip_address is not None and not switch.existing:
            yield str(switch.ip_address.network)


def _closing() -> str:
    return tr("Written by nestlab {version}.", version=__version__)
