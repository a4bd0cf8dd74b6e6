"""Parse YAML text into nodes with their positions, within size limits.

The nodes are composed here from the parser's events: no tag is resolved (the text stays what was
typed), and depth and size are bounded before anything recurses. The `weight` of a node is the
number of nodes in it, with itself; an alias counts as the nodes it refers to.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nestlab.dataclass import dataclass, field
from nestlab.texts import tr
from nestlab.topology_file.syntax_problems import problem_text, syntax_hint

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 100  # each level of nested VMs takes three
MAX_NODES = 500_000  # with every alias counted as the nodes it refers to
MAX_CHARACTERS = 16 << 20

NULL_WORDS = ("~", "null", "Null", "NULL")
"""The words that are null in YAML 1.1 and 1.2, without quotes; an empty text is null as well."""
_STANDARD_TAGS = {
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")
}


class NotYaml(Exception):
    """The text is not readable YAML; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.line, self.column, self.hint = line, column, hint


@dataclass(slots=True)
class ScalarNode:
    """A scalar; `plain` where it was written without quotes."""

    line: int
    column: int
    text: str
    plain: bool
    weight: int = 1


@dataclass(slots=True)
class ListNode:
    """A sequence."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    weight: int = 1


@dataclass(slots=True)
class MappingNode:
    """A mapping: key and value nodes in order; `merged` are from ``<<``, with lower precedence."""

    line: int
    column: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    merged: list[tuple[Node, Node]] = field(default_factory=list)
    weight: int = 1


Node = ScalarNode | ListNode | MappingNode
NodePlace = tuple[type, int, int]


def place_of(node: Node) -> NodePlace:
    """Return type, line and column: a mapping and its first key may have the same position."""
    return type(node), node.line, node.column


def compose(text: str) -> Node | None:
    """Compose the one document of a text; None if it is empty. Raises `NotYaml`."""
    if len(text) > MAX_CHARACTERS:
        message = tr(
            "the file has {count:,} characters; at most {limit:,} are read",
            count=len(text),
            limit=MAX_CHARACTERS,
        )
        raise NotYaml(message, 1, 1)
    yaml = yaml_module()
    try:
        return _document(yaml, yaml_loader(yaml)(text))
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(text, error) from error
    except yaml.reader.ReaderError as error:
        raise _character_error(text, error) from error


@cache
def yaml_module() -> ModuleType:
    """Return PyYAML, imported when the first file is read."""
    import yaml  # noqa: PLC0415  # `import nestlab` loads no YAML
    import yaml.reader  # noqa: PLC0415

    return yaml


@cache
def yaml_loader(yaml: ModuleType) -> Any:
    """Return PyYAML's loader that resolves no types, the compiled one if it is available."""
    return yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


def _document(yaml: ModuleType, loader: Any) -> Node | None:
    loader.get_event()  # StreamStart
    if loader.check_event(yaml.StreamEndEvent):
        return None
    loader.get_event()  # DocumentStart
    node = _NodeComposer(yaml, loader).node(loader.get_event(), 0)
    loader.get_event()  # DocumentEnd
    after = loader.get_event()
    if not isinstance(after, yaml.StreamEndEvent):
        line, column = _place(after.start_mark)
        message = tr("a second document begins here; a topology file has one")
        raise NotYaml(
            message,
            line,
            column,
            tr("Remove the line '---', or put the second topology into its own file."),
        )
    return node


class _NodeComposer:
    """Builds nodes from events; recursion ends at MAX_DEPTH."""

    def __init__(self, yaml: ModuleType, loader: Any) -> None:
        self.scalar, self.alias = yaml.ScalarEvent, yaml.AliasEvent
        self.mapping, self.mapping_end = yaml.MappingStartEvent, yaml.MappingEndEvent
        self.list_end = yaml.SequenceEndEvent
        self.next = loader.get_event
        self.anchors: dict[str, Node] = {}

    def node(self, event: Any, depth: int) -> Node:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        kind = type(event)
        if kind is self.scalar and event.tag is None and event.anchor is None:
            return ScalarNode(line, column, event.value, not event.style)
        if kind is self.alias:
            return self._alias(event, line, column)
        if event.tag is not None and event.tag not in _STANDARD_TAGS and event.tag != "!":
            message = tr("the tag {tag!r} is not supported here", tag=event.tag)
            raise NotYaml(
                message,
                line,
                column,
                tr("Remove the word that begins with '!', or quote the text."),
            )
        if kind is self.scalar:
            found: Node = ScalarNode(line, column, event.value, not event.style)
        else:
            if depth >= MAX_DEPTH:
                message = tr(
                    "lists and mappings are nested more than {limit} deep", limit=MAX_DEPTH
                )
                raise NotYaml(message, line, column)
            found = (
                self._mapping(line, column, depth)
                if kind is self.mapping
                else self._list(line, column, depth)
            )
            if found.weight > MAX_NODES:
                message = tr(
                    "more than {limit:,} values, with every alias written out", limit=MAX_NODES
                )
                raise NotYaml(message, line, column)
        if event.anchor is not None:
            self.anchors[event.anchor] = found
        return found

    def _alias(self, event: Any, line: int, column: int) -> Node:
        if event.anchor not in self.anchors:
            message = tr(
                "the alias *{anchor} refers to an anchor that is not defined before it",
                anchor=event.anchor,
            )
            raise NotYaml(
                message,
                line,
                column,
                tr(
                    "Write &{anchor} at the value it refers to, further up in the file.",
                    anchor=event.anchor,
                ),
            )
        return self.anchors[event.anchor]

    def _list(self, line: int, column: int, depth: int) -> ListNode:
        node = ListNode(line, column)
        end = self.list_end
        while type(event := self.next()) is not end:
            item = self.node(event, depth + 1)
            node.items.append(item)
            node.weight += item.weight
        return node

    def _mapping(self, line: int, column: int, depth: int) -> MappingNode:
        node = MappingNode(line, column)
        end = self.mapping_end
        while type(event := self.next()) is not end:
            key = self.node(event, depth + 1)
            value = self.node(self.next(), depth + 1)
            node.weight += key.weight + value.weight
            if isinstance(key, ScalarNode) and key.plain and key.text == "<<":
                node.merged.extend(_merged(value, key))
            else:
                node.pairs.append((key, value))
        return node


def _merged(value: Node, key: Node) -> Iterator[tuple[Node, Node]]:
    parts = value.items if isinstance(value, ListNode) else [value]
    for part in parts:
        if not isinstance(part, MappingNode):
            message = tr("'<<' merges a mapping, or a list of mappings")
            raise NotYaml(
                message,
                key.line,
                key.column,
                tr("Write it as '<<: *name' where &name marks a mapping."),
            )
        yield from part.pairs
        yield from part.merged


def _place(mark: yaml.Mark | None) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _syntax_error(text: str, error: yaml.MarkedYAMLError) -> NotYaml:
    line, column = _place(error.problem_mark or error.context_mark)
    lines = text.split("\n")[line - 1 : line]
    if lines and lines[0][column - 1 : column] == "\t":
        return NotYaml(
            tr("a tab indents this line"),
            line,
            column,
            tr("YAML is indented with spaces; replace the tab."),
        )
    problem = error.problem or tr("this is not YAML")
    context, mark = error.context or "", error.context_mark
    hint = syntax_hint(lines[0], column, problem) if lines else ""
    begins = _place(mark)[0] if mark else 0
    return NotYaml(problem_text(problem, context, begins), line, column, hint)


def _character_error(text: str, error: Any) -> NotYaml:
    # The position in the error is in bytes of UTF-8 with libyaml, and in characters with the Python
    # reader, so the character is searched for.
    code = error.character if isinstance(error.character, int) else ord(error.character[:1] or "\0")
    position = max(text.find(chr(code)), 0) if code < 0x110000 else 0  # noqa: PLR2004  # the end of Unicode
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return NotYaml(
        tr("the character U+{code:04X} is not allowed in YAML", code=code),
        line,
        column,
        tr("Remove it, or write it as an escape in double quotes."),
    )
