"""The key `count`: one item of a list that stands for several."""

from __future__ import annotations

from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Key, Scalar
from nestlab.topology_file.scalars import integer

MAX_COPIES = 1000  # of one item; nodes.MAX_NODES bounds all copies of a file together
VARIABLE = "n"
"""The variable of a count that names none."""
_NUMBER = integer(1, MAX_COPIES)


def _count(text: str) -> int:
    try:
        return int(_NUMBER.parse(text))
    except InvalidValue as refused:
        raise InvalidValue(
            tr("must be {noun}, not {value!r}", noun=_NUMBER.noun, value=text[:80]),
            hint=tr("count: 8 makes 8 copies; count: {seat: 8} names the variable."),
        ) from refused


COPIES = Scalar(_NUMBER.template, _count, _NUMBER.schema, _NUMBER.values)
"""The number of copies, from 1 to `MAX_COPIES`."""
COUNT = Key(
    "count",
    Scalar(
        "a whole number from {minimum} to {maximum}, or {{name: number}}",
        _count,
        {
            "anyOf": [
                *COPIES.schema["anyOf"],
                {
                    "type": "object",
                    "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
                    "additionalProperties": COPIES.schema,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ]
        },
        COPIES.values,
    ),
    "Number of copies that the item stands for. In every text inside, {n} is the number of the copy, from 1; {n+10} adds 10 to it, and {n:02} pads it to two digits. `count: {seat: 8}` names the variable.",
)
