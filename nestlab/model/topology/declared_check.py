"""Checks of a topology: which machine should reach which."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field
from nestlab.model.plain import Declared


def _expectation(reachable: bool) -> str:  # noqa: FBT001  # the value of the field, not a switch
    return "reachable" if reachable else "unreachable"


@dataclass(frozen=True, kw_only=True)
class Check(Declared):
    """A check: ``from`` should reach ``to``, or should not. Endpoints as in the topology file."""

    source: str = field(metadata={"key": "from"})
    target: str = field(metadata={"key": "to"})
    reachable: bool = field(default=True, metadata={"key": "expect", "write": _expectation})
