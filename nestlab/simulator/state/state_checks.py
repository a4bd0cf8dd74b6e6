"""Checks of a world that was read from a state file.

Only values that the simulator itself writes are accepted: see
`nestlab.simulator.state.field_rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any, NamedTuple

from nestlab.simulator.state.field_rules import FIELD_RULES, FieldRule
from nestlab.simulator.state.machine import Machine, World

LATEST_TIME = 1e11
"""Largest time or duration in seconds: the year 5138. The calendar of .NET ends with 9999."""
LARGEST_NUMBER = (1 << 63) - 1
"""Largest whole number: Int64.MaxValue."""


def check_clock(data: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError if the clock of a state file is not valid.

    Checked before it is read, because time never goes back.
    """
    clock = data["clock"]
    if not isinstance(clock, dict):
        msg = f"expected an object at 'clock', found {clock!r}"
        raise TypeError(msg)
    _raise(_problem(clock, None), "clock")
    for name, kind in (("seen", list), ("nat_changes", dict)):
        found = clock.get(name, kind())
        if not isinstance(found, kind) or not all(
            type(n) in (int, float) for n in (found.values() if isinstance(found, dict) else found)
        ):
            msg = f"expected numbers at clock.{name}, found {found!r}"
            raise TypeError(msg)


def check_world(world: World) -> None:
    """Raise ValueError, with the place, if a value of a world is not valid."""
    values = {
        "host": world.host,
        "wires": world.wires,
        "quirks": world.quirks,
        "faults": world.faults,
        "nat_changes": world.nat_changes,
    }
    for name, value in {
        **values,
        "counter": world.counter,
        "scenario": world.scenario,
        "seed": world.seed,
    }.items():
        _raise(_problem(value, None), name)
    _check_machine(world.host, "host")


def _raise(problem: _Problem | None, name: str) -> None:
    if problem is not None:
        msg = f"expected {problem.description} at {name}{problem.place}, found {problem.found!r}"
        raise ValueError(msg)


class _Problem(NamedTuple):
    """A value that is not valid: its place below the value checked, and the condition."""

    place: str
    description: str
    found: object


def _problem(value: Any, rule: FieldRule | None) -> _Problem | None:
    """Return the first problem in a value or below it.

    The place is only built if there is a problem.
    """
    model: type = type(value)
    if model is dict:
        return _first(
            (f"[{key!r}]", _basic_problem(key) or _problem(item, rule))
            for key, item in value.items()
        )
    if model is list:
        return _first((f"[{number}]", _problem(item, rule)) for number, item in enumerate(value))
    if is_dataclass(value):
        for name, default, known in _saved(model):
            item = getattr(value, name)
            if item is default or item == default:
                continue
            problem = _problem(item, known)
            if problem is not None:
                return problem._replace(place=f".{name}{problem.place}")
        return None
    return _basic_problem(value) or (
        _Problem("", rule.description, value)
        if rule is not None and value is not None and not rule.is_met(value)
        else None
    )


def _first(problems: Iterable[tuple[str, _Problem | None]]) -> _Problem | None:
    return next(
        (
            problem._replace(place=f"{place}{problem.place}")
            for place, problem in problems
            if problem is not None
        ),
        None,
    )


@cache
def _saved(model: type) -> tuple[tuple[str, object, FieldRule | None], ...]:
    """Return the saved fields of a dataclass: name, default (which needs no check), rule."""
    rules = FIELD_RULES.get(model, {})
    return tuple(
        (field.name, _default(field, rules.get(field.name)), rules.get(field.name))
        for field in fields(model)
        if field.init
    )


def _default(field: Field[Any], rule: FieldRule | None) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    if field.default is MISSING:
        return _NOTHING
    wrong = field.default is not None and rule is not None and not rule.is_met(field.default)
    return _NOTHING if wrong else field.default


_NOTHING = object()


def _basic_problem(value: object) -> _Problem | None:
    """Return the problem of a value of a basic type."""
    if type(value) is int and not 0 <= value <= LARGEST_NUMBER:
        return _Problem("", f"a number from 0 to {LARGEST_NUMBER}", value)
    if type(value) is float and not 0 <= value <= LATEST_TIME:  # also excludes NaN
        return _Problem("", f"seconds from 0 to {LATEST_TIME:.0f}", value)
    if type(value) is str and _INVALID_CHARACTERS.search(value):
        return _Problem("", "text", value)
    return None


_INVALID_CHARACTERS = re.compile("[\0\ud800-\udfff]")


def _check_machine(host: Machine, place: str) -> None:
    """Check relations between values of a machine, and of the systems on its disks."""
    for network, where in _scopes(host, place):
        if network is None:
            msg = f"{where} is not a scope: its addresses are not in one network"
            raise ValueError(msg)
    for path, file in host.files.items():
        if file.path.lower() != path:
            msg = (
                f"expected the path of {path} at {place}.files[{path!r}].path, found {file.path!r}"
            )
            raise ValueError(msg)
        _check_parents(host, path, place)
        if file.content is not None:
            _check_machine(file.content, f"{place}.files[{path!r}].content")


def _scopes(host: Machine, place: str) -> Iterator[tuple[IPv4Network | None, str]]:
    for number, scope in enumerate(host.dhcp_scopes):
        network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}", strict=False)
        whole = (
            all(IPv4Address(address) in network for address in (scope.start, scope.end))
            and str(network.network_address) == scope.scope_id
        )
        yield (network if whole else None), f"{place}.dhcp_scopes[{number}]"


def _check_parents(host: Machine, path: str, place: str) -> None:
    seen = {path}
    file = host.file(path)
    while file is not None and file.parent:
        parent = file.parent.lower()
        if parent in seen:
            msg = f"{place}.files[{path!r}] is its own parent"
            raise ValueError(msg)
        seen.add(parent)
        file = host.file(parent)
