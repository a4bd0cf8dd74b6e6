"""The simulated cmdlets, found by the decorators of the functions in this package.

A function with `@cmdlet("Get-VM")` runs ``Get-VM``; there is no table to maintain. The sources of
the package are searched for these decorators when a host first needs a cmdlet, and a module is
imported when one of its cmdlets is needed, because a host that is served over standard streams
starts for each session.

Functions are named after their cmdlets; for the verb Test they begin with ``check_``, because
pytest collects functions that begin with ``test_``.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from types import FunctionType, MappingProxyType, ModuleType

from nestlab.pattern import pattern
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.binding.signatures import command_name
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine

Handler = Callable[[Machine, Bound, Sink], None]
"""The implementation of a cmdlet: the machine, the bound parameters, the output."""

_ATTRIBUTE = "__cmdlets__"
_DECORATOR = b"\n@cmdlet("
_QUOTED = pattern(rb'"([^"]+)"')


def cmdlet(*names: str) -> Callable[[Handler], Handler]:
    """Mark a function as the implementation of these cmdlets."""

    def mark(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, names)
        return handler

    return mark


@cache
def handlers() -> Mapping[str, Handler]:
    """Return the implementation of each simulated cmdlet, in alphabetical order."""
    return _Handlers(dict(sorted(_modules_by_cmdlet())))


class _Handlers(Mapping[str, Handler]):
    """The handlers by cmdlet; a module is imported when one of its cmdlets is first looked up."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._found: dict[str, Handler] = {}

    def __getitem__(self, name: str) -> Handler:
        if name not in self._found:
            module = importlib.import_module(self._modules[name])
            self._found.update(gather(iter([module])))
        return self._found[name]

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


def _modules_by_cmdlet() -> Iterator[tuple[str, str]]:
    """Yield each cmdlet with its module, found by the decorators in the sources."""
    top = os.path.dirname(__file__)  # noqa: PTH120  # pathlib would take three times as long here
    for folder, _, files in os.walk(top):
        package = __package__ + folder.removeprefix(top).replace(os.sep, ".")
        for file in files:
            if not file.endswith(".py"):
                continue
            with open(os.path.join(folder, file), "rb") as source:  # noqa: PTH118, PTH123  # as above
                _, *marked = source.read().split(_DECORATOR)
            for rest in marked:
                names = _QUOTED.findall(rest.partition(b")")[0])
                yield from ((name.decode(), f"{package}.{file[:-3]}") for name in names)


def gather(modules: Iterable[ModuleType]) -> Mapping[str, Handler]:
    """Return the handlers that are defined in these modules, by cmdlet.

    Raises ValueError if a cmdlet has two handlers or is missing in the table of signatures.
    """
    found: dict[str, Handler] = {}
    for module in modules:
        for handler in _handlers_of(module):
            for name in getattr(handler, _ATTRIBUTE):
                _require_known(name, handler)
                if name in found:
                    msg = f"{name} has two handlers: {_full_name(found[name])} and {_full_name(handler)}"
                    raise ValueError(msg)
                found[name] = handler
    return MappingProxyType(dict(sorted(found.items())))


def modules() -> Iterator[ModuleType]:
    """Import and yield all modules of cmdlets."""
    import pkgutil  # noqa: PLC0415  # only needed to list all cmdlets

    package = importlib.import_module(__package__)
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(entry.name)


def _handlers_of(module: ModuleType) -> Iterator[Handler]:
    for value in vars(module).values():
        # A handler that a module only imports belongs to another module.
        if (
            isinstance(value, FunctionType)
            and hasattr(value, _ATTRIBUTE)
            and value.__module__ == module.__name__
        ):
            yield value


def _require_known(name: str, handler: Handler) -> None:
    command = command_name(name)
    if command != name:
        known = f"; the table spells it {command}" if command else ""
        msg = f"{_full_name(handler)} handles {name}, which is not in signatures.json{known}"
        raise ValueError(msg)


def _full_name(handler: Handler) -> str:
    return f"{handler.__module__}.{handler.__name__}"
