"""Converts nodes to values of the expected types, and collects problems with positions."""

from __future__ import annotations

from typing import Any

from nestlab.dataclass import replace
from nestlab.model.finding import Finding
from nestlab.model.origin import CountedCopy, KeyPath, copy_text
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import (
    InvalidValue,
    Key,
    Kind,
    ListOf,
    MapOf,
    Scalar,
    Shape,
)
from nestlab.topology_file.nodes import (
    NULL_WORDS,
    ListNode,
    MappingNode,
    Node,
    NodePlace,
    ScalarNode,
    place_of,
)
from nestlab.topology_file.reading_hints import (
    MAX_SHOWN_LENGTH,
    known_keys,
    list_hint,
    mapping_hint,
    missing_key_hint,
    named_items_hint,
    scalar_hint,
    shown,
    unknown_key_hint,
)
from nestlab.topology_file.scalars import TEXT

MAX_PROBLEMS = 500
USER_KEY_PREFIX = "x-"  # keys that begin with it are the user's own: kept, but ignored
_NUMBER = pattern(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")  # of YAML 1.2


class _Bad:
    """The value of a node that could not be read."""


class _Absent:
    """The value of a key that is null."""


_BAD, _ABSENT = _Bad(), _Absent()


class TooManyProblems(Exception):
    """There are more than MAX_PROBLEMS problems."""


def key_path_text(keys: KeyPath) -> str:
    """Return a key path as text.

    >>> key_path_text(("vms", 0, "network_adapters", 1, "gateway"))
    'vms[0].network_adapters[1].gateway'
    """
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)
    return text.lstrip(".") or "topology"


class Reader:
    """Reads one document. `findings` are its problems, `positions` has the place of each value.

    `bad_places` has the places of the nodes with problems, and their keys. `copies` has the items
    that are copies of an item with `count`.
    """

    def __init__(self, filename: str, root: str = "topology") -> None:
        self.filename = filename
        self.root = root  # the kind of the whole document
        self.findings: list[Finding] = []
        self.positions: dict[KeyPath, tuple[int, int]] = {}
        self.copies: dict[KeyPath, CountedCopy] = {}
        self.bad_places: dict[NodePlace, KeyPath] = {}
        self._reported: set[tuple[str, ...]] = set()
        self._refused: set[tuple[int, int]] = set()

    def report(self, code: str, node: Node, keys: KeyPath, message: str, hint: str = "") -> _Bad:
        """Add a finding at the place of a node; among copies of an item, only for the first."""
        self.bad_places.setdefault(place_of(node), keys)
        location = f"{self.filename}:{node.line}:{node.column}"
        # Copies of an item, and what they have from `defaults`, have the same place.
        known, place = (code, location, message), (code, location)
        is_copy = bool(copy_text(keys, self.copies))
        if known in self._reported or (is_copy and place in self._reported):
            return _BAD
        if len(self.findings) >= MAX_PROBLEMS:
            raise TooManyProblems
        self._reported |= {known, place}
        subject = self._subject(keys)
        self.findings.append(Finding(code, "error", subject, message, hint, location=location))
        return _BAD

    def report_at(self, keys: KeyPath, message: str, hint: str) -> None:
        """Add a finding about a value that was read."""
        line, column = self.positions[keys]
        self.report("bad-value", ScalarNode(line, column, "", plain=True), keys, message, hint)

    def refuse(self, node: ScalarNode, keys: KeyPath, refused: InvalidValue) -> None:
        """Add the finding about a text with a wrong placeholder, and suppress others about it."""
        self._refused.add((node.line, node.column))
        self.report(refused.code, node, keys, str(refused), refused.hint)

    def check_names(self, node: MappingNode, shape: Shape, keys: KeyPath) -> None:
        """Report unknown and repeated keys of a mapping, and of the mappings inside it."""
        for name, value in self._known_values(node, shape, keys).items():
            kind = shape.by_name[name].value_kind
            if isinstance(value, MappingNode) and isinstance(kind, Shape):
                self.check_names(value, kind, (*keys, name))

    def _subject(self, keys: KeyPath) -> str:
        """Return a key path as text, with the indices of the file and the copy that it is in."""
        copies = self.copies
        in_file = tuple(
            copies[keys[: end + 1]].source_index if keys[: end + 1] in copies else key
            for end, key in enumerate(keys)
        )
        copy = copy_text(keys, copies)
        return (key_path_text(in_file) if keys else self.root) + (f" ({copy})" if copy else "")

    def read(self, node: Node, kind: Kind, keys: KeyPath) -> Any:
        """Return the value of a node, or a marker for a bad or an absent one."""
        self.positions[keys] = (node.line, node.column)
        if isinstance(kind, Scalar):
            return self._scalar(node, kind, keys)
        if (
            isinstance(node, ScalarNode)
            and node.plain
            and (node.text in NULL_WORDS or (not node.text and isinstance(kind, ListOf | MapOf)))
        ):
            return _ABSENT
        if isinstance(kind, Shape):
            return self._mapping(node, kind, keys)
        if isinstance(kind, ListOf):
            return self._list(node, kind, keys)
        return self._named_items(node, kind, keys)

    def _scalar(self, node: Node, kind: Scalar, keys: KeyPath) -> Any:
        if not isinstance(node, ScalarNode):
            message = tr("must be {noun}, not {value}", noun=kind.noun, value=shown(node))
            return self.report("wrong-type", node, keys, message, scalar_hint(node, keys))
        if self._refused and (node.line, node.column) in self._refused:
            return _BAD
        if node.plain and (node.text in NULL_WORDS or (not node.text and kind is TEXT)):
            return _ABSENT
        if node.plain and not node.text:
            message = tr("has no value; it must be {noun}", noun=kind.noun)
            hint = tr("Write a value, or remove the key.")
            return self.report("wrong-type", node, keys, message, hint)
        if len(node.text) > kind.longest and kind is not TEXT:
            return self.report(
                "bad-value",
                node,
                keys,
                tr(
                    "has {count:,} characters; it must be {noun}",
                    count=len(node.text),
                    noun=kind.noun,
                ),
                tr("Write a shorter value."),
            )
        try:
            value = kind.parse(node.text)
        except InvalidValue as refused:
            hint = refused.hint or tr("Write {value}.", value=kind.noun)
            return self.report(refused.code, node, keys, str(refused), hint)
        if node.plain and not kind.is_number and _NUMBER.fullmatch(node.text):
            message = tr(
                "must be {noun} in quotes; YAML tools read {value} as a number",
                noun=kind.noun,
                value=node.text,
            )
            return self.report(
                "wrong-type", node, keys, message, tr("Write {value}.", value=f"'{node.text}'")
            )
        return value

    def _list(self, node: Node, kind: ListOf, keys: KeyPath) -> Any:
        if isinstance(node, ScalarNode) and kind.split is not None:
            parts = [part.strip() for part in kind.split(node.text)]
            read = [self.read(replace(node, text=part), kind.item, keys) for part in parts]
            return _BAD if _BAD in read else tuple(read)
        if not isinstance(node, ListNode):
            message = tr("must be a list, not {value}", value=shown(node))
            return self.report("wrong-type", node, keys, message, list_hint(node, kind))
        values = [
            self.read(item, kind.item, (*keys, index)) for index, item in enumerate(node.items)
        ]
        for index, value in enumerate(values):
            if value is _ABSENT:
                values[index] = self.report(
                    "wrong-type",
                    node.items[index],
                    (*keys, index),
                    tr("is empty"),
                    tr("Remove the item, or give it a value."),
                )
        return _BAD if _BAD in values else tuple(values)

    def _named_items(self, node: Node, kind: MapOf, keys: KeyPath) -> Any:
        """Return the values of a mapping with free keys, each with its key as its name."""
        if not isinstance(node, MappingNode):
            message = tr(
                "must be a mapping from {key} to {item}", key=kind.key.noun, item=kind.item.noun
            )
            hint = named_items_hint(str(keys[-1]), kind)
            return self.report("wrong-type", node, keys, message, hint)
        before = len(self.findings)
        names = [key for key, _ in (*node.pairs, *node.merged) if isinstance(key, ScalarNode)]
        for name in names:
            self.read(name, kind.key, (*keys, name.text))
        values = self._mapping(node, kind.shape(*(name.text for name in names)), keys)
        if values is _BAD or len(self.findings) > before:
            return _BAD
        return tuple(kind.item.model(name=name, **value) for name, value in values.items())

    def _mapping(self, node: Node, shape: Shape, keys: KeyPath) -> Any:
        if not isinstance(node, MappingNode):
            is_empty = isinstance(node, ScalarNode) and not node.text
            value = tr("empty") if is_empty else shown(node)
            message = tr("must be {noun} with keys, not {value}", noun=shape.noun, value=value)
            hint = f"{mapping_hint(node, keys)} {known_keys(shape.all_names)}".lstrip()
            return self.report("wrong-type", node, keys, message, hint)
        before = len(self.findings)
        values = {}
        for name, inner in self._known_values(node, shape, keys).items():
            value = self.read(inner, shape.by_name[name].value_kind, (*keys, name))
            if value is not _ABSENT:
                values[name] = value
        for key in shape.missing(values):
            self._missing(key, node, keys, shape)
        if len(self.findings) > before:
            return _BAD
        problem = shape.problem(values)
        if not problem:
            return shape.make(values)
        hint = mapping_hint(node, keys) or known_keys(shape.all_names)
        return self.report("bad-value", node, keys, problem, hint)

    def _missing(self, key: Key, node: Node, keys: KeyPath, shape: Shape) -> None:
        message = tr("{noun} needs {key!r}", noun=shape.noun, key=key.name)
        self.report("missing-key", node, keys, message, missing_key_hint(key))

    def _known_values(self, node: MappingNode, shape: Shape, keys: KeyPath) -> dict[str, Node]:
        """Return the known keys with their values; report unknown and repeated keys."""
        known: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.pairs:
            if not isinstance(key, ScalarNode):
                self.report("wrong-type", key, keys, tr("a key must be text"))
            elif key.text in lines:
                self.report(
                    "duplicate-key",
                    key,
                    (*keys, key.text),
                    tr("is already defined on line {line}", line=lines[key.text]),
                    tr("Keep one of the two."),
                )
            else:
                lines[key.text] = key.line
                if key.text in shape.by_name:
                    known[key.text] = value
                elif not key.text.startswith(USER_KEY_PREFIX):
                    self._unknown(key, shape, keys)
        for key, value in node.merged:
            if isinstance(key, ScalarNode) and key.text in shape.by_name:
                known.setdefault(key.text, value)
        return known

    def _unknown(self, key: ScalarNode, shape: Shape, keys: KeyPath) -> None:
        is_topology = self.root == "topology"
        hint = unknown_key_hint(key.text, shape.all_names, is_topology=is_topology)
        message = tr("{noun} has no key {key!r}", noun=shape.noun, key=key.text[:MAX_SHOWN_LENGTH])
        self.report("unknown-key", key, keys, message, hint)
