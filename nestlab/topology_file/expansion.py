"""Expand the short forms of a document: `defaults` and `count`, as nodes with their positions.

The result is the document as it would be without short forms: the reader does not handle them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import is_

from nestlab.dataclass import replace
from nestlab.model.origin import CountedCopy, KeyPath
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.default_values import entries, is_null, with_defaults
from nestlab.topology_file.key_types import InvalidValue, Kind, ListOf, Shape
from nestlab.topology_file.keys import COUNT, DEFAULTS, NETWORK_ADAPTER, TOPOLOGY, VM_SHAPE
from nestlab.topology_file.keys.count_key import COPIES, VARIABLE
from nestlab.topology_file.nodes import MAX_NODES, ListNode, MappingNode, Node, ScalarNode
from nestlab.topology_file.placeholders import NAME, filled, has_placeholders
from nestlab.topology_file.reader import USER_KEY_PREFIX, Reader

_DEFAULTS_OF = {VM_SHAPE: "vm", NETWORK_ADAPTER: "network_adapter"}
Variables = Mapping[str, int]


# The names come first: a search for a literal is several times as fast as one for a word boundary.
_SHORT_FORMS = tuple(pattern(rf"{key.name}(?<!\w{key.name})\b") for key in (COUNT, DEFAULTS))


def expanded(root: Node, reader: Reader, text: str) -> Node:
    """Return a topology's document with its short forms written out; `text` is that of the file.

    Problems, and which items are copies, are recorded in `reader`.
    """
    may_have_escapes = '"' in text and "\\" in text  # otherwise each key is in the text as it is
    if isinstance(root, MappingNode) and (may_have_escapes or has_short_forms(text)):
        return _Expansion(reader).document(root)
    return root


def has_short_forms(text: str) -> bool:
    """Whether a text has a key that is expanded, as a word.

    >>> [has_short_forms(text) for text in ("processor_count: 2", "count: 2", "'defaults': {}")]
    [False, True, True]
    """
    return any(form.search(text) for form in _SHORT_FORMS)


class _Expansion:
    def __init__(self, reader: Reader) -> None:
        self.report = reader.report
        self.copies = reader.copies
        self.reader = reader
        self.size = 0  # nodes of all copies so far
        self.defaults: dict[str, MappingNode] = {}

    def document(self, root: MappingNode) -> Node:
        given = entries(root).get(DEFAULTS.name)
        if given is not None:
            if not is_null(given):
                self._take_defaults(given)
            root = _without(root, DEFAULTS.name)
        return self._mapping(root, TOPOLOGY, (), {})

    # -- defaults

    def _take_defaults(self, node: Node) -> None:
        keys: KeyPath = (DEFAULTS.name,)
        shape = DEFAULTS.value_kind
        if not isinstance(node, MappingNode) or not isinstance(shape, Shape):
            self._not_a_mapping(node, keys)
            return
        self.reader.check_names(node, shape, keys)
        for name, value in entries(node).items():
            if name not in shape.by_name or is_null(value):
                continue
            if isinstance(value, MappingNode):
                self.defaults[name] = value
            else:
                self._not_a_mapping(value, (*keys, name))

    def _not_a_mapping(self, node: Node, keys: KeyPath) -> None:
        hint = tr("Write defaults: {vm: {...}, network_adapter: {...}}.")
        self.report("wrong-type", node, keys, tr("must be a mapping with keys"), hint)

    # -- nodes

    def _node(self, node: Node, kind: Kind | None, keys: KeyPath, variables: Variables) -> Node:
        if isinstance(node, ScalarNode):
            return self._text(node, keys, variables) if variables else node
        if isinstance(node, MappingNode):
            shape = kind if isinstance(kind, Shape) else None
            return self._mapping(node, shape, keys, variables)
        if isinstance(kind, ListOf) and isinstance(kind.item, Shape) and _is_counted(kind.item):
            return self._items(node, kind.item, keys, variables)
        if not variables:
            return node
        item = kind.item if isinstance(kind, ListOf) else None
        items = [
            self._node(value, item, (*keys, index), variables)
            for index, value in enumerate(node.items)
        ]
        return replace(node, items=items)

    def _mapping(
        self, node: MappingNode, shape: Shape | None, keys: KeyPath, variables: Variables
    ) -> MappingNode:
        """Return a mapping with its content expanded; the same object if nothing changes."""
        looked_at = None if variables else _leading_to_counts(shape)
        changed: dict[str, Node] = {}
        for key, value in (*node.pairs, *node.merged):
            name = key.text if isinstance(key, ScalarNode) else ""
            if (looked_at is None or name in looked_at) and not name.startswith(USER_KEY_PREFIX):
                known = shape.by_name.get(name) if shape else None
                kind = known.value_kind if known else None
                new = self._node(value, kind, (*keys, name), variables)
                if new is not value:
                    changed.setdefault(name, new)
        if not changed:
            return node
        pairs = [(key, _changed(key, value, changed)) for key, value in node.pairs]
        merged = [(key, _changed(key, value, changed)) for key, value in node.merged]
        return replace(node, pairs=pairs, merged=merged)

    def _text(self, node: ScalarNode, keys: KeyPath, variables: Variables) -> ScalarNode:
        if not has_placeholders(node.text):
            return node
        try:
            return replace(node, text=filled(node.text, variables), plain=False)
        except InvalidValue as refused:
            self.reader.refuse(node, keys, refused)
            return node

    # -- count

    def _items(self, node: ListNode, shape: Shape, keys: KeyPath, variables: Variables) -> ListNode:
        """Return a list with its items written out; the same object if nothing changes."""
        defaults = self.defaults.get(_DEFAULTS_OF.get(shape, ""))
        found: list[Node] = []
        for index, item in enumerate(node.items):
            position = len(found)
            place = (*keys, position)
            if position != index:
                self.copies[place] = CountedCopy(index, 1, 0)
            if not isinstance(item, MappingNode):
                found.append(self._node(item, None, place, variables))
                continue
            whole = with_defaults(item, defaults, shape) if defaults else item
            counter = _counter(whole)
            if counter is None:
                found.append(self._mapping(whole, shape, place, variables))
                continue
            name, total = self._count(counter, (*place, COUNT.name), variables)
            whole = _without(whole, COUNT.name)
            for number in range(1, total + 1):
                place = (*keys, len(found))
                self.copies[place] = CountedCopy(index, number, total, name)
                self._limit_size(whole, counter, place)
                found.append(self._mapping(whole, shape, place, {**variables, name: number}))
        same = len(found) == len(node.items) and all(map(is_, found, node.items))
        return node if same else replace(node, items=found)

    def _count(self, node: Node, keys: KeyPath, variables: Variables) -> tuple[str, int]:
        """Return the variable of a count and its number, which is 1 if it is invalid or null."""
        name, number = VARIABLE, node
        if isinstance(node, MappingNode):
            named = {
                key: v for key, v in entries(node).items() if not key.startswith(USER_KEY_PREFIX)
            }
            if len(named) != 1:
                self._bad_count(node, keys, tr("must name one variable"))
                return next(iter(named), VARIABLE), 1
            ((name, number),) = named.items()
            if not NAME.fullmatch(name):
                message = tr(
                    "names a variable with a character that is not a letter, a digit or '_', or with a digit first: {name!r}",
                    name=name[:80],
                )
                self._bad_count(node, keys, message)
                return VARIABLE, 1
        if not isinstance(number, ScalarNode):
            self._bad_count(number, keys, tr("must be {noun}", noun=COPIES.noun))
            return name, 1
        total = self.reader.read(self._text(number, keys, variables), COPIES, keys)
        return name, total if isinstance(total, int) else 1

    def _bad_count(self, node: Node, keys: KeyPath, message: str) -> None:
        hint = tr("count: 8 makes 8 copies; count: {seat: 8} names the variable.")
        self.report("bad-value", node, keys, message, hint)

    def _limit_size(self, item: MappingNode, counter: Node, keys: KeyPath) -> None:
        """Raise TooManyCopies if all copies of the file together have too many values."""
        self.size += item.weight
        if self.size > MAX_NODES:
            message = tr(
                "makes more than {limit:,} values, with all copies written out", limit=MAX_NODES
            )
            self.report("bad-value", counter, (*keys, COUNT.name), message, tr("Lower the count."))
            raise TooManyCopies


class TooManyCopies(Exception):
    """A file has too many copies; the problem has been reported."""


def _is_counted(shape: Shape) -> bool:
    """Whether the items of a list of this shape can have a count."""
    return COUNT in shape.short_forms


@cache
def _leading_to_counts(shape: Shape | None) -> frozenset[str]:
    """Return the keys of a mapping under which there can be items with a count."""
    return frozenset(
        key.name for key in (shape.keys if shape else ()) if _leads_to_counts(key.value_kind)
    )


def _leads_to_counts(kind: Kind) -> bool:
    if isinstance(kind, ListOf) and isinstance(kind.item, Shape):
        return _is_counted(kind.item)
    return isinstance(kind, Shape) and any(_leads_to_counts(key.value_kind) for key in kind.keys)


def _counter(node: MappingNode) -> Node | None:
    """Return the value of `count`; None if there is none."""
    for key, value in node.pairs:
        if isinstance(key, ScalarNode) and key.text == COUNT.name:
            return value
    return entries(node).get(COUNT.name) if node.merged else None


def _changed(key: Node, value: Node, changed: Mapping[str, Node]) -> Node:
    return changed.get(key.text, value) if isinstance(key, ScalarNode) else value


def _without(node: MappingNode, name: str) -> MappingNode:
    def kept(pairs: list[tuple[Node, Node]]) -> list[tuple[Node, Node]]:
        return [
            (key, value)
            for key, value in pairs
            if not (isinstance(key, ScalarNode) and key.text == name)
        ]

    return replace(node, pairs=kept(node.pairs), merged=kept(node.merged))
