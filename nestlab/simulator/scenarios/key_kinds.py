"""Kinds of values that several keys of a scenario file share."""

from __future__ import annotations

import uuid

from nestlab.topology_file.key_types import InvalidValue, Scalar
from nestlab.topology_file.scalars import (
    choice,
    integer,
)


def words(*names: str) -> Scalar:
    """Return a scalar whose value is one of these words."""
    return choice({name: name for name in names})


def number(text: str) -> float:
    """Read a number from 0 to less than 1,000,000,000; raises InvalidValue."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e9:  # noqa: PLR2004  # in seconds, thirty years
        msg = f"must be a number from 0 to less than 1,000,000,000, not {text!r}"
        raise InvalidValue(msg)
    return found


def guid(text: str) -> str:
    """Read an Id, with or without braces, and return it in lower case; raises InvalidValue."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        msg = f"must be an Id such as c08cb7b8-9b3c-408e-8e30-5e16a3aeb444, not {text!r}"
        raise InvalidValue(msg) from None


COUNT = integer(0, 1_000_000)


ID = Scalar("an Id", guid, {"type": "string", "minLength": 32})
NUMBER = Scalar("a number that is not negative", number, {"type": "number", "minimum": 0})
