"""Byte sizes, written as PowerShell writes them."""

from __future__ import annotations

import re

from nestlab.pattern import pattern
from nestlab.texts import tr

_UNITS = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40, "PB": 1 << 50}
_SIZE = pattern(r"\s*(\d+(?:\.\d+)?)\s*([KMGTP]?B)?\s*", re.IGNORECASE)


class Size(int):
    """A number of bytes. Sent to hosts as Int64, shown with PowerShell's suffixes (1024-based).

    >>> Size.parse("8GB"), str(Size.parse("1.5gb")), Size(5)
    (Size('8GB'), '1536MB', Size('5'))
    """

    @classmethod
    def parse(cls, text: str | int) -> Size:
        """Read ``8GB``, ``512MB``, ``1.5TB`` or a number of bytes; raises ValueError."""
        match = _SIZE.fullmatch(str(text))
        if match is None:
            msg = tr(
                "{text!r} is not a size; write 512MB, 8GB, 1.5TB or a number of bytes", text=text
            )
            raise ValueError(msg)
        return cls(
            float(match[1]) * _UNITS[(match[2] or "B").upper()]
            if "." in match[1]
            else int(match[1]) * _UNITS[(match[2] or "B").upper()]
        )

    def __str__(self) -> str:
        for unit in ("PB", "TB", "GB", "MB", "KB"):
            if self and self % _UNITS[unit] == 0:
                return f"{int(self) // _UNITS[unit]}{unit}"
        return int.__repr__(self)

    def __repr__(self) -> str:
        return f"Size({str(self)!r})"

    def __format__(self, spec: str) -> str:
        return str(self) if not spec else int.__format__(self, spec)
