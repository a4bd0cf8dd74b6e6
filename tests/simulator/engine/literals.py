"""A reader of the PowerShell literals that nestlab writes, as an argument of a command and as an expression.

It is judged by the engine's own answers before it judges what nestlab writes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from nestlab.model import SwitchParameter
from nestlab.simulator.powershell.values.times import to_time_span
from tests.simulator.engine.notation import data_of

_QUOTES = "'\u2018\u2019\u201a\u201b"
_NUMBER = re.compile(
    r"-?(?:\d+\.?\d*(?:e[+-]?\d+)?)(?:[kmgtp]b)?(?![\w.])", re.IGNORECASE | re.ASCII
)
_UNITS = {"kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40, "pb": 1 << 50}
_CAST = re.compile(r"\[(\w+)\](?:::(\w+))?")
_DOUBLES = {"NaN": "nan", "PositiveInfinity": "inf", "NegativeInfinity": "-inf"}


class LiteralError(Exception):
    """The text does not parse, or does not run."""


def read(text: str, variables: dict | None = None) -> object:
    """Return what a command gets for a text that stands behind a parameter's name, in the notation."""
    reader = _Reader(text, variables or {})
    value = reader.items(argument=True)
    if reader.rest:
        raise LiteralError(reader.rest)
    return value


class _Reader:
    def __init__(self, text: str, variables: dict) -> None:
        self.rest = text
        self._variables = variables

    def _skip(self, char: str) -> bool:
        if self.rest.startswith(char):
            self.rest = self.rest[len(char) :]
            return True
        return False

    def _expect(self, char: str) -> None:
        if not self._skip(char):
            raise LiteralError(f"{char} expected before {self.rest[:20]!r}")

    def items(self, *, argument: bool) -> object:
        """One value, or several with commas between, which are an array."""
        if not argument and self._skip(","):
            return [self._one(argument=False)]
        values = [self._one(argument=argument)]
        while self._skip(","):
            values.append(self._one(argument=argument))
        return values[0] if len(values) == 1 else values

    def _one(self, *, argument: bool) -> object:
        if self.rest[:1] in _QUOTES and self.rest:
            return self._quoted()
        if self._skip("@{"):
            return self._table()
        if self._skip("@("):
            return self._array()
        if self._skip("("):
            value = self._cast() if self.rest.startswith("[") else self.items(argument=False)
            self._expect(")")
            return value
        if self._skip("$"):
            return self._variable()
        return self._number(argument=argument)

    def _quoted(self) -> str:
        match = re.match(
            f"[{_QUOTES}]((?:[^{_QUOTES}]|[{_QUOTES}]{{2}})*)[{_QUOTES}]", self.rest, re.DOTALL
        )
        if match is None:
            raise LiteralError(self.rest)
        self.rest = self.rest[match.end() :]
        return re.sub(f"([{_QUOTES}])[{_QUOTES}]", r"\1", match[1])

    def _array(self) -> list:
        """``@(...)`` gives the items of an array in it, and makes an array of anything else."""
        if self._skip(")"):
            return []
        value = self.items(argument=False)
        self._expect(")")
        return value if isinstance(value, list) else [value]

    def _table(self) -> dict:
        pairs: list[list] = []
        constants: set[str] = set()
        while not self._skip("}"):
            constant = not self.rest.startswith(("(", "$", "@"))
            key = self._one(argument=False)
            if constant:
                spelled = str(key).lower()
                if spelled in constants:
                    raise LiteralError("DuplicateKeyInHashLiteral")
                constants.add(spelled)
            if key is None:
                raise LiteralError("InvalidNullKey")
            self._expect(" = ")
            pairs.append([key, self.items(argument=False)])
            self._skip("; ")
        return {"table": pairs}

    def _cast(self) -> object:
        match = _CAST.match(self.rest)
        kind, member = match[1], match[2]
        self.rest = self.rest[match.end() :]
        if kind == "double":
            return data_of(float(_DOUBLES[member]))
        text = self._quoted()
        if kind == "bigint":
            return {"BigInteger": text}
        if kind == "timespan":
            return data_of(to_time_span(text, "System.TimeSpan"))
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is not None and (
            abs(offset) > timedelta(hours=14) or offset % timedelta(minutes=1)
        ):
            raise LiteralError("no such offset")
        return data_of(moment.astimezone(UTC) if offset is not None else moment)

    def _variable(self) -> object:
        name = re.match(r"\w*", self.rest)[0]
        self.rest = self.rest[len(name) :]
        known = {"true": True, "false": False, "null": None, **self._variables}
        if name.lower() not in known:
            raise LiteralError(f"${name}")
        value = known[name.lower()]
        return data_of(value) if isinstance(value, SwitchParameter) else value

    def _number(self, *, argument: bool) -> object:
        match = _NUMBER.match(self.rest)
        if match is None:
            raise LiteralError(self.rest)
        self.rest = self.rest[match.end() :]
        text = match[0]
        if argument and text.startswith("-"):
            return text  # a token that begins with a dash is a text
        unit = _UNITS.get(text[-2:].lower(), 0)
        digits = text[:-2] if unit else text
        if re.fullmatch(r"-?\d+", digits):
            number = int(digits) * (unit or 1)
            if abs(number) >= 2**96:
                return data_of(float(number))
            return number if -(2**63) <= number < 2**63 else {"Decimal": str(number)}
        return data_of(float(digits) * (unit or 1))
