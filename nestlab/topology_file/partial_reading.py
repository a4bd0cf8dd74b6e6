"""Read a topology file as far as possible where some of its values cannot be read."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from itertools import product
from math import prod

from nestlab.dataclass import dataclass, replace
from nestlab.model.origin import KeyPath, Origin
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
from nestlab.topology_file.sample_values import kind_at, sample_values

_ROUNDS = 10
"""How many times unreadable values are removed: a mapping without one may lack a required key,
and be unreadable itself in the next round."""
_MAX_FILLED = 200_000
"""How many values all topologies with samples may have together: each is read and checked."""


@dataclass(frozen=True)
class ReadableParts:
    """Readable parts of a file that cannot be read as a whole, as topologies.

    `values` lacks the values that cannot be read; `items` also lacks the list items that contain
    them. Each topology in `filled` has sample values in their place, and lacks the items with
    values for which there are no samples; `filled` is empty if there are no samples, or too many.
    If the key of an unreadable value is required, `items` is None and `values` is `filled[0]`.
    """

    values: Topology
    items: Topology | None
    filled: tuple[Topology, ...] = ()


def readable_parts(text: str, filename: str) -> ReadableParts | None:
    """Return the readable parts of a file.

    None where there is no readable part, or where a whole item of a list or a whole image cannot be
    read even with samples: other parts of the file may refer to it.
    """
    try:
        node = compose(text)
    except NotYaml:
        return None
    if not isinstance(node, MappingNode):
        return None
    values = _part(node, text, filename, whole_items=False)
    items = _part(node, text, filename, whole_items=True)
    filled = tuple(_filled_parts(node, text, filename))
    if values is not None and items is not None:
        return ReadableParts(values, items, filled)
    return ReadableParts(filled[0], None, filled) if filled else None


def _filled_parts(root: MappingNode, text: str, filename: str) -> Iterator[Topology]:
    """Yield the topologies in which samples replace the values that cannot be read.

    A combination of samples that cannot occur is left out.
    """
    bad = _bad_places(root, text, filename)
    samples = {place: sample_values(kind_at(keys)) for place, keys in bad.items()}
    places = [place for place, texts in samples.items() if texts]
    count = prod(len(samples[place]) for place in places)
    if not places or count * root.weight > _MAX_FILLED:
        return
    for chosen in product(*(samples[place] for place in places)):
        filled = _filled(root, dict(zip(places, chosen, strict=True)))
        if (
            isinstance(filled, MappingNode)
            and _bad_places(filled, text, filename).keys() <= bad.keys()
        ):
            part = _part(filled, text, filename, whole_items=True)
            if part is not None:
                yield part


def _bad_places(root: MappingNode, text: str, filename: str) -> dict[NodePlace, KeyPath]:
    reader = Reader(filename)
    try:
        reader.read(expanded(root, reader, text), TOPOLOGY, ())
    except (TooManyCopies, TooManyProblems):
        return {}
    return reader.bad_places


def _filled(node: Node, texts: Mapping[NodePlace, str]) -> Node:
    """Return a node with these texts at their places."""
    if (place := place_of(node)) in texts:
        return ScalarNode(node.line, node.column, texts[place], plain=True)
    if isinstance(node, ListNode):
        return replace(node, items=[_filled(item, texts) for item in node.items])
    if isinstance(node, MappingNode):
        pairs = [(key, _filled(value, texts)) for key, value in node.pairs]
        merged = [(key, _filled(value, texts)) for key, value in node.merged]
        return replace(node, pairs=pairs, merged=merged)
    return node


def _part(root: MappingNode, text: str, filename: str, *, whole_items: bool) -> Topology | None:
    for _ in range(_ROUNDS):
        reader = Reader(filename)
        try:
            read = reader.read(expanded(root, reader, text), TOPOLOGY, ())
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
    node: MappingNode, bad: Container[NodePlace], *, whole_items: bool
) -> list[tuple[Node, Node]]:
    """Return the keys of a mapping that can be read, with what can be read of their values."""
    pairs = []
    for key, value in node.pairs:
        kept = None if place_of(key) in bad else _readable(value, bad, whole_items=whole_items)
        if kept is not None:
            pairs.append((key, kept))
    return pairs


def _readable(node: Node, bad: Container[NodePlace], *, whole_items: bool) -> Node | None:
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
