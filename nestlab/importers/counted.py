"""Series of items as one item with `count`, as a person would write them.

Items form a series if they differ only in numbers in their texts, and each of these numbers is one
more than in the item before: `web1` with 10.0.0.11, `web2` with 10.0.0.12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.model.plain import Plain
from nestlab.pattern import pattern
from nestlab.topology_file.keys.count_key import MAX_COPIES, VARIABLE

_TOKEN = pattern(r"[0-9]{1,9}|[^0-9]+")
_TOKEN_OF_COUNTED = pattern(r"\{\{|\}\}|\{[^{}]*\}|[0-9]{1,9}|[^0-9{}]+")
_MAX_WIDTH = 9


class CountedText(str):
    """A text in a counted item: it has placeholders, and its other braces are doubled."""

    __slots__ = ()


@dataclass(frozen=True)
class _Number:
    """A number that grows by 1 with each copy: `offset` is added to the number of the copy."""

    offset: int
    width: int  # 0: as long as the number is

    def text(self, copy: int) -> str:
        return f"{copy + self.offset:0{self.width}d}" if self.width else str(copy + self.offset)

    def placeholder(self, variable: str) -> str:
        offset = f"{self.offset:+d}" if self.offset else ""
        width = f":0{self.width}" if self.width else ""
        return f"{{{variable}{offset}{width}}}"


@dataclass(frozen=True)
class _Parts:
    """A text in parts; `is_counted` is true if it is already a text of a counted item."""

    parts: tuple[str | _Number, ...]
    is_counted: bool

    def text(self, copy: int) -> str:
        return "".join(part if isinstance(part, str) else part.text(copy) for part in self.parts)

    def written(self, variable: str) -> CountedText:
        return CountedText("".join(self._written(part, variable) for part in self.parts))

    def _written(self, part: str | _Number, variable: str) -> str:
        if isinstance(part, _Number):
            return part.placeholder(variable)
        return part if self.is_counted else _doubled(part)


class _NoSeries(Exception):
    """Two items are not the first two of a series."""


def with_counts(
    items: Sequence[dict[str, Plain]], variable: str = VARIABLE
) -> Iterator[tuple[dict[str, Plain], int]]:
    """Yield items, a series as one item with `count`, each with the number of items it represents.

    `variable` is the name of the variable of the count.

    >>> list(with_counts([{"name": "web1", "switch": "A"}, {"name": "web2", "switch": "A"}]))
    [({'name': 'web{n}', 'count': 2, 'switch': 'A'}, 2)]
    """
    position = 0
    while position < len(items):
        series, length = _series_at(items, position)
        if series is None:
            yield items[position], 1
        else:
            count: Plain = length if variable == VARIABLE else {variable: length}
            written = _written(series, variable)
            name = {"name": written.pop("name")} if "name" in written else {}
            yield {**name, "count": count, **written}, length
        position += length


def with_repeats(items: Sequence[dict[str, Plain]]) -> Iterator[dict[str, Plain]]:
    """Yield items, consecutive equal ones as one item with `count`.

    >>> list(with_repeats([{"size": "4TB"}, {"size": "4TB"}, {"size": "1TB"}]))
    [{'size': '4TB', 'count': 2}, {'size': '1TB'}]
    """
    position = 0
    while position < len(items):
        item, length = items[position], 1
        while items[position + length : position + length + 1] == [item] and length < MAX_COPIES:
            length += 1
        yield {**_escaped(item), "count": length} if length > 1 else item
        position += length


def _series_at(items: Sequence[dict[str, Plain]], position: int) -> tuple[Any, int]:
    """Return the series that begins at a position, and its length; None and 1 if there is none."""
    pair = items[position : position + 2]
    if len(pair) < 2:  # noqa: PLR2004  # two items are the shortest series
        return None, 1
    try:
        series = _series(*pair)
    except _NoSeries:
        return None, 1
    length = 2
    following = items[position + 2 : position + MAX_COPIES]
    for number, item in enumerate(following, 3):
        if not _is_copy(series, item, number):
            break
        length += 1
    return series, length


def _series(first: Plain, second: Plain) -> Any:
    """Return what two values have in common, with `_Parts` in place of texts that differ."""
    if type(first) is not type(second):
        raise _NoSeries
    if isinstance(first, dict):
        if list(first) != list(second):
            raise _NoSeries
        return {key: _series(value, second[key]) for key, value in first.items()}
    if isinstance(first, list):
        if len(first) != len(second):
            raise _NoSeries
        return [_series(*pair) for pair in zip(first, second, strict=True)]
    if first == second:
        return first
    if isinstance(first, bool) or not isinstance(first, str | int):
        raise _NoSeries
    return _parts(first, second)


def _parts(first: str | int, second: str | int) -> _Parts:
    """Return the parts of two texts or numbers that differ in numbers only."""
    tokens = list(map(_tokens, (first, second)))
    if len(tokens[0]) != len(tokens[1]):
        raise _NoSeries
    parts = tuple(_part(*pair) for pair in zip(*tokens, strict=True))
    return _Parts(parts, isinstance(first, CountedText))


def _tokens(value: str | int) -> list[str]:
    if isinstance(value, CountedText):
        return _TOKEN_OF_COUNTED.findall(value)
    return _TOKEN.findall(str(value))


def _part(first: str, second: str) -> str | _Number:
    if first == second:
        return first
    numbers = first.isdecimal() and second.isdecimal() and first.isascii() and second.isascii()
    if not numbers or int(second) != int(first) + 1:
        raise _NoSeries
    padded = first.startswith("0") and len(first) > 1
    width = len(first) if padded else 0
    found = _Number(int(first) - 1, width)
    if width > _MAX_WIDTH or found.text(2) != second:
        raise _NoSeries
    return found


def _is_copy(series: Any, item: Plain, copy: int) -> bool:
    """Whether an item is the copy with the number `copy` of a series."""
    if isinstance(series, _Parts):
        return isinstance(item, str | int) and series.text(copy) == str(item)
    if isinstance(series, dict):
        return (
            isinstance(item, dict)
            and list(series) == list(item)
            and all(_is_copy(value, item[key], copy) for key, value in series.items())
        )
    if isinstance(series, list):
        return (
            isinstance(item, list)
            and len(series) == len(item)
            and all(_is_copy(*pair, copy) for pair in zip(series, item, strict=True))
        )
    return bool(series == item)


def _written(series: Any, variable: str) -> Any:
    """Return a series as the counted item of the file."""
    if isinstance(series, _Parts):
        return series.written(variable)
    if isinstance(series, str):
        return _escaped(series)
    return _each(series, lambda value: _written(value, variable))


def _escaped(value: Plain) -> Plain:
    """Return plain data whose texts mean the same inside of a counted item."""
    if isinstance(value, CountedText):
        return value
    if isinstance(value, str):
        return CountedText(_doubled(value))
    return _each(value, _escaped)


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _each(value: Plain, change: Callable[[Any], Any]) -> Plain:
    if isinstance(value, dict):
        return {key: change(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [change(inner) for inner in value]
    return value
