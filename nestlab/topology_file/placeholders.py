"""Placeholders in the texts of a counted item: ``{n}``, ``{seat+10}``, ``{seat:02}``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nestlab.model.plain import Plain
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue

NAME = pattern(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
"""What the variable of a count can be called."""
_PART = pattern(r"\{\{|\}\}|\{([^{}]*)\}|\{")
_PLACEHOLDER = pattern(
    rf"(?P<name>{NAME.pattern})(?:(?P<sign>[+-])(?P<number>[0-9]{{1,9}}))?(?::0(?P<width>[1-9]))?"
)


def has_placeholders(text: str) -> bool:
    """Whether anything in a text would be replaced."""
    return "{" in text or "}}" in text


def escaped(value: Plain) -> Plain:
    """Return plain data whose texts mean the same inside of a counted item.

    >>> escaped({"notes": "{n}", "processor_count": 2})
    {'notes': '{{n}}', 'processor_count': 2}
    """
    if isinstance(value, dict):
        return {name: escaped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [escaped(inner) for inner in value]
    return value.replace("{", "{{").replace("}", "}}") if isinstance(value, str) else value


def filled(text: str, variables: Mapping[str, int]) -> str:
    """Return a text with its placeholders replaced; doubled braces stand for one.

    Raises:
        InvalidValue: a variable is not defined, or braces contain something else.

    >>> filled("s{seat:02} has 10.{seat}.0.{n+10} {{x}}", {"seat": 3, "n": 1})
    's03 has 10.3.0.11 {x}'
    """
    return _PART.sub(lambda part: _replaced(part, variables), text)


def _replaced(part: re.Match[str], variables: Mapping[str, int]) -> str:
    if part[0] in ("{{", "}}"):
        return part[0][0]
    found = _PLACEHOLDER.fullmatch(part[1] or "")
    if found is None:
        name = next(iter(variables))
        message = tr("has {part!r}, which is not a placeholder", part=part[0][:80])
        hint = tr(
            "Write {{{name}}}, {{{name}+10}} or {{{name}:02}}; '{{{{' stands for one brace.",
            name=name,
        )
        raise InvalidValue(message, hint=hint)
    if found["name"] not in variables:
        raise _unknown(found["name"], variables)
    number = int(f"{found['sign'] or '+'}{found['number'] or 0}")
    value = variables[found["name"]] + number
    return f"{value:0{found['width'] or 0}d}"


def _unknown(name: str, variables: Mapping[str, int]) -> InvalidValue:
    from difflib import get_close_matches  # noqa: PLC0415  # only errors need it

    near = get_close_matches(name, variables, n=1, cutoff=0.5)
    guess = f"{tr('Did you mean {word}?', word=f'{{{near[0]}}}')} " if near else ""
    known = ", ".join(f"{{{variable}}}" for variable in variables)
    return InvalidValue(
        tr("has the variable {{{name}}}, which no enclosing count defines", name=name),
        hint=guess + tr("Variables here: {names}; '{{{{' stands for one brace.", names=known),
    )
