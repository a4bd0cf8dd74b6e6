"""Files as people write them: any style, comments everywhere, anchors, aliases and merge keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

from nestlab.model.plain import Plain
from nestlab.topology_file.writing import plain_or_quoted, scalar


class CommentedWriter:
    """Writes plain data in a random style; every comment has a number of its own."""

    def __init__(self, random: Random, *, anchors: bool = False, newline: str = "\n") -> None:
        self.random = random
        self.newline = newline
        self.anchors = anchors
        self.known: dict[str, tuple[str, Plain]] = {}
        self.comments = self.names = 0

    def document(self, data: Plain) -> str:
        lines: list[str] = []
        if self._chance(0.3):
            lines += [f"---{self._behind()}"]
        if self._chance(0.5):
            lines += [self._comment(), ""]
        if self._chance(0.2):
            lines += [f"x-shared: {{a: [1, 2], b: *}}{self._behind()}".replace("*", "text")]
        lines += self._mapping(data, 0, top=True)
        if self._chance(0.3):
            lines += ["", self._comment()]
        text = self.newline.join(lines)
        return text if self._chance(0.3) and not lines[-1].endswith("|") else text + self.newline

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _comment(self) -> str:
        self.comments += 1
        return f"# {self.random.choice(['- a: ', 'x, ', '{', 'its ', ''])}no. {self.comments};"

    def _behind(self) -> str:
        """A comment at the end of a line, or nothing."""
        if self._chance(0.35):
            return self.random.choice(["  ", " ", "\t", "      "]) + self._comment()
        return self.random.choice(["", "", "", "  "])

    def _above(self, indent: int) -> Iterator[str]:
        if self._chance(0.15):
            yield ""
        if self._chance(0.08):
            yield " " * indent + self._comment()
            yield ""
        for _ in range(self.random.choice([0, 0, 0, 1, 2])):
            yield " " * self.random.choice([indent, indent, 0]) + self._comment()

    def _mapping(self, data: Plain, indent: int, *, key: str = "", top: bool = False) -> list[str]:
        lines: list[str] = []
        data = dict(data)
        merged = self._merge(data, key)
        if merged:
            lines += [*self._above(indent), f"{' ' * indent}<<: *{merged}{self._behind()}"]
        if self._chance(0.08) and not top and key != "images":
            lines += [*self._above(indent), f"{' ' * indent}x-own: [1, {{b: c}}]{self._behind()}"]
        for name, value in data.items():
            if not top or name != next(iter(data)):
                lines += self._above(indent)
            lines += self._entry(name, value, indent)
        return lines

    def _merge(self, data: Plain, key: str) -> str:
        for anchor, (where, known) in self.known.items():
            same = where == key and isinstance(known, dict) and known.keys() <= data.keys()
            if same and any(data[name] == known[name] for name in known):
                for name in known:
                    if data[name] == known[name] and len(data) > 1:
                        del data[name]
                return anchor
        return ""

    def _property(self, key: str, value: Plain) -> tuple[str, str]:
        """An anchor to write in front of a value, or the alias to write in its place."""
        if not self.anchors:
            return "", ""
        text = json.dumps(value, sort_keys=True)
        for anchor, (where, known) in self.known.items():
            if where == key and json.dumps(known, sort_keys=True) == text:
                return "", f"*{anchor}"
        if self._chance(0.4):
            self.names += 1
            return f"&a{self.names} ", ""
        return "", ""

    def _entry(self, name: str, value: Plain, indent: int) -> list[str]:
        head = f"{' ' * indent}{plain_or_quoted(name, flow=False)}:"
        anchor, alias = self._property(name, value)
        if alias:
            return [f"{head} {alias}{self._behind()}"]
        lines = self._value(head, name, value, indent, anchor)
        if anchor:
            self.known[anchor[1:-1]] = (name, value)
        return lines

    def _value(self, head: str, name: str, value: Plain, indent: int, anchor: str) -> list[str]:
        if isinstance(value, dict | list) and value and self._chance(0.7):
            inside = indent + self.random.choice([2, 2, 4])
            head = f"{head} {anchor}".rstrip() + self._behind()
            if isinstance(value, dict):
                return [head, *self._mapping(value, inside, key=name)]
            return [head, *self._list(value, self.random.choice([inside, indent]), name)]
        if isinstance(value, dict | list):
            return self._flow(f"{head} {anchor}", value, indent)
        if isinstance(value, str) and self._is_sentence(value) and self._chance(0.3):
            lines = [" " * (indent + 2) + line for line in value.split("\n")]
            return [f"{head} {anchor}|-{self._behind()}", *lines]
        return [f"{head} {anchor}{self._scalar(value, flow=False)}{self._behind()}"]

    def _is_sentence(self, value: str) -> bool:
        lines = value.split("\n")
        return value.isprintable() is False and all(
            line and line.isprintable() and not line.startswith((" ", "\t")) for line in lines
        )

    def _scalar(self, value: Plain, *, flow: bool) -> str:
        if isinstance(value, str) and value.isascii() and self._chance(0.2):
            return json.dumps(value)
        return scalar(value, flow=flow)

    def _list(self, items: list[Plain], indent: int, key: str) -> list[str]:
        lines: list[str] = []
        for item in items:
            lines += [*self._above(indent), *self._item(item, indent, key)]
        return lines

    def _item(self, item: Plain, indent: int, key: str) -> list[str]:
        head = f"{' ' * indent}-"
        anchor, alias = self._property(f"{key}[]", item)
        if alias:
            return [f"{head} {alias}{self._behind()}"]
        if isinstance(item, dict) and item and self._chance(0.75):
            lines = self._mapping(item, indent + 2, key=f"{key}[]")
            while not lines[0].strip():
                del lines[0]
            if anchor or lines[0].lstrip().startswith("#") or self._chance(0.1):
                lines = [f"{head} {anchor}".rstrip() + self._behind().expandtabs(2), *lines]
            else:
                lines[0] = f"{head} {lines[0].lstrip()}"
        elif isinstance(item, dict):
            lines = self._flow(f"{head} {anchor}", item, indent)
        else:
            lines = [f"{head} {anchor}{self._scalar(item, flow=False)}{self._behind()}"]
        if anchor:
            self.known[anchor[1:-1]] = (f"{key}[]", item)
        return lines

    def _flow(self, head: str, value: Plain, indent: int) -> list[str]:
        entries = self._flow_entries(value)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if not entries or self._chance(0.5):
            return [f"{head.rstrip()} {opening}{', '.join(entries)}{closing}{self._behind()}"]
        pad = " " * (indent + 4)
        last = self.random.choice(["", ","])
        lines = [f"{head.rstrip()} {opening}{self._behind()}"]
        if self._chance(0.3):
            lines = [
                f"{head.rstrip()} {opening}{entries.pop(0)}{',' if entries else last}{self._behind()}"
            ]
        for number, entry in enumerate(entries):
            comma = "," if number < len(entries) - 1 else last
            if self._chance(0.2):
                lines.append(pad + self._comment())
            lines.append(f"{pad}{entry}{comma}{self._behind()}")
        return [*lines, f"{pad}{closing}{self._behind()}"]

    def _flow_entries(self, value: Plain) -> list[str]:
        if isinstance(value, dict):
            return [
                f"{plain_or_quoted(name, flow=True)}: {self._flow_value(item)}"
                for name, item in value.items()
            ]
        return [self._flow_value(item) for item in value]

    def _flow_value(self, value: Plain) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(self._flow_entries(value)) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self._flow_entries(value)) + "]"
        return self._scalar(value, flow=True)
