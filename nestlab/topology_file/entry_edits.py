"""Remove, add and move entries of mappings and items of lists, in blocks and in brackets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from nestlab.model.plain import Plain
from nestlab.topology_file.block_entries import list_entries, mapping_entries
from nestlab.topology_file.flow_entries import FlowEntries, NewEntry
from nestlab.topology_file.item_matching import kept_in_place
from nestlab.topology_file.text_layout import Edit, TextLayout, apply_edits
from nestlab.topology_file.text_nodes import TextList, TextMapping, is_merge, key_text
from nestlab.topology_file.writing import block_lines, flow_text, item_lines


class MappingEdits:
    """The edits of one mapping: keys removed, and keys added in the order of the key table.

    `top`: it is the whole document. `free_keys`: users choose its keys, and their order matters.
    """

    def __init__(
        self, layout: TextLayout, node: TextMapping, *, top: bool, free_keys: bool
    ) -> None:
        self.free_keys = free_keys
        self.layout = layout
        self.node = node
        self.top = top

    def edits(
        self, removed: Collection[int], added: Mapping[str, Plain], order: Sequence[str]
    ) -> Iterator[Edit]:
        """Yield the edits that remove pairs and add keys; at least one pair stays."""
        kept = [number for number in range(len(self.node.pairs)) if number not in removed]
        names_after: dict[int | None, list[str]] = defaultdict(list)
        for name in sorted(added, key=order.index):
            names_after[self._predecessor(kept, order[: order.index(name)])].append(name)
        groups = {
            number: {name: added[name] for name in names} for number, names in names_after.items()
        }
        if self.node.flow:
            yield from self._in_braces(kept, removed, groups)
        else:
            yield from self._in_block(kept, removed, groups)

    def _predecessor(self, kept: list[int], before: Sequence[str]) -> int | None:
        keys = [self.node.pairs[number][0] for number in kept]
        found = [
            number
            for number, key in zip(kept, keys, strict=True)
            if is_merge(key) or key_text(key) in before
        ]
        return found[-1] if found else None

    def _in_braces(
        self, kept: list[int], removed: Collection[int], groups: Mapping[int | None, Plain]
    ) -> Iterator[Edit]:
        node, layout = self.node, self.layout
        spans = [(key.start, max(key.end, value.end)) for key, value in node.pairs]
        entries = FlowEntries(layout, (layout.content(node.start), node.end), spans)
        yield from entries.remove(removed)
        texts_after: dict[int, list[NewEntry]] = defaultdict(list)
        for number, group in groups.items():
            texts = [NewEntry(flow_text({name: value})[1:-1]) for name, value in group.items()]
            if number is None and self.free_keys:
                yield from entries.insert_before(kept[0], texts)
            else:
                texts_after[kept[0] if number is None else number] += texts
        for number, texts in texts_after.items():
            yield from entries.insert_after(number, texts)

    def _in_block(
        self, kept: list[int], removed: Collection[int], groups: Mapping[int | None, Plain]
    ) -> Iterator[Edit]:
        layout = self.layout
        entries = mapping_entries(layout, self.node, top=self.top)
        yield from entries.remove(removed)
        for number, group in groups.items():
            lines = block_lines(group, layout.column(entries.markers[0]))
            if number is not None:
                yield layout.insert_lines(entries.ends[number], lines)
            elif self.top or entries.starts_after_dash:
                yield layout.insert_lines(entries.ends[kept[0]], lines)
            else:
                yield layout.insert_lines(entries.starts[kept[0]], lines)


class ListEdits:
    """The edits of one list: items removed, added and moved.

    `pairs` has for each new item the number of the old one, or None. `moved` are the edits that
    delete a moved item where it was, `inner` the edits of its text.
    """

    def __init__(self, layout: TextLayout, node: TextList, pairs: Sequence[int | None]) -> None:
        self.layout = layout
        self.node = node
        self.pairs = pairs
        self.stay = kept_in_place(pairs)
        self.moved: list[Edit] = []
        self.inner: list[Edit] = []

    def edits(
        self, key: str, new: Sequence[Plain], inside: Callable[[int, Plain], list[Edit]]
    ) -> Iterator[Edit]:
        """Yield the edits; `inside` returns those that turn an old item into a new value."""
        if self.node.flow:
            yield from self._in_brackets(new, inside)
        else:
            yield from self._in_block(key, new, inside)

    def _in_brackets(
        self, new: Sequence[Plain], inside: Callable[[int, Plain], list[Edit]]
    ) -> Iterator[Edit]:
        node, layout = self.node, self.layout
        spans = [(item.start, item.end) for item in node.items]
        entries = FlowEntries(layout, (layout.content(node.start), node.end), spans)
        groups: dict[int | None, list[NewEntry]] = defaultdict(list)
        last: int | None = None
        for pair, value in zip(self.pairs, new, strict=True):
            inner = [] if pair is None else inside(pair, value)
            if pair is None:
                groups[last].append(NewEntry(flow_text(value)))
            elif pair in self.stay:
                yield from inner
                last = pair
            else:
                self._record_move(Edit(*spans[pair], ""), inner)
                text = apply_edits(layout.text, inner, *spans[pair])
                groups[last].append(entries.with_comments(pair, text))
        yield from entries.remove([n for n in range(len(spans)) if n not in self.stay])
        for number, texts in groups.items():
            if number is None:
                yield from entries.insert_before(min(self.stay), texts)
            else:
                yield from entries.insert_after(number, texts)

    def _in_block(
        self, key: str, new: Sequence[Plain], inside: Callable[[int, Plain], list[Edit]]
    ) -> Iterator[Edit]:
        layout = self.layout
        entries = list_entries(layout, self.node)
        spans = list(zip(entries.starts, entries.ends, strict=True))
        column = layout.column(entries.markers[0])
        groups: dict[int, list[str]] = defaultdict(list)
        position = entries.starts[min(self.stay)]
        for pair, value in zip(self.pairs, new, strict=True):
            inner = [] if pair is None else inside(pair, value)
            if pair is None:
                groups[position] += item_lines(key, value, column)
            elif pair in self.stay:
                yield from inner
                position = spans[pair][1]
            else:
                self._record_move(Edit(*spans[pair], ""), inner)
                text = apply_edits(layout.text, inner, *spans[pair])
                groups[position].append(text.removesuffix("\n").removesuffix("\r"))
        yield from entries.remove([n for n in range(len(spans)) if n not in self.stay])
        for place, lines in groups.items():
            yield layout.insert_lines(place, lines)

    def _record_move(self, move: Edit, inner: list[Edit]) -> None:
        self.moved.append(move)
        self.inner += inner
