"""The topology file: YAML in, YAML out, and its JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nestlab.topology_file.json_schema import schema
    from nestlab.topology_file.loading_and_saving import dumps, load, loads, save

__all__ = ["dumps", "load", "loads", "save", "schema"]


def __getattr__(name: str) -> object:
    """Import a name when it is first used: a simulated host reads scenarios and needs none."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"  # not shown
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415  # as above

    module = "json_schema" if name == "schema" else "loading_and_saving"
    value: object = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
