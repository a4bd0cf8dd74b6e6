"""Writes a layout as an indented list: a text version of the picture."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.drawing.geometry import Box, Layout
from nestlab.drawing.layout import layout
from nestlab.model.topology import Topology


def outline(drawn: Layout | Topology) -> str:
    r"""Return machines and switches, one per line, indented by level.

    >>> from nestlab.model.topology import VM
    >>> print(outline(Topology(name="lab", vms=(VM(name="web1"),))))
    lab
      Hyper-V host, L0
        web1, L1, 1 GB · 2 vCPU
    """
    picture = layout(drawn) if isinstance(drawn, Topology) else drawn
    words = picture.words()
    children: dict[str, list[Box]] = {}
    for box in picture.boxes:
        children.setdefault(box.parent, []).append(box)

    def lines(box: Box, indent: str) -> Iterator[str]:
        links = [
            ", ".join(words.get(line.id, []))
            for line in picture.lines
            if line.source == box.id and line.kind in ("adapter", "disconnected")
        ]
        yield (
            indent + ", ".join(words.get(box.id, [box.id])) + "".join(f"; {link}" for link in links)
        )
        for bar in picture.bars:
            if bar.machine == box.id and not bar.repeated:
                yield f"{indent}  ━ {' '.join(words.get(bar.id, []))}"
        for child in children.get(box.id, []):
            yield from lines(child, indent + "  ")

    roots = [box for box in children.get("", []) if box.kind == "host"]
    title = picture.name + (f": {picture.description}" if picture.description else "")
    return "\n".join([title, *(line for root in roots for line in lines(root, "  "))])
