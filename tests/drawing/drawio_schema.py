"""The schema that draw.io publishes for its files, as a table, and a check of a file against it.

Elements, attributes, their types and their order are those of version 1.0 of
https://www.drawio.com/mxfile.xsd; what that schema says in comments is checked as well: the two
first cells, unique ids, and cells that name others by their ids. The schema has more attributes
than the table: those that nestlab does not write are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

TEXT = r"(?s).*"
NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([Ee][+-]?\d+)?|INF|-INF|NaN"  # xs:double
POSITIVE = r"\+?0*[1-9]\d*"
SWITCH = r"[01]"


@dataclass(frozen=True)
class Element:
    """The pattern of each attribute, and how many of each child there may be, at least and at most."""

    attributes: dict[str, str] = field(default_factory=dict)
    children: dict[str, tuple[int, float]] = field(default_factory=dict)
    required: tuple[str, ...] = ()


MANY = float("inf")
SCHEMA = {
    "mxfile": Element({"host": TEXT}, {"diagram": (1, MANY)}),
    "diagram": Element({"id": TEXT, "name": TEXT}, {"mxGraphModel": (1, 1)}),
    "mxGraphModel": Element(
        {"grid": SWITCH, "page": SWITCH, "pageWidth": POSITIVE, "pageHeight": POSITIVE},
        {"root": (1, 1)},
    ),
    "root": Element(children={"mxCell": (2, MANY)}),
    "mxCell": Element(
        {
            **dict.fromkeys(("id", "parent", "value", "style", "source", "target"), TEXT),
            **dict.fromkeys(("vertex", "edge"), SWITCH),
        },
        {"mxGeometry": (0, 1)},
        ("id",),
    ),
    "mxGeometry": Element(
        {
            **dict.fromkeys(("x", "y", "width", "height"), NUMBER),
            "relative": SWITCH,
            "as": "geometry",
        },
        {"mxPoint": (0, MANY), "Array": (0, MANY)},
    ),
    "mxPoint": Element({"x": NUMBER, "y": NUMBER, "as": "sourcePoint|targetPoint|offset"}),
    "Array": Element({"as": "points"}, {"mxPoint": (0, MANY)}),
}


def faults(text: str) -> list[str]:
    """Return what the schema does not allow in a file; raises ParseError where it is no XML."""
    file = ET.fromstring(text)  # noqa: S314  # our own output
    if file.tag != "mxfile":
        return [f"the root is {file.tag}"]
    return [*_element(file), *(fault for root in file.iter("root") for fault in _cells(root))]


def _element(element: ET.Element) -> Iterator[str]:
    rule = SCHEMA[element.tag]
    for name, value in element.attrib.items():
        if name not in rule.attributes:
            yield f"{element.tag} has no attribute {name}"
        elif not re.fullmatch(rule.attributes[name], value):
            yield f"{element.tag}: {name} cannot be {value!r}"
    yield from (
        f"{element.tag} needs {name}" for name in rule.required if name not in element.attrib
    )
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        yield f"{element.tag} has text"
    for child in element:
        if child.tag not in rule.children:
            yield f"{element.tag} has no child {child.tag}"
        else:
            yield from _element(child)
    for name, (least, most) in rule.children.items():
        if not least <= len(element.findall(name)) <= most:
            yield f"{element.tag} has {len(element.findall(name))} of {name}"


def _cells(root: ET.Element) -> Iterator[str]:
    """Yield what is wrong with the cells together."""
    cells = list(root)
    head = [(cell.get("id"), cell.get("parent")) for cell in cells[:2]]
    if head != [("0", None), ("1", "0")]:
        yield f"the first cells are {head}"
    known = [cell.get("id") for cell in cells]
    yield from (f"the id {name} is not unique" for name in set(known) if known.count(name) > 1)
    vertices = {cell.get("id") for cell in cells if cell.get("vertex") == "1"}
    for cell in cells[2:]:
        if (cell.get("vertex") == "1") == (cell.get("edge") == "1"):
            yield f"{cell.get('id')} is neither a vertex nor an edge, or both"
        if cell.get("parent") not in {"1", *vertices}:
            yield f"{cell.get('id')} is in {cell.get('parent')}, which there is not"
        for end in ("source", "target"):
            if cell.get("edge") == "1" and cell.get(end) not in vertices:
                yield f"the {end} of {cell.get('id')} is {cell.get(end)}"
