"""The nodes of a YAML text with the offsets where they begin and end (exclusive).

Unlike in `nestlab.topology_file.nodes`, aliases are not resolved, and nothing is checked: the text
was loaded before.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.topology_file.nodes import yaml_loader, yaml_module


@dataclass(slots=True, eq=False)
class TextScalar:
    """A scalar, from its anchor or tag to the offset after its last character.

    `block`: it is written with ``|`` or ``>``.
    """

    start: int
    end: int
    text: str
    block: bool = False


@dataclass(slots=True, eq=False)
class TextAlias:
    """An alias, and the node that its anchor marks."""

    start: int
    end: int
    target: TextNode


@dataclass(slots=True, eq=False)
class TextList:
    """A list; `flow` where it is written in brackets."""

    start: int
    end: int
    flow: bool
    items: list[TextNode] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TextMapping:
    """A mapping, with its pairs of keys and values; `flow` where it is written in braces."""

    start: int
    end: int
    flow: bool
    pairs: list[tuple[TextNode, TextNode]] = field(default_factory=list)


TextNode = TextScalar | TextAlias | TextList | TextMapping


@dataclass(slots=True)
class TextDocument:
    """The root node of a text, and all its aliases."""

    root: TextNode
    aliases: list[TextAlias]


def compose_text(text: str) -> TextDocument:
    """Compose the nodes of a text that was loaded before."""
    yaml = yaml_module()
    loader = yaml_loader(yaml)(text)
    loader.get_event()  # StreamStart
    loader.get_event()  # DocumentStart
    composer = _TextComposer(text, yaml, loader)
    return TextDocument(composer.node(loader.get_event()), composer.aliases)


def is_merge(key: TextNode) -> bool:
    """Whether a key is the merge key ``<<``."""
    return isinstance(key, TextScalar) and key.text == "<<" and key.end - key.start == len("<<")


def key_text(key: TextNode) -> str:
    """Return the text of a key, also where it is an alias; empty if it is not a scalar."""
    if isinstance(key, TextAlias):
        return key_text(key.target)
    return key.text if isinstance(key, TextScalar) else ""


class _TextComposer:
    """Builds the nodes from the parser's events; the depth was bounded when the text was loaded."""

    def __init__(self, text: str, yaml: ModuleType, loader: Any) -> None:
        self.text = text
        self.yaml = yaml
        self.next = loader.get_event
        self.anchors: dict[str, TextNode] = {}
        self.aliases: list[TextAlias] = []

    def node(self, event: Any) -> TextNode:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, self.yaml.AliasEvent):
            alias = TextAlias(start, end, self.anchors[event.anchor])
            self.aliases.append(alias)
            return alias
        found: TextNode
        if isinstance(event, self.yaml.ScalarEvent):
            found = self._scalar(event, start, end)
        elif isinstance(event, self.yaml.MappingStartEvent):
            found = self._mapping(TextMapping(start, end, event.flow_style))
        else:
            found = self._list(TextList(start, end, event.flow_style))
        if event.anchor is not None:
            self.anchors[event.anchor] = found
        return found

    def _scalar(self, event: Any, start: int, end: int) -> TextScalar:
        block = event.style in ("|", ">")
        content = self.text[start:end]
        if block and "+" not in content.split("\n", 1)[0].split("#", 1)[0]:
            end = start + len(content.rstrip())
        elif block and content.endswith("\n"):
            end -= 1  # the blank lines at its end are part of its value
        elif not content:  # no value: the place after the colon or the dash
            start = end = len(self.text[:end].rstrip(" \t"))
        return TextScalar(start, end, event.value, block)

    def _list(self, node: TextList) -> TextList:
        while not isinstance(event := self.next(), self.yaml.SequenceEndEvent):
            node.items.append(self.node(event))
        node.end = event.end_mark.index if node.flow else node.items[-1].end
        return node

    def _mapping(self, node: TextMapping) -> TextMapping:
        while not isinstance(event := self.next(), self.yaml.MappingEndEvent):
            key = self.node(event)
            value = self.node(self.next())
            node.pairs.append((key, value))
        if node.flow:
            node.end = event.end_mark.index
        else:
            node.end = max(node.pairs[-1][0].end, node.pairs[-1][1].end)
        return node
