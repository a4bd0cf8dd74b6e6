"""What is expected of a topology: who reaches whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from nestlab.model.plain import Declared


def _expectation(reachable: bool) -> str:  # noqa: FBT001  # the value of the field, not a switch
    return "reachable" if reachable else "unreachable"


@dataclass(frozen=True, kw_only=True)
class Check(Declared):
    """An expectation: ``from`` reaches ``to``, or does not. Endpoints as in the topology file."""

    source: str = field(metadata={"key": "from"})
    target: str = field(metadata={"key": "to"})
    reachable: bool = field(default=True, metadata={"key": "expect", "write": _expectation})
