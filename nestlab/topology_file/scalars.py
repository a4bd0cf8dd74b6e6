"""The scalars of a topology file: names, numbers, sizes, words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import partial
from typing import Any

from nestlab.constants import VM_NAME_LENGTH_MAXIMUM
from nestlab.enumerations import one_of
from nestlab.model.ownership import is_topology_name
from nestlab.model.size import Size
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Scalar

_CONTROL = pattern(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_BUT_LINES = pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_DIGITS = pattern(r"[+-]?[0-9]{1,18}")
_VERSION = pattern(r"[0-9]{1,3}\.[0-9]{1,3}")
_PATHS_AND_PATTERNS = "/*?[]`"
_IN_VM_NAMES = frozenset(_PATHS_AND_PATTERNS)
_IN_NAMES = _IN_VM_NAMES - {"/"}
TRUE, FALSE = ("true", "yes", "on"), ("false", "no", "off")
_BOOLEANS = {**dict.fromkeys(TRUE, True), **dict.fromkeys(FALSE, False)}
_LARGEST = 1 << 63  # sizes are sent as Int64
_RESERVED = ("host", "internet")  # endpoints of checks, and the machine path of the host itself


def _name(text: str, forbidden: frozenset[str]) -> str:
    if not text.strip():
        raise InvalidValue(tr("must not be empty"))
    if text != text.strip():
        raise InvalidValue(tr("must not begin or end with a space: {value!r}", value=text))
    if len(text) > VM_NAME_LENGTH_MAXIMUM:
        raise InvalidValue(
            tr(
                "has {count} characters; a name has at most {limit}",
                count=len(text),
                limit=VM_NAME_LENGTH_MAXIMUM,
            ),
            hint=tr("Write a shorter name."),
        )
    if not text.isprintable() and _CONTROL.search(text):
        raise InvalidValue(tr("must not contain control characters: {value!r}", value=text))
    if not forbidden.isdisjoint(text):
        found = [char for char in _PATHS_AND_PATTERNS if char in forbidden.intersection(text)]
        raise InvalidValue(
            tr("must not contain {characters}: {value!r}", characters=" ".join(found), value=text),
            hint=tr("'/' separates the names of a machine path; choose another name.")
            if found == ["/"]
            else tr("PowerShell reads * ? [ ] and ` in a -Name as a pattern; choose another name."),
        )
    return text


def _vm_name(text: str) -> str:
    name = _name(text, _IN_VM_NAMES)
    if name.casefold() in _RESERVED:
        raise InvalidValue(
            tr("must not be {name!r}", name=name),
            hint=tr("'host' and 'internet' are endpoints of checks; choose another name."),
        )
    return name


def _topology_name(text: str) -> str:
    if not is_topology_name(text):
        raise InvalidValue(
            tr("must be 1 to 40 letters, digits or '-', not {value!r}", value=text),
            hint=tr(
                "The name becomes part of the ownership mark in the Notes of VMs and switches."
            ),
        )
    return text


def _text(text: str) -> str:
    if _CONTROL_BUT_LINES.search(text):
        raise InvalidValue(tr("must not contain control characters"))
    return text


def _non_empty_text(text: str) -> str:
    if not text.strip():
        raise InvalidValue(tr("must not be empty"))
    if _CONTROL.search(text):
        raise InvalidValue(tr("must not contain control characters or line breaks"))
    return text


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.casefold()]
    except KeyError:
        raise InvalidValue(
            tr("must be true or false, not {value!r}", value=text),
            code="wrong-type",
            hint=tr("Write true or false."),
        ) from None


def integer(minimum: int, maximum: int) -> Scalar:
    """Return the kind of whole numbers from `minimum` to `maximum`."""
    scalar: Scalar

    def parse(text: str) -> int:
        if not _DIGITS.fullmatch(text):
            raise InvalidValue(
                tr("must be {noun}, not {value!r}", noun=scalar.noun, value=text),
                code="wrong-type",
                hint=_number_hint(minimum, maximum),
            )
        if not minimum <= int(text) <= maximum:
            raise InvalidValue(
                tr("must be {noun}, not {value}", noun=scalar.noun, value=text),
                hint=_number_hint(minimum, maximum),
            )
        return int(text)

    number = {"type": "integer", "minimum": minimum, "maximum": maximum}
    scalar = Scalar(
        "a whole number from {minimum} to {maximum}",
        parse,
        {"anyOf": [number, text_schema(r"^[+-]?[0-9]{1,18}$")]},
        {"minimum": minimum, "maximum": maximum},
    )
    return scalar


def _number_hint(minimum: int, maximum: int) -> str:
    return tr("Write a number from {minimum} to {maximum}.", minimum=minimum, maximum=maximum)


def choice(words: Mapping[str, Any]) -> Scalar:
    """Return the kind of a value that is one of these words; case is ignored, as in PowerShell."""
    by_folded = {known.casefold(): value for known, value in words.items()}
    *others, last = words

    def parse(text: str) -> Any:
        if text.casefold() not in by_folded:
            off = text.casefold() == "false" and "off" in by_folded
            raise InvalidValue(
                tr("must be {noun}, not {value!r}", noun=one_of(list(words)), value=text),
                hint=tr("YAML tools read Off as false: write 'Off' in quotes.")
                if off
                else word_hint(text, words),
            )
        return by_folded[text.casefold()]

    schema = {"anyOf": [{"enum": list(words)}, any_case(words)]}
    return Scalar("{words} or {last}", parse, schema, {"words": ", ".join(others), "last": last})


def word_hint(text: str, words: Iterable[str]) -> str:
    """Return the hint for an unknown word: the most similar known one, or all of them."""
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    known = list(words)
    folded = {word.casefold(): word for word in known}
    near = get_close_matches(text[:VM_NAME_LENGTH_MAXIMUM].casefold(), folded, n=1, cutoff=0.5)
    if near:
        return tr("Did you mean {word!r}?", word=folded[near[0]])
    return tr("Write {words}.", words=one_of(known))


def any_case(words: Iterable[str]) -> dict[str, Any]:
    """Return the JSON Schema of a text that is one of these words; case is ignored."""
    return text_schema(f"^({'|'.join(map(_any_case, words))})$")


def _any_case(word: str) -> str:
    return "".join(
        f"[{char.upper()}{char.lower()}]" if char.isalpha() else re.escape(char) for char in word
    )


def choice_of(enumeration: type[StrEnum]) -> Scalar:
    """Return the kind of a value that is one of an enumeration's values."""
    return choice({member.value: member for member in enumeration})


def _size(text: str) -> Size:
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise InvalidValue(
            tr("must be a size, not {value!r}", value=text),
            hint=tr("Write 512MB, 8GB, 1.5TB or a number of bytes."),
        ) from error
    if not 0 < size < _LARGEST:
        raise InvalidValue(
            tr("must be more than 0 and less than 8 EB, not {value!r}", value=text),
            hint=tr("Write 512MB, 8GB, 1.5TB or a number of bytes."),
        )
    return size


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text):
        raise InvalidValue(
            tr("must be a configuration version like 9.0 or 10.0, not {value!r}", value=text),
            hint=tr("Get-VMHostSupportedVersion lists those of a host."),
        )
    return text


def text_schema(pattern: str) -> dict[str, Any]:
    """Return the JSON Schema of texts of a pattern."""
    return {"type": "string", "pattern": pattern}


# YAML tools read a name such as 2022 or true as a number or a Boolean.
_ANY_TEXT = ["string", "number", "boolean"]
_NAME_SCHEMA = {
    "type": _ANY_TEXT,
    "minLength": 1,
    "maxLength": VM_NAME_LENGTH_MAXIMUM,
    "pattern": r"^[^`*?\[\]\x00-\x1f]+$",
}

TOPOLOGY_NAME = Scalar(
    "1 to 40 letters, digits or '-'",
    _topology_name,
    {"type": ["string", "integer", "boolean"], "pattern": "^[A-Za-z0-9-]{1,40}$"},
)
VM_NAME = Scalar(
    "the name of a VM", _vm_name, {**_NAME_SCHEMA, "pattern": r"^[^`*?\[\]/\x00-\x1f]+$"}
)
NAME = Scalar("a name", partial(_name, forbidden=_IN_NAMES), _NAME_SCHEMA)
TEXT = Scalar("a string", _text, {"type": _ANY_TEXT})
NON_EMPTY_TEXT = Scalar("a string", _non_empty_text, {"type": _ANY_TEXT, "minLength": 1})
BOOLEAN = Scalar("true or false", _boolean, {"anyOf": [{"type": "boolean"}, any_case(_BOOLEANS)]})
SIZE = Scalar(
    "a size like 8GB",
    _size,
    {
        "type": ["string", "number"],
        "pattern": r"^\s*\d+(\.\d+)?\s*([KMGTPkmgtp]?[Bb])?\s*$",
        "minimum": 1,
    },
)
VERSION = Scalar(
    "a configuration version like 9.0",
    _version,
    {"type": ["string", "number"], "pattern": r"^\d+\.\d+$"},
)
