"""What changed between two lists of plain data, so that only that is sent to the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

Item = Mapping[str, Any]
AFTER = "after"
"""The key of a changed item for the item before it, in a list whose order changed there."""


def difference(before: Sequence[Item], after: Sequence[Item], key: str = "id") -> dict[str, Any]:
    """Return which items of a list changed: ``{"changed": [...], "removed": [...]}``.

    A changed item has its key and the values that changed; None stands for a value that it no
    longer has. An item whose predecessor changed has that as ``after``, "" at the beginning.

    >>> difference([{"id": "a", "x": 1}, {"id": "b"}], [{"id": "a", "x": 2}])
    {'changed': [{'id': 'a', 'x': 2}], 'removed': ['b']}
    """
    old, new = _linked(before, key), _linked(after, key)
    changed = []
    for name, (item, previous) in new.items():
        known, previously = old.get(name, ({}, None))
        values = {} if known is item else _values(known, item)
        if previous != previously:
            values[AFTER] = previous
        if values:
            changed.append({key: name, **values})
    told = {"changed": changed, "removed": [name for name in old if name not in new]}
    return {what: items for what, items in told.items() if items}


def line_difference(before: str, after: str) -> list[Any]:
    r"""Return the first line that changed, how many lines go, and those that take their place.

    >>> line_difference("a\nb\nc", "a\nx\ny\nc")
    [1, 1, ['x', 'y']]
    """
    old, new = before.split("\n"), after.split("\n")
    start = _same_at_start(old, new)
    same = _same_at_start(old[start:][::-1], new[start:][::-1])
    return [start, len(old) - start - same, new[start : len(new) - same]]


def _same_at_start(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in pairs)


def _linked(items: Sequence[Item], key: str) -> dict[str, tuple[Item, str]]:
    """Return the items by their keys, each with the key of the item before it."""
    linked, previous = {}, ""
    for item in items:
        linked[item[key]] = (item, previous)
        previous = item[key]
    return linked


def _values(known: Item, item: Item) -> dict[str, Any]:
    if known == item:
        return {}
    values = {name: value for name, value in item.items() if known.get(name) != value}
    return values | {name: None for name in known if name not in item}
