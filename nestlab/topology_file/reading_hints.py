"""Hints of the reader: the known word nearest to a mistyped one, and values of another type."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.topology_file.key_types import ListOf, Scalar, Shape
from nestlab.topology_file.nodes import MappingNode, Node, ScalarNode

LONGEST = 200  # characters of a text in a message


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is most similar to a mistyped one, or an empty string.

    The spelling of Hyper-V (MemoryStartup) matches too.

    >>> known = ["memory_startup", "name"]
    >>> nearest("MemoryStartup", known), nearest("memory_statup", known), nearest("x", known)
    ('memory_startup', 'memory_startup', '')
    """
    by_folded = {name.replace("_", "").casefold(): name for name in known}
    folded = word.replace("_", "").replace("-", "").casefold()
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    match = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    return by_folded[match[0]] if match else ""


def unquoted(node: Node) -> str:
    """Return the hint for a placeholder without quotes, which YAML reads as a mapping."""
    if isinstance(node, MappingNode) and len(node.pairs) == 1 and not node.merged:
        key, value = node.pairs[0]
        if isinstance(key, ScalarNode) and isinstance(value, ScalarNode) and not value.text:
            return f"A placeholder needs quotes: '{{{key.text[:LONGEST]}}}'."
    return ""


def list_hint(node: Node, kind: ListOf) -> str:
    """Return the hint for a value instead of a list: the same value as its only item."""
    if not isinstance(node, ScalarNode):
        return "Begin each item with '- '."
    text = node.text[:LONGEST]
    if isinstance(kind.item, Scalar):
        return f"Write [{text}]."
    named = isinstance(kind.item, Shape) and any(key.name == "name" for key in kind.item.keys)
    return f"Write [{{name: {text}}}]." if named else "Begin each item with '- '."
