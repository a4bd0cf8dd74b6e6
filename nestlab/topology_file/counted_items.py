"""Match the items of a list whose text has counted items, so that the short form is kept.

A change that is the same in all copies is made once, in the counted item. A change of some copies
lowers the count: the copies before the first changed one stay in the counted item, and the others
are written out after it.
"""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.model.origin import CountedCopy
from nestlab.model.plain import Plain
from nestlab.topology_file.item_matching import matched_items
from nestlab.topology_file.keys import COUNT
from nestlab.topology_file.text_layout import Edit
from nestlab.topology_file.text_nodes import TextList, TextMapping, TextScalar, key_text


class CountedItems:
    """The items of a list, matched with the items in its text.

    `new` are the new items, with one item for all copies that stay in a counted item; `pairs` has
    the index of the item in the text that each comes from, or None. `first` is the index of each
    text item's first copy in the old list; `text_item_count` is the number of items in the text.
    """

    def __init__(
        self,
        node: TextList,
        old: Sequence[Plain],
        new: Sequence[Plain],
        places: Sequence[CountedCopy | None],
    ) -> None:
        self.node = node
        copies = [place or CountedCopy(index, 1, 0) for index, place in enumerate(places)]
        self.first = [index for index, copy in enumerate(copies) if copy.number == 1]
        self.text_item_count = len(self.first)
        self.lowered: dict[int, int] = {}  # the new count, by item
        self.new: list[Plain] = []
        self.pairs: list[int | None] = []
        self._match(old, new, copies)

    def _match(self, old: Sequence[Plain], new: Sequence[Plain], copies: list[CountedCopy]) -> None:
        matched = matched_items(list(old), list(new))
        position = 0
        while position < len(new):
            pair = matched[position]
            copy = copies[pair] if pair is not None else None
            length = 1
            if pair is not None and copy is not None and copy.number == 1:
                length = self._kept(old, new[position:], matched[position:], pair, copy)
                if length and length < copy.total:
                    self.lowered[copy.source_index] = length
            elif copy is not None:
                length = 0
            self.pairs.append(copy.source_index if copy and length else None)
            self.new.append(new[position])
            position += max(length, 1)

    def _kept(
        self,
        old: Sequence[Plain],
        new: Sequence[Plain],
        matched: Sequence[int | None],
        first: int,
        copy: CountedCopy,
    ) -> int:
        """Return how many copies, from the first on, the counted item can still represent."""
        total = copy.total
        before = old[first : first + total]
        if not total:
            return 1
        together = list(matched[:total]) == list(range(first, first + total))
        if together and _same_change(before, new[:total]):
            return total
        length = 0
        while (
            length < min(total, len(new))
            and matched[length] == first + length
            and new[length] == before[length]
        ):
            length += 1
        return length if length == total or self._counter(copy.source_index) else 0

    def _counter(self, item: int) -> TextScalar | None:
        """Return the scalar with the number of copies; None if the text has none."""
        node = self.node.items[item]
        for key, value in node.pairs if isinstance(node, TextMapping) else ():
            if key_text(key) == COUNT.name:
                number = value.pairs[0][1] if isinstance(value, TextMapping) else value
                return number if isinstance(number, TextScalar) else None
        return None

    def count_edits(self, item: int) -> list[Edit]:
        """Return the edit that lowers the count of an item; none if it keeps its count."""
        counter = self._counter(item) if item in self.lowered else None
        return [Edit(counter.start, counter.end, str(self.lowered[item]))] if counter else []


def _same_change(old: Sequence[Plain], new: Sequence[Plain]) -> bool:
    """Whether all copies change in the same way."""
    first, *others = (_change(before, after) for before, after in zip(old, new, strict=True))
    return all(change == first for change in others)


def _change(old: Plain, new: Plain) -> Plain:
    """Return the difference as plain data; equal for values that change in the same way."""
    if old == new:
        return None
    if isinstance(old, dict) and isinstance(new, dict):
        removed = [name for name in old if name not in new]
        changes = {name: _change(old.get(name), value) for name, value in new.items()}
        return [removed, {name: change for name, change in changes.items() if change is not None}]
    if isinstance(old, list) and isinstance(new, list):
        pairs = matched_items(old, new)
        return [
            [pair, _change(old[pair], value) if pair is not None else [value]]
            for pair, value in zip(pairs, new, strict=True)
        ]
    return [new]
