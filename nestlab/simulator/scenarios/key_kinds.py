"""Kinds of values that several keys of a scenario file share."""

from __future__ import annotations

from nestlab.topology_file.key_types import Refused, Scalar
from nestlab.topology_file.scalars import (
    integer,
    word,
)


def words(*names: str) -> Scalar:
    """Return a kind of value that is one of these words."""
    return word({name: name for name in names})


def number(text: str) -> float:
    """Read a number from 0 to 1,000,000,000; raises Refused."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e9:  # noqa: PLR2004  # thirty years
        msg = f"must be a number of 0 or more, not {text!r}"
        raise Refused(msg)
    return number


COUNT = integer(0, 1_000_000)


NUMBER = Scalar("a number of 0 or more", number, {"type": "number", "minimum": 0})
