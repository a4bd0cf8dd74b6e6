"""Writes a layout as an indented list: a text version of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.drawing.geometry import Box, Layout
from nestlab.drawing.layout import layout
from nestlab.model.topology import Topology
from nestlab.texts import tr, tr_count


def outline(drawn: Layout | Topology) -> str:
    r"""Return machines and switches, one per line, indented by level.

    >>> from nestlab.model.topology import VM
    >>> print(outline(Topology(name="lab", vms=(VM(name="web1"),))))
    lab
      Hyper-V host, L0
        web1, L1, 1 GB · 2 vCPU
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    texts = picture.texts_by_part()
    hosts = [box for box in picture.boxes if not box.parent and box.kind == "host"]
    title = picture.name + (f": {picture.description}" if picture.description else "")
    return "\n".join([title, *(line for h in hosts for line in _lines(picture, texts, h, "  "))])


def alternative_text(drawn: Layout | Topology) -> str:
    """Return what a picture shows, in a sentence, for readers who do not see it.

    >>> from nestlab.model.topology import VM
    >>> alternative_text(Topology(name="lab", description="A class", vms=(VM(name="web1"),)))
    'Network topology lab: A class. 1 VM and 0 virtual switches.'
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    vms = sum(1 for box in picture.boxes if box.kind in ("vm", "nested-host"))
    switches = sum(1 for bar in picture.bars if not bar.repeated)
    title = picture.name + (f": {picture.description}" if picture.description else "")
    return tr(
        "Network topology {topology}. {vms} and {switches}.",
        topology=title,
        vms=tr_count("{count} VM", "{count} VMs", vms),
        switches=tr_count("{count} virtual switch", "{count} virtual switches", switches),
    )


def _lines(picture: Layout, texts: Mapping[str, list[str]], box: Box, indent: str) -> Iterator[str]:
    """Yield the lines of a machine, its switches, and the machines inside it."""
    links = [
        ", ".join(texts.get(line.id, []))
        for line in picture.lines
        if line.source == box.id and line.kind in ("adapter", "disconnected")
    ]
    yield indent + "; ".join([", ".join(texts.get(box.id, [box.id])), *links])
    for bar in picture.bars:
        if bar.machine == box.id and not bar.repeated:
            yield f"{indent}  ━ {' '.join(texts.get(bar.id, []))}"
    for child in picture.boxes:
        if child.parent == box.id:
            yield from _lines(picture, texts, child, indent + "  ")
