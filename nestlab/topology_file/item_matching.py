"""Match the items of a list before and after a change, so that each keeps its text."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Sequence

from nestlab.model.plain import Plain


def matched_items(old: list[Plain], new: list[Plain]) -> list[int | None]:
    """Return for each new item the index of the old item that it comes from, or None.

    An old item matches by its name or, without one, by its value. Otherwise it is the old item at
    the same index, renamed, unless another new item comes from that one.

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


def kept_in_place(pairs: Sequence[int | None]) -> set[int]:
    """Return the old items that need not move: the longest increasing subsequence of `pairs`.

    >>> sorted(kept_in_place([2, 0, None, 1]))
    [0, 1]
    """
    tails: list[int] = []  # the smallest last item of an increasing subsequence of each length
    predecessors: dict[int, int | None] = {}
    for pair in pairs:
        if pair is None:
            continue
        length = bisect_left(tails, pair)
        predecessors[pair] = tails[length - 1] if length else None
        tails[length : length + 1] = [pair]
    found: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = predecessors[last]
    return found
