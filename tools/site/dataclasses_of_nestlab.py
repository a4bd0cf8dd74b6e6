"""An extension of griffe: nestlab's `dataclass` is that of the standard library to it."""

from __future__ import annotations

from typing import Any

import griffe


class DataclassesOfNestlab(griffe.Extension):
    """Lets griffe find the constructors of dataclasses, as type checkers do."""

    def on_module_members(self, *, mod: griffe.Module, **_: Any) -> None:
        """Point the imported decorator, and `field`, to the standard library."""
        for name in ("dataclass", "field"):
            member = mod.members.get(name)
            if (
                isinstance(member, griffe.Alias)
                and member.target_path == f"nestlab.dataclass.{name}"
            ):
                member.target_path = f"dataclasses.{name}"
