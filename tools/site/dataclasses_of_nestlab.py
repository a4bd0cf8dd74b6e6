"""An extension of griffe: nestlab's `dataclass` is that of the standard library to it."""

from __future__ import annotations

from typing import Any

import griffe


class DataclassesOfNestlab(griffe.Extension):
    """Lets griffe find the constructors of dataclasses, as type checkers do."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        """Point the imported decorator to the standard library."""
        decorator = mod.members.get("dataclass")
        if (
            isinstance(decorator, griffe.Alias)
            and decorator.target_path == "nestlab.dataclass.dataclass"
        ):
            decorator.target_path = "dataclasses.dataclass"
