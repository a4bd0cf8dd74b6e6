"""Merge the `defaults` of a file into its VMs and network adapters, as nodes."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.topology_file.key_types import Shape
from nestlab.topology_file.nodes import NULL_WORDS, MappingNode, Node, ScalarNode


def entries(node: MappingNode) -> dict[str, Node]:
    """Return the values of a mapping by key; its own keys take precedence over merged ones."""
    found: dict[str, Node] = {}
    for key, value in (*node.pairs, *node.merged):
        if isinstance(key, ScalarNode):
            found.setdefault(key.text, value)
    return found


def with_defaults(node: MappingNode, defaults: MappingNode, shape: Shape) -> MappingNode:
    """Return a mapping with the defaults of the keys that it does not set itself.

    If both have a mapping under a key, these are merged in the same way. If the defaults have a key
    that cannot be combined with a key of the mapping, none of the defaults are used.
    """
    given, added = entries(node), entries(defaults)
    names = {name for name, value in {**added, **given}.items() if not is_null(value)}
    if not shape.may_merge(names & shape.by_name.keys()):
        return node
    merged = {
        name: with_defaults(value, below, kind)
        for name, value in given.items()
        if isinstance(value, MappingNode)
        and isinstance(below := added.get(name), MappingNode)
        and name in shape.by_name
        and isinstance(kind := shape.by_name[name].value_kind, Shape)
    }
    missing = [(key, value) for key, value in _pairs(defaults) if key.text not in given]
    if not merged and not missing:
        return node
    return replace(
        node,
        pairs=[(key, _inner(key, value, merged)) for key, value in node.pairs],
        merged=[*((key, _inner(key, value, merged)) for key, value in node.merged), *missing],
        weight=node.weight + defaults.weight,
    )


def is_null(node: Node) -> bool:
    """Whether a value is null, so that its key is absent."""
    return (
        isinstance(node, ScalarNode) and node.plain and (not node.text or node.text in NULL_WORDS)
    )


def _pairs(node: MappingNode) -> list[tuple[ScalarNode, Node]]:
    return [
        (key, value) for key, value in (*node.pairs, *node.merged) if isinstance(key, ScalarNode)
    ]


def _inner(key: Node, value: Node, merged: dict[str, MappingNode]) -> Node:
    return merged.get(key.text, value) if isinstance(key, ScalarNode) else value
