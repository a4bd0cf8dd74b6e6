"""Plain data as YAML text: short mappings on one line, VMs in blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from nestlab.model.plain import Plain
from nestlab.pattern import pattern

LINE_WIDTH = 120
_ALWAYS_BLOCK = ("vms", "nested")

# Texts that no YAML reader, of version 1.1 or 1.2, mistakes for a number, a date or a Boolean.
_WORD = pattern(r"[^\W\d][\w./()+-]*(?: [\w./()+-]+)*")
_SENTENCE = pattern(r"[^\W\d](?:[\w./()+,;'!?-]|:(?=\S)|(?<=\S) (?=[\w(]))*(?<!:)")
_NUMBERED = pattern(
    r"\d{1,4}-\d{1,4}|\d+[KMGTP]?B|\d+(?:\.\d+){3}(?:[/:-][\d.]+)?|(?:[0-9A-F]{2}-){5}[0-9A-F]{2}"
)
_SPECIAL = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_ESCAPES = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def render(data: Mapping[str, Plain]) -> str:
    """Return a mapping as a YAML document.

    >>> print(render({"name": "lab", "vms": [{"name": "no", "disk": {"size": "40GB"}}]}), end="")
    name: lab
    vms:
      - name: 'no'
        disk: {size: 40GB}
    """
    return "\n".join(block_lines(data, 0)) + "\n"


def scalar(value: bool | int | str | None, *, flow: bool) -> str:  # noqa: FBT001  # a value of the file, not a switch of this function
    """Return one value as text, quoted where a YAML reader could read the text as another type."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else plain_or_quoted(value, flow=flow)


@lru_cache(maxsize=4096)  # keys, and many values, are the same in each VM
def is_plain(text: str, *, flow: bool) -> bool:
    """Whether a string needs no quotes."""
    if text.lower() in _SPECIAL:
        return False
    return bool(
        _WORD.fullmatch(text)
        or _NUMBERED.fullmatch(text)
        or (not flow and _SENTENCE.fullmatch(text))
    )


def plain_or_quoted(text: str, *, flow: bool) -> str:
    """Return a string, in quotes where it needs them; `flow` is true in brackets and braces."""
    if is_plain(text, flow=flow):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    return (
        '"'
        + "".join(
            _ESCAPES.get(char, char if char.isprintable() else _escape(char)) for char in text
        )
        + '"'
    )


def _escape(char: str) -> str:
    return f"\\U{ord(char):08X}"


def is_shallow(value: Plain) -> bool:
    """Whether a mapping may be on one line: strings, lists of strings, and mappings of these."""
    return all(
        not isinstance(item, list | dict)
        or (isinstance(item, list) and not any(isinstance(part, dict | list) for part in item))
        or _is_small(item)
        for item in value.values()
    )


def _is_small(item: Plain) -> bool:
    return isinstance(item, dict) and all(
        not isinstance(part, dict) and not _has_mappings(part) for part in item.values()
    )


def _has_mappings(part: Plain) -> bool:
    return isinstance(part, list) and any(isinstance(entry, dict) for entry in part)


def flow_text(value: Plain) -> str:
    """Return a value on one line, mappings in braces and lists in brackets."""
    if isinstance(value, dict):
        pairs = (
            f"{plain_or_quoted(key, flow=True)}: {flow_text(item)}" for key, item in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow_text(item) for item in value) + "]"
    return scalar(value, flow=True)


def block_lines(data: Mapping[str, Plain], indent: int) -> Iterator[str]:
    """Yield the entries of a mapping as lines that begin with `indent` spaces."""
    space = " " * indent
    for name, value in data.items():
        key = plain_or_quoted(name, flow=False)
        if not isinstance(value, dict | list):
            yield f"{space}{key}: {scalar(value, flow=False)}"
        elif isinstance(value, list):
            yield from _list(key, value, indent)
        elif not value or (key not in _ALWAYS_BLOCK and is_shallow(value)):
            yield f"{space}{key}: {flow_text(value)}"
        else:
            yield f"{space}{key}:"
            yield from block_lines(value, indent + 2)


def _list(key: str, value: list[Plain], indent: int) -> Iterator[str]:
    space = " " * indent
    if not _has_mappings(value):
        yield f"{space}{key}: {flow_text(value)}"
        return
    yield f"{space}{key}:"
    for item in value:
        yield from item_lines(key, item, indent + 2)


def item_lines(key: str, item: Plain, indent: int) -> Iterator[str]:
    """Yield an item of the list under `key` as lines with `indent` spaces and a dash."""
    space = " " * indent
    if not isinstance(item, dict):
        yield f"{space}- {scalar(item, flow=False)}"
        return
    line = f"{space}- {flow_text(item)}"
    if fits_on_a_line(key, item, line):
        yield line
        return
    lines = list(block_lines(item, indent + 2))
    yield f"{space}- {lines[0].lstrip(' ')}"
    yield from lines[1:]


def fits_on_a_line(key: str, item: Plain, line: str) -> bool:
    """Whether an item of the list under `key` is written on one line."""
    return key not in _ALWAYS_BLOCK and len(line) <= LINE_WIDTH and is_shallow(item)
