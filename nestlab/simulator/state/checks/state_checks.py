"""Checks of a world that was read from a state file.

Only values that the simulator itself writes are accepted: see
`nestlab.simulator.state.checks.field_rules`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any, NamedTuple

from nestlab.dataclass import MISSING, Field, fields, is_dataclass
from nestlab.pattern import pattern
from nestlab.simulator.state.checks.field_rules import FIELD_RULES, FieldRule
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.networking import DhcpScope

LATEST_TIME = 1e11
"""Largest time or duration in seconds: the year 5138. .NET's DateTime ends with the year 9999."""
LARGEST_NUMBER = (1 << 63) - 1
"""Largest whole number: Int64.MaxValue."""


def check_clock(data: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError if the clock of a state file is not valid.

    Called before the clock is set from it, because virtual time never goes back.
    """
    clock = data["clock"]
    if not isinstance(clock, dict):
        msg = f"expected an object at 'clock', found {clock!r}"
        raise TypeError(msg)
    _require_none(_problem(clock, None), "clock")
    for name, kind in (("fault_call_counts", list), ("seen", list), ("nat_changes", dict)):
        found = clock.get(name, kind())
        if not isinstance(found, kind) or not all(
            type(n) in (int, float) for n in (found.values() if isinstance(found, dict) else found)
        ):
            msg = f"expected numbers at clock.{name}, found {found!r}"
            raise TypeError(msg)


def check_world(world: World) -> None:
    """Raise ValueError, which names the place, if a value of a world is not valid."""
    values = {
        "host": world.host,
        "wires": world.wires,
        "quirks": world.quirks,
        "faults": world.faults,
        "nat_changes": world.nat_changes,
        "counter": world.counter,
        "scenario": world.scenario,
        "seed": world.seed,
    }
    for name, value in values.items():
        _require_none(_problem(value, None), name)
    _check_machine(world.host, "host")


def _require_none(problem: _Problem | None, name: str) -> None:
    if problem is not None:
        msg = f"expected {problem.description} at {name}{problem.place}, found {problem.found!r}"
        raise ValueError(msg)


class _Problem(NamedTuple):
    """An invalid value: its place within the value checked, and the condition."""

    place: str
    description: str
    found: object


def _problem(value: Any, rule: FieldRule | None) -> _Problem | None:
    """Return the first problem of a value or of a value in it.

    The text of the place is only built if there is a problem.
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
        return _NO_DEFAULT
    wrong = field.default is not None and rule is not None and not rule.is_met(field.default)
    return _NO_DEFAULT if wrong else field.default


_NO_DEFAULT = object()


def _basic_problem(value: object) -> _Problem | None:
    """Return the problem of a value of a basic type."""
    if type(value) is int and not 0 <= value <= LARGEST_NUMBER:
        return _Problem("", f"a number from 0 to {LARGEST_NUMBER}", value)
    if type(value) is float and not 0 <= value <= LATEST_TIME:  # also excludes NaN
        return _Problem("", f"seconds from 0 to {LATEST_TIME:.0f}", value)
    if type(value) is str and _INVALID_CHARACTERS.search(value):
        return _Problem("", "a string of valid characters", value)
    return None


_INVALID_CHARACTERS = pattern("[\0\ud800-\udfff]")


def _check_machine(host: Machine, place: str) -> None:
    """Check relations between values of a machine, and of the systems on its disks."""
    for where in _invalid_scopes(host, place):
        msg = f"{where} is not a DHCP scope: its addresses are not in one subnet"
        raise ValueError(msg)
    for path, file in host.files.items():
        if file.path.lower() != path:
            msg = f"expected {path!r}, in upper or lower case, at {place}.files[{path!r}].path, found {file.path!r}"
            raise ValueError(msg)
        _check_parents(host, path, place)
        if file.system is not None:
            _check_machine(file.system, f"{place}.files[{path!r}].system")


def _invalid_scopes(host: Machine, place: str) -> Iterator[str]:
    for number, scope in enumerate(host.dhcp_scopes):
        network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}", strict=False)
        is_valid = (
            all(IPv4Address(address) in network for address in _addresses_of(scope))
            and str(network.network_address) == scope.scope_id
        )
        if not is_valid:
            yield f"{place}.dhcp_scopes[{number}]"


def _addresses_of(scope: DhcpScope) -> Iterator[str]:
    yield from (scope.start, scope.end)
    yield from (each.address for each in scope.reservations)


def _check_parents(host: Machine, path: str, place: str) -> None:
    seen = {path}
    file = host.file(path)
    while file is not None and file.parent:
        parent = file.parent.lower()
        if parent in seen:
            msg = f"{place}.files[{path!r}] is its own parent, directly or through other disks"
            raise ValueError(msg)
        seen.add(parent)
        file = host.file(parent)
