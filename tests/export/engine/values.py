"""Values of the engine: tables and objects without case, blocks, errors, and conversions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta

from nestlab.model import ErrorRecord, Record
from nestlab.model.record import EnumValue

SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"


class PsError(Exception):
    """A terminating error."""

    def __init__(self, message, record=None):
        super().__init__(message)
        self.record = record or ErrorRecord(message)


class Table(dict):
    """A hashtable: its keys ignore case."""

    def __init__(self, items=()):
        super().__init__()
        for key, value in dict(items).items():
            self[key] = value

    @staticmethod
    def _key(key):
        return key.casefold() if isinstance(key, str) else key

    def __setitem__(self, key, value):
        super().__setitem__(self._key(key), (key, value))

    def __getitem__(self, key):
        return super().__getitem__(self._key(key))[1]

    def __contains__(self, key):
        return super().__contains__(self._key(key))

    def pairs(self):
        """The keys as they were written, and the values."""
        return list(super().values())


class PsObject(Table):
    """A custom object."""


@dataclass
class Block:
    """A script block: its node, and its text without the braces."""

    node: object
    text: str


@dataclass
class Credential:
    """A credential: its name in the lab, and its user."""

    name: str
    user: str = "Learner"


@dataclass
class Host:
    """What the script sees and leaves: what it said, what it would have done, what it asked for.

    Its user refuses the steps that begin with `refused`, types `read`, and with `cancels` gives no
    credential.
    """

    what_if: list = field(default_factory=list)
    verbose: list = field(default_factory=list)
    prompts: list = field(default_factory=list)
    cmdlets: list = field(default_factory=list)
    changes_left: int | None = None
    refused: str | None = None
    cancels: bool = False
    read: str = "$2b$10$" + "a" * 53
    waited: int = 0


def copied(value):
    """A value as it arrives on another machine: tables and lists are copies."""
    if isinstance(value, Table):
        return type(value)({key: copied(item) for key, item in value.pairs()})
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, Block):
        return value.text
    return value


def is_true(value):
    """`[bool] value`."""
    if isinstance(value, list):
        return len(value) > 1 or (len(value) == 1 and is_true(value[0]))
    if isinstance(value, Table | Record | Block):
        return True
    return bool(value)


def as_text(value):
    """`[string] value`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, list):
        return " ".join(map(as_text, value))
    if isinstance(value, Block):
        return value.text
    return value.text if isinstance(value, Record) else str(value)


def unquoted(text):
    """What single quotes hold: of two quotes in a row, curly or not, the first counts."""
    return re.sub(f"([{SINGLE_QUOTES}])[{SINGLE_QUOTES}]", r"\1", text[1:-1])


def items(value):
    """The items of a value in a pipeline or a loop."""
    return value if isinstance(value, list) else [value]


def same(left, right):
    """`left -eq right` for single values."""
    if isinstance(left, EnumValue) or isinstance(right, EnumValue):
        left, right = as_text(left), as_text(right)
    if isinstance(left, str):
        return left.casefold() == as_text(right).casefold()
    if isinstance(left, int) and isinstance(right, str):
        return str(left) == right
    return left == right


def member(value, name):
    """`value.name`, in strict mode."""
    if isinstance(value, Table):
        if name in value:
            return value[name]
        if name.casefold() == "keys":
            return [key for key, _ in value.pairs()]
    if isinstance(value, Record) and name in value:
        return value[name]
    if isinstance(value, timedelta) and name == "TotalSeconds":
        return value.total_seconds()
    if name.casefold() == "count" and isinstance(value, list):
        return len(value)
    if isinstance(value, list):
        found = [member(item, name) for item in value]
        return found[0] if len(found) == 1 else found
    message = f"The property '{name}' cannot be found on this object."
    raise PsError(message, ErrorRecord(message, "NotSpecified", "PropertyNotFoundStrict"))
