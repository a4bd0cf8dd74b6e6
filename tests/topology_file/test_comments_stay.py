"""A change of a file leaves every line alone that it does not concern, with its comments.

The files are written in random styles; what is expected of each line is worked out here from the
values that begin in it, not with the code under test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import yaml
from hypothesis import given
from hypothesis import strategies as st

from nestlab.model.plain import Plain
from nestlab.topology_file import dumps, loads
from tests.lab.edits import EDITS, small_topologies
from tests.strategies import topologies
from tests.topology_file.commented_files import CommentedWriter


def reverse_vms(topology, draw):
    return replace(topology, vms=topology.vms[::-1])


def rename_first_vm(topology, draw):
    vms = topology.vms
    return replace(topology, vms=(replace(vms[0], name="new"), *vms[1:])) if vms else topology


styles = st.builds(
    CommentedWriter,
    st.integers(0, 1 << 30).map(Random),
    anchors=st.booleans(),
    newline=st.sampled_from(["\n", "\r\n"]),
)


@st.composite
def edited_files(draw):
    """The text of a file, the topology that it means, and one that it is to mean."""
    topology = draw(small_topologies())
    writer = draw(styles)
    changed = topology
    choices = st.sampled_from([*EDITS, reverse_vms, rename_first_vm])
    for edit in draw(st.lists(choices, min_size=1, max_size=3)):
        changed = edit(changed, draw)
    return writer.document(topology.to_dict()), topology, changed


@given(edited_files())
def test_untouched_lines_stay_with_their_comments(case):
    text, topology, changed = case
    read = loads(text)
    assert read == topology
    saved = dumps(replace(changed, origin=read.origin))
    assert loads(saved) == changed
    check_lines(text, saved, changed.to_dict())


@given(topologies, styles, topologies)
def test_any_topology_is_written_over_any_file(topology, writer, other):
    read = loads("# of the file\n" + writer.document(topology.to_dict()))
    assert read == topology
    saved = dumps(replace(other, origin=read.origin))
    assert loads(saved) == other
    assert "# of the file" in saved, "the whole file was rewritten"


def test_an_item_in_brackets_moves_with_its_comments():
    text = """\
name: lab
vms: [
  # the first
  {name: web1, processor_count: 2},  # web
  # the second
  {name: db1},  # database
  {name: cache1}  # cache
]
"""
    read = loads(text)
    assert (
        dumps(replace(read, vms=read.vms[::-1]))
        == """\
name: lab
vms: [
  {name: cache1},  # cache
  # the second
  {name: db1},  # database
  # the first
  {name: web1, processor_count: 2},  # web
]
"""
    )


def test_an_item_that_moves_into_a_line_keeps_its_comments():
    text = """\
name: lab
vms: [{name: web1}, {name: db1},
  # fast
  {name: cache1},  # cache
]
"""
    read = loads(text)
    web, database, cache = read.vms
    for order in ((cache, web, database), (web, cache, database)):
        saved = dumps(replace(read, vms=order))
        assert loads(saved).vms == order
        assert "  # fast\n" in saved
        assert "{name: cache1},  # cache\n" in saved or "{name: cache1}  # cache\n" in saved


# -- what is expected of each line


def check_lines(text: str, saved: str, new: Plain) -> None:
    old_lines, new_lines = text.splitlines(), [plain_line(line) for line in saved.splitlines()]
    status = Lines(text, new)
    kept = [number for number in range(len(old_lines)) if status.is_untouched(number)]
    position = -1
    for number in kept:
        line = plain_line(old_lines[number])
        block = [*map(plain_line, comments_above(old_lines, number)), line]
        after = find(new_lines, block, 0 if status.reordered else position + 1)
        assert after is not None, f"{old_lines[number]!r} in {saved}"
        position = after + len(block) - 1
    for comment in status.comments_that_stay():
        assert any(comment in line for line in new_lines), f"{comment!r} in {saved}"


def plain_line(line: str) -> str:
    """A line without the dash of an item, which another key of the item can get."""
    spaces = len(line) - len(line.lstrip(" "))
    return line[:spaces] + " " + line[spaces + 1 :] if line[spaces:].startswith("- ") else line


def comments_above(lines: list[str], number: int) -> list[str]:
    start = number
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    return lines[start:number]


def find(lines: list[str], block: list[str], start: int) -> int | None:
    places = range(start, len(lines) - len(block) + 1)
    return next((n for n in places if lines[n : n + len(block)] == block), None)


class Lines:
    """What begins in each line of a text, and whether it is the same in the new data."""

    def __init__(self, text: str, new: Plain) -> None:
        self.lines = text.splitlines()
        self.touched: set[int] = set()
        self.there: dict[int, bool] = {}  # whether the key or item that begins a line stays
        self.reordered = False
        self.moved: set[int] = set()  # where an item ends that can have moved between brackets
        self._mapping(yaml.compose(text, yaml.CBaseLoader), new)
        self.touched |= {n for n, line in enumerate(self.lines) if re.search(r"[:,-] [*]a\d", line)}

    def is_untouched(self, number: int) -> bool:
        return number in self.there and number not in self.touched

    def comments_that_stay(self) -> Iterator[str]:
        for number, there in self.there.items():
            if there:
                yield from (line.strip() for line in comments_above(self.lines, number))
        for number in self.moved:
            yield from re.findall(r"# [^#]*no\. \d+;$", self.lines[number])

    def _note(self, start: int, end: int, *, there: bool, same: bool) -> None:
        self.there.setdefault(start, there)
        if not same:
            self.touched |= set(range(start, end + 1))

    def _value(self, node, new: Plain, start: int) -> None:
        """Visit a value whose key or dash is in the line `start`; not through an alias."""
        if node.start_mark.line < start:
            self._note(start, start, there=True, same=False)
        elif isinstance(node, yaml.MappingNode) and isinstance(new, dict):
            self._mapping(node, new, start)
        elif isinstance(node, yaml.SequenceNode) and isinstance(new, list):
            self._list(node, new, start)
        else:
            self._note(start, last_line(node), there=True, same=data(node) == texts(new))

    def _mapping(self, node, new: Plain, start: int = 0) -> None:
        names = [key.value for key, _ in node.value]
        if not any(name in new or name == "<<" or name.startswith("x-") for name in names):
            self._note(start, last_line(node), there=True, same=False)
            return
        self._brackets(node, new, start, changed=set(names) != set(new))
        for key, value in node.value:
            line = key.start_mark.line
            if key.value.startswith("x-"):
                self._note(line, last_line(value), there=True, same=True)
            elif key.value in new:
                self.there.setdefault(line, True)
                self._value(value, new[key.value], line)
            else:
                self._note(line, last_line(value), there=key.value == "<<", same=False)

    def _list(self, node, new: Plain, start: int) -> None:
        pairs = same_items([data(item) for item in node.value], texts(new))
        moved = sorted(pairs.values()) != list(pairs.values())
        self.reordered |= moved
        if not pairs:
            self._note(start, last_line(node), there=True, same=False)
            return
        self._brackets(node, new, start, changed=[*pairs] != [*range(len(new))])
        for number, item in enumerate(node.value):
            line = item.start_mark.line
            if item.start_mark.index < node.start_mark.index:
                continue  # an alias
            if number in pairs:
                self.there.setdefault(line, True)
                self._value(item, new[pairs[number]], line)
                if moved and node.flow_style:
                    self._note_moved(line, last_line(item))
            else:
                self._note(line, last_line(item), there=False, same=False)

    def _note_moved(self, start: int, end: int) -> None:
        """Note an item in brackets that can move: its comma can change, its comment stays."""
        self.touched |= set(range(start, end + 1))
        self.moved.add(end)

    def _brackets(self, node, new: Plain, start: int, *, changed: bool) -> None:
        """Note where a bracket is, and where the last comma can come and go."""
        if node.flow_style and data(node) != texts(new):
            self._note(start, node.start_mark.line, there=True, same=False)
            self.touched.add(node.end_mark.line)
            if changed:
                self.touched |= {last_line(entry_value(entry)) for entry in node.value}


def entry_value(entry):
    return entry[1] if isinstance(entry, tuple) else entry


def last_line(node) -> int:
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return node.end_mark.line - (node.end_mark.column == 0)
    inner = (last_line(entry_value(entry)) for entry in node.value)
    return max(node.start_mark.line, *inner)  # an alias ends where its anchor does, further up


def data(node) -> Plain:
    """The texts of a node, with what is merged into it."""
    if isinstance(node, yaml.SequenceNode):
        return [data(item) for item in node.value]
    if isinstance(node, yaml.ScalarNode):
        return node.value
    merged = [data(value) for key, value in node.value if key.value == "<<"]
    own = {k.value: data(v) for k, v in node.value if k.value != "<<" and k.value[:2] != "x-"}
    return {**(merged[0] if merged else {}), **own}


def texts(new: Plain) -> Plain:
    """Plain data with texts only."""
    if isinstance(new, dict):
        return {name: texts(value) for name, value in new.items()}
    if isinstance(new, list):
        return [texts(item) for item in new]
    return str(new).lower() if isinstance(new, bool) else str(new)


def same_items(old: list[Plain], new: list[Plain]) -> dict[int, int]:
    """The number of the new item for that of each old one: the same name, or renamed in place."""
    names = [item["name"] if isinstance(item, dict) and "name" in item else item for item in new]
    pairs: dict[int, int] = {}
    for number, item in enumerate(old):
        name = item["name"] if isinstance(item, dict) and "name" in item else item
        found = [n for n, other in enumerate(names) if other == name and n not in pairs.values()]
        if found:
            pairs[number] = found[0]
    for number in range(min(len(old), len(new))):
        if number not in pairs and number not in pairs.values():
            pairs[number] = number
    return dict(sorted(pairs.items()))
