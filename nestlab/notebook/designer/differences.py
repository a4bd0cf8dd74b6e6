"""What changed between two lists of plain data, so that only that is sent to the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
