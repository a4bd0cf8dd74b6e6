"""Read a topology file as far as possible where some of its values cannot be read."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.model.origin import Origin
from nestlab.model.topology import Topology
from nestlab.topology_file.automatic_addresses import with_automatic_addresses
from nestlab.topology_file.expansion import TooManyCopies, expanded
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.nodes import (
    ListNode,
    MappingNode,
    Node,
    NodePlace,
    NotYaml,
    ScalarNode,
    compose,
    place_of,
)
from nestlab.topology_file.reader import Reader, TooManyProblems

_ROUNDS = 10
"""How many times unreadable values are left out: a mapping that loses one may lack a required key,
and be unreadable itself in the next round."""


def readable_parts(text: str, filename: str) -> tuple[Topology, ...]:
    """Return two readable parts of a file that cannot be read as a whole, as topologies.

    The first is without the values that cannot be read, the second also without the list items that
    contain them. Nothing is returned where there is no readable part, or where a whole item of a
    list or a whole image cannot be read: other parts of the file may refer to it.
    """
    try:
        node = compose(text)
    except NotYaml:
        return ()
    if not isinstance(node, MappingNode):
        return ()
    found = [_part(node, text, filename, whole_items=whole) for whole in (False, True)]
    return tuple(part for part in found if part is not None) if None not in found else ()


def _part(root: MappingNode, text: str, filename: str, *, whole_items: bool) -> Topology | None:
    for _ in range(_ROUNDS):
        reader = Reader(filename)
        try:
            read = reader.read(expanded(root, reader), TOPOLOGY, ())
            if isinstance(read, Topology):
                read = with_automatic_addresses(read, reader.report_at)
        except (TooManyCopies, TooManyProblems):
            return None
        if isinstance(read, Topology) and not reader.findings:
            origin = Origin(filename, text, reader.positions, read, reader.copies)
            return replace(read, origin=origin)
        if place_of(root) in reader.bad_places:
            return None
        try:
            pairs = _readable_pairs(root, reader.bad_places, whole_items=whole_items)
        except _ItemNotReadable:
            return None
        if not whole_items and _image_names(pairs) != _image_names(root.pairs):
            return None
        root = replace(root, pairs=pairs)
    return None


class _ItemNotReadable(Exception):
    """A whole item of a list cannot be read."""


def _image_names(pairs: list[tuple[Node, Node]]) -> list[str]:
    images = [value for key, value in pairs if isinstance(key, ScalarNode) and key.text == "images"]
    return [
        key.text
        for mapping in images
        if isinstance(mapping, MappingNode)
        for key, _ in mapping.pairs
        if isinstance(key, ScalarNode)
    ]


def _readable_pairs(
    node: MappingNode, bad: set[NodePlace], *, whole_items: bool
) -> list[tuple[Node, Node]]:
    """Return the keys of a mapping that can be read, with what can be read of their values."""
    pairs = []
    for key, value in node.pairs:
        kept = None if place_of(key) in bad else _readable(value, bad, whole_items=whole_items)
        if kept is not None:
            pairs.append((key, kept))
    return pairs


def _readable(node: Node, bad: set[NodePlace], *, whole_items: bool) -> Node | None:
    """Return what can be read of a node; None if it is to be left out as a whole."""
    if place_of(node) in bad:
        return None
    if isinstance(node, ScalarNode):
        return node
    if isinstance(node, ListNode):
        if any(isinstance(item, MappingNode) and place_of(item) in bad for item in node.items):
            raise _ItemNotReadable
        items = [_readable(item, bad, whole_items=whole_items) for item in node.items]
        return replace(node, items=[item for item in items if item is not None])
    pairs = _readable_pairs(node, bad, whole_items=whole_items)
    if whole_items and len(pairs) != len(node.pairs):
        return None
    return replace(node, pairs=pairs)
