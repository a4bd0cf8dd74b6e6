"""Names of a package that are imported where they are first used (PEP 562)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_exports(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package: `modules` has the module of each of its names.

    A function whose module has its name must be left out: importing the module would hide it.
    """

    def import_name(name: str) -> object:
        if name not in modules:
            message = f"module {package!r} has no attribute {name!r}"  # not shown
            raise AttributeError(message)
        value: object = getattr(import_module(f"{package}.{modules[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return import_name
