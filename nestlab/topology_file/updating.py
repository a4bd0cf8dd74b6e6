"""Update the text of a file: only values that differ are edited.

Comment lines directly above a key or an item belong to it, and so does a comment after it on its
line. A comment that is followed by a blank line is not moved or removed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from nestlab.model.origin import CountedCopy, KeyPath
from nestlab.model.plain import Plain
from nestlab.topology_file.block_entries import UnusualLayout
from nestlab.topology_file.counted_items import CountedItems
from nestlab.topology_file.entry_edits import ListEdits, MappingEdits
from nestlab.topology_file.key_types import Key, Kind, ListOf, MapOf, Shape
from nestlab.topology_file.placeholders import escaped
from nestlab.topology_file.text_layout import Edit, OverlappingEdits, TextLayout, apply_edits
from nestlab.topology_file.text_nodes import (
    TextAlias,
    TextList,
    TextMapping,
    TextNode,
    compose_text,
    is_merge,
    key_text,
)
from nestlab.topology_file.value_edits import ValuePlace, replace_value

_MAX_PASSES = 8  # a pass writes out what the one before it changed through an alias


Copies = Mapping[KeyPath, CountedCopy]


def updated_text(
    text: str,
    parsed: tuple[Plain, Copies],
    new: Plain,
    shape: Shape,
    read: Callable[[str], tuple[Plain, Copies]],
) -> str | None:
    """Return the text edited so that its data is `new`; None if its layout prevents that.

    `parsed` is the data of the text, and which items of its lists are copies of a counted item;
    `read` returns both for an edited text.
    """
    for _ in range(_MAX_PASSES):
        old, copies = parsed
        if json.dumps(old) == json.dumps(new):  # unlike ==, with the order of free keys
            return text
        try:
            text = _one_pass(text, old, copies, new, shape)
        except (OverlappingEdits, UnusualLayout):
            return None
        parsed = read(text)
    return None


def _one_pass(text: str, old: Plain, copies: Copies, new: Plain, shape: Shape) -> str:
    document = compose_text(text)
    layout = TextLayout(text)
    dangling: set[TextAlias] = set()
    while True:
        update = _Update(layout, dangling, copies)
        edits = update.document(document.root, old, new, shape)
        found = update.aliases_without_anchor(document.aliases, edits)
        if found <= dangling:
            return apply_edits(text, edits)
        dangling |= found


class _Update:
    """One walk over the nodes of a text, with their old and their new values.

    `dangling` are the aliases whose anchor is removed or moved: their value is written out.
    """

    def __init__(self, layout: TextLayout, dangling: set[TextAlias], copies: Copies) -> None:
        self.layout = layout
        self.dangling = dangling
        self.copies = copies
        self.moved: list[Edit] = []  # the deletions of items that are moved
        self.inner: list[Edit] = []  # the edits of their text

    def document(self, root: TextNode, old: Plain, new: Plain, shape: Shape) -> list[Edit]:
        """Return the edits of a whole document."""
        if not isinstance(root, TextMapping):
            raise UnusualLayout
        return self._mapping(root, old, new, shape, (), top=True) or []

    def aliases_without_anchor(
        self, aliases: Iterable[TextAlias], edits: list[Edit]
    ) -> set[TextAlias]:
        """Return the aliases that stay in the text although their anchor does not."""
        removed = [edit for edit in edits if edit.end > edit.start]
        found: set[TextAlias] = set()
        for alias in aliases:
            moved = _covering(alias.start, self.moved)
            gone = self.inner if moved else removed
            if _covering(alias.start, gone):
                continue
            if (moved and _covering(alias.target.start, self.moved) != moved) or _covering(
                alias.target.start, gone
            ):
                found.add(alias)
        return found

    def _value(
        self,
        place: ValuePlace,
        node: TextNode,
        old: Plain,
        new: Plain,
        kind: Kind,
        *,
        keys: KeyPath,
    ) -> list[Edit]:
        edits = self._inside(node, old, new, kind, keys)
        if edits is not None:
            return edits
        return list(replace_value(self.layout, place, node, self._written(new, keys)))

    def _written(self, value: Plain, keys: KeyPath) -> Plain:
        """Return a value as it is written at a key path: in a counted item, braces are doubled."""
        enclosing = (self.copies.get(keys[:length]) for length in range(1, len(keys) + 1))
        return escaped(value) if any(copy and copy.total for copy in enclosing) else value

    def _inside(
        self, node: TextNode, old: Plain, new: Plain, kind: Kind, keys: KeyPath
    ) -> list[Edit] | None:
        """Return the edits inside a node; None if it has to be written from scratch.

        `keys` is the key path of `old`.
        """
        if isinstance(node, TextAlias):
            return None if node in self.dangling or old != new else []
        if isinstance(kind, MapOf):
            if [name for name in old if name in new] != [name for name in new if name in old]:
                return None  # the order of free keys is significant
            kind = kind.shape(*new, *old)
        elif old == new and not self.dangling:
            return []
        if isinstance(kind, Shape) and isinstance(node, TextMapping) and _both_are(dict, old, new):
            return self._mapping(node, old, new, kind, keys)
        if isinstance(kind, ListOf) and isinstance(node, TextList) and _both_are(list, old, new):
            return self._list(node, old, new, kind.item, keys)
        return None if old != new else []

    def _mapping(
        self,
        node: TextMapping,
        old: Plain,
        new: Plain,
        shape: Shape,
        keys: KeyPath,
        *,
        top: bool = False,
    ) -> list[Edit] | None:
        numbers = {
            name: number
            for number, (key, _) in reversed(list(enumerate(node.pairs)))
            if (name := key_text(key)) in shape.by_name
        }
        merges = [number for number, (key, _) in enumerate(node.pairs) if is_merge(key)]
        unmerged = any(self._has_dangling(node.pairs[number][1]) for number in merges)
        removed = {number for name, number in numbers.items() if name in old and name not in new}
        removed |= set(merges) if unmerged else set()
        if len(removed) == len(node.pairs):
            return None
        edits: list[Edit] = []
        for name in numbers.keys() & new.keys():
            edits += self._entry(node, numbers[name], old, new, shape.by_name[name], keys=keys)
        added = {
            name: value
            for name, value in new.items()
            if name not in numbers and (unmerged or name not in old or old[name] != value)
        }
        if not unmerged:  # a merged key is overridden by the same key with its default
            hidden = [name for name in old if name not in numbers and name not in new]
            added |= {name: _default(shape, name) for name in hidden}
        added = {name: self._written(value, keys) for name, value in added.items()}
        order = [key.name for key in shape.keys]
        free_keys = shape.model is dict
        change = MappingEdits(self.layout, node, top=top, free_keys=free_keys)
        edits += change.edits(removed, added, order)
        return edits

    def _has_dangling(self, node: TextNode) -> bool:
        return node in self.dangling or (
            isinstance(node, TextList) and any(item in self.dangling for item in node.items)
        )

    def _entry(
        self,
        node: TextMapping,
        number: int,
        old: Plain,
        new: Plain,
        key: Key,
        *,
        keys: KeyPath,
    ) -> list[Edit]:
        written, value = node.pairs[number]
        after = self.layout.text.index(":", written.end) + 1
        column = self.layout.column(written.start)
        place = ValuePlace(key.name, column, after, node.flow)
        if key.name not in old:  # it had its default
            return list(
                replace_value(self.layout, place, value, self._written(new[key.name], keys))
            )
        inner = (*keys, key.name)
        return self._value(place, value, old[key.name], new[key.name], key.value_kind, keys=inner)

    def _list(
        self, node: TextList, old: Plain, new: Plain, kind: Kind, keys: KeyPath
    ) -> list[Edit] | None:
        key = str(keys[-1])
        places = [self.copies.get((*keys, index)) for index in range(len(old))]
        items = CountedItems(node, old, new, places)
        if items.text_item_count != len(node.items) or all(pair is None for pair in items.pairs):
            return None
        column = self.layout.column(self.layout.content(node.start))

        def inside(pair: int, value: Plain) -> list[Edit]:
            item = node.items[pair]
            after = self.layout.line_start(item.start) + column + 1
            place = ValuePlace(key, column, after, node.flow, item=True)
            first = items.first[pair]
            edits = self._value(place, item, old[first], value, kind, keys=(*keys, first))
            return [*edits, *items.count_edits(pair)]

        change = ListEdits(self.layout, node, items.pairs)
        written = [
            self._written(value, keys) if pair is None else value
            for pair, value in zip(items.pairs, items.new, strict=True)
        ]
        edits = list(change.edits(key, written, inside))
        self.moved += change.moved
        self.inner += change.inner
        return edits


def _default(shape: Shape, name: str) -> Plain:
    """Return the value that overrides a merged key: its default, or null."""
    written = shape.written_default(shape.by_name[name])
    return None if written == {} else written  # an empty mapping would still be merged


def _both_are(kind: type, old: Plain, new: Plain) -> bool:
    """Whether both are of this type: a list may be written as a single text."""
    return isinstance(old, kind) and isinstance(new, kind)


def _covering(position: int, edits: Iterable[Edit]) -> set[Edit]:
    """Return the edits that replace the character at a position."""
    return {edit for edit in edits if edit.start <= position < edit.end}
