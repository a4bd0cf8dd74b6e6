"""The simulated cmdlets, found by their place in this package.

A function with `@cmdlet("Get-VM")` runs ``Get-VM``; there is no table to maintain. All modules of
the package are imported when a host first needs its cmdlets.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine

Handler = Callable[[Machine, Bound, Sink], None]
"""The implementation of a cmdlet: the machine, the bound parameters, the output."""

_NAMES = "__cmdlets__"


def cmdlet(*names: str) -> Callable[[Handler], Handler]:
    """Mark a function as the implementation of these cmdlets."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _NAMES, names)
        return handler

    return mark


@cache
def handlers() -> Mapping[str, Handler]:
    """Return the implementation of each simulated cmdlet, in alphabetical order."""
    return gather(_modules(importlib.import_module(__package__)))


def gather(modules: Iterator[ModuleType]) -> Mapping[str, Handler]:
    """Return the handlers that are defined in these modules, by cmdlet.

    Raises ValueError if a cmdlet has two handlers or is missing in the table of signatures.
    """
    found: dict[str, Handler] = {}
    for module in modules:
        for handler in _handlers_of(module):
            for name in getattr(handler, _NAMES):
                _require_known(name, handler)
                if name in found:
                    msg = f"{name} has two handlers: {_place(found[name])} and {_place(handler)}"
                    raise ValueError(msg)
                found[name] = handler
    return MappingProxyType(dict(sorted(found.items())))


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(entry.name)


def _handlers_of(module: ModuleType) -> Iterator[Handler]:
    for value in vars(module).values():
        # Importing a handler does not define it.
        if (
            inspect.isfunction(value)
            and hasattr(value, _NAMES)
            and value.__module__ == module.__name__
        ):
            yield value


def _require_known(name: str, handler: Handler) -> None:
    command = signature(name)
    if command is None or command.name != name:
        known = f"; the table writes it {command.name}" if command else ""
        msg = f"{_place(handler)} handles {name}, which is not in signatures.json{known}"
        raise ValueError(msg)


def _place(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__name__}"
