"""Remove list items from the text line by line, so that the text around them stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from nestlab.model.origin import KeyPath
from nestlab.model.plain import Plain
from nestlab.topology_file.key_types import ListOf, Shape


def matched_items(old: list[Plain], new: list[Plain]) -> list[int | None]:
    """Return for each new item the index of the old one: by name, equal, or renamed in place.

    >>> matched_items([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "c"}, {"name": "d"}])
    [1, None, None]
    >>> matched_items([{"name": "a"}, {"name": "b"}], [{"name": "x"}, {"name": "b"}])
    [0, 1]
    """
    free: dict[str, list[int]] = {}
    for index, item in enumerate(old):
        free.setdefault(_identity(item), []).append(index)
    pairs: list[int | None] = [
        found.pop(0) if (found := free.get(_identity(item))) else None for item in new
    ]
    taken = set(pairs)
    return [
        index if pair is None and index < len(old) and index not in taken else pair
        for index, pair in enumerate(pairs)
    ]


def _identity(item: Plain) -> str:
    return str(item["name"]) if isinstance(item, dict) and "name" in item else json.dumps(item)


def removed_items(
    old: Mapping[str, Plain], new: Mapping[str, Plain], shape: Shape, keys: KeyPath = ()
) -> Iterator[KeyPath]:
    """Yield the key paths of the list items that are in the old data and not in the new."""
    for name, value in old.items():
        kind = shape.by_name[name].value_kind
        here = (*keys, name)
        if isinstance(kind, Shape):
            if name in new:
                yield from removed_items(value, new[name], kind, here)
        elif isinstance(kind, ListOf) and isinstance(kind.item, Shape):
            wanted = new.get(name, [])
            pairs = matched_items(value, wanted)
            yield from ((*here, index) for index in range(len(value)) if index not in pairs)
            for pair, item in zip(pairs, wanted, strict=True):
                if pair is not None:
                    yield from removed_items(value[pair], item, kind.item, (*here, pair))


def without_items(
    text: str, items: Iterator[KeyPath], positions: Mapping[KeyPath, tuple[int, int]]
) -> str:
    """Return the text without block-style list items. Items of flow style stay."""
    lines = text.split("\n")
    gone: set[int] = set()
    for keys in items:
        line, column = positions.get(keys, (0, 0))
        before = lines[line - 1][: column - 1] if line else ""
        if before.strip() == "-":
            gone.update(range(line - 1, _end(lines, line, before.index("-"))))
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def _end(lines: list[str], after: int, indent: int) -> int:
    """Return the first line after the item; comments and blank lines at its end are not its own."""
    end = after
    for number in range(after, len(lines)):
        content = lines[number].lstrip(" ")
        if not content or content.startswith("#"):
            continue
        if len(lines[number]) - len(content) <= indent:
            break
        end = number + 1
    return end
