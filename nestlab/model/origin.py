"""Where a topology came from: its file, the text, and the place of every value in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nestlab.model.plain import Declared

KeyPath = tuple[str | int, ...]
"""The keys and indices of a value: ``("vms", 0, "network_adapters", 1, "gateway")``."""


@dataclass(frozen=True)
class Origin:
    """The file a topology was read from. Positions are (line, column), both from 1."""

    path: str
    text: str = field(repr=False)
    positions: Mapping[KeyPath, tuple[int, int]] = field(repr=False)
    topology: Declared | None = field(default=None, repr=False, compare=False)
    """The topology that the text describes; a topology that differs was changed after loading."""

    def locate(self, keys: KeyPath) -> str:
        """Return ``file:line:column`` of a value, or of the nearest enclosing one."""
        while keys and keys not in self.positions:
            keys = keys[:-1]
        line, column = self.positions.get(keys, (1, 1))
        return f"{self.path}:{line}:{column}"
