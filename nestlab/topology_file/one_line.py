"""Values of the topology file on one line of a form: writing and reading.

Lists are separated by commas, mappings have templates (`nestlab.topology_file.key_types.OneLine`).
"""

from __future__ import annotations

import re
from functools import cache
from string import Formatter
from typing import Any

from nestlab.model.plain import Declared, plain
from nestlab.texts import tr, translate
from nestlab.topology_file.key_types import (
    InvalidValue,
    Kind,
    ListOf,
    MapOf,
    OneLine,
    Scalar,
    Shape,
)
from nestlab.topology_file.scalars import NON_EMPTY_TEXT


def text_of(value: Any, kind: Kind) -> str:
    """Return a value on one line; None is an empty string.

    >>> from nestlab.model.topology import Vlan
    >>> from nestlab.topology_file.keys import VLAN
    >>> text_of(Vlan(trunk=(10, 20), native=1), VLAN), text_of(None, VLAN)
    ('10,20 native 1', '')
    >>> text_of(Vlan(trunk=(range(1, 11), 30), native=0), VLAN)
    '1-10,30 native 0'
    """
    if value is None:
        return ""
    if isinstance(kind, ListOf):
        return ", ".join(text_of(item, kind.item) for item in value)
    if isinstance(value, Declared) and isinstance(kind, Shape):
        return _filled(kind, value.to_dict())
    written = plain(value)
    return str(written)


def value_of(text: str, kind: Kind) -> Any:
    """Parse a value that `text_of` or a user wrote on one line.

    >>> from nestlab.topology_file.keys import VLAN
    >>> value_of("10 20 native 1", VLAN)
    Vlan(access=None, trunk=(10, 20), native=1)

    Raises:
        InvalidValue: the text is not such a value.
    """
    if isinstance(kind, Scalar):
        return kind.parse(text)
    if isinstance(kind, MapOf):
        message = "mappings with free keys are not written on one line"  # not shown
        raise TypeError(message)
    if isinstance(kind, ListOf):
        items = (part.strip() for part in text.split(","))
        return tuple(value_of(item, kind.item) for item in items if item)
    return _mapping(text, kind)


def _line(shape: Shape) -> OneLine:
    if shape.line is None:
        message = f"{shape.noun} is not written on one line"  # not shown
        raise TypeError(message)
    return shape.line


def _filled(shape: Shape, data: dict[str, Any]) -> str:
    """Return the template of a shape with the most of these keys, filled in."""
    line = _line(shape)
    known = [(template, _names(template)) for template in line.templates]
    fitting = [pair for pair in known if pair[1] <= data.keys()]
    template, names = max(fitting or known, key=lambda pair: len(pair[1]))
    texts = {
        name: _filled_part(data.get(name, ""), shape.by_name[name].value_kind) for name in names
    }
    return template.format(**texts)


def _filled_part(value: Any, kind: Kind) -> str:
    if isinstance(kind, ListOf) and isinstance(value, list):
        return ",".join(_filled_part(item, kind.item) for item in value)
    return _filled(kind, value) if isinstance(kind, Shape) else str(value)


def _names(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def _mapping(text: str, shape: Shape) -> Any:
    line = _line(shape)
    for template in line.templates:
        found = _pattern(template, shape).fullmatch(text.strip())
        if found:
            values = {
                name: _part(part, shape.by_name[name].value_kind)
                for name, part in found.groupdict().items()
            }
            problem = shape.problem(values)
            if problem:
                raise InvalidValue(problem)
            return shape.make(values)
    example = translate(line.example)
    message = tr("must be written like {example}, not {value!r}", example=example, value=text)
    raise InvalidValue(message, hint=tr("Write {value}.", value=example))


def _part(text: str, kind: Kind) -> Any:
    if isinstance(kind, ListOf):
        return tuple(value_of(item, kind.item) for item in re.split(r"[,\s]+", text))
    return value_of(text, kind)


@cache
def _pattern(template: str, shape: Shape) -> re.Pattern[str]:
    expression = ""
    for literal, name, _, _ in Formatter().parse(template):
        expression += r"\s+".join(re.escape(word) for word in re.split(r"\s+", literal))
        if name:
            kind = shape.by_name[name].value_kind
            one = r"[^\s,][^,]*?" if kind == NON_EMPTY_TEXT else r"[^\s,]+"
            many = isinstance(kind, ListOf)
            expression += f"(?P<{name}>{one}(?:[,\\s]+{one})*)" if many else f"(?P<{name}>{one})"
    return re.compile(expression, re.IGNORECASE)
