"""Properties of records as plain Python values, in whatever form they arrive.

The same property can arrive as an enum value, as its number (CIM), or as text (a second hop through
PowerShell Direct).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, TypeVar
from uuid import UUID

from nestlab.model import EnumValue, Record
from nestlab.model.size import Size

EMPTY_RECORD = Record((), {})
"""In place of a record that a machine did not return: all its properties are missing."""

_EMPTY_GUID = "00000000-0000-0000-0000-000000000000"


_State = TypeVar("_State")


def read_once(make: Callable[[Record], _State]) -> Callable[[Record], _State]:
    """Return a function like `make` that caches its result in each record.

    A host is observed before and after each step, and most of its objects do not change: a session
    then returns the same record objects.
    """
    key = f"_{make.__module__}.{make.__name__}"

    def read(record: Record) -> _State:
        readings = record.readings
        if key in readings:
            known: _State = readings[key]
            return known
        state = readings[key] = make(record)
        return state

    return read


def text(record: Record, name: str) -> str:
    """Return the property as text; empty if it is null or missing."""
    value = record.get(name)
    return value if value.__class__ is str else "" if value is None else str(value)


def texts(record: Record, name: str) -> tuple[str, ...]:
    """Return a list property as texts.

    A single value counts as a list of one, as PowerShell unrolls such lists.
    """
    value = record.get(name)
    if value is None or value == "":
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list | tuple) else (str(value),)


def number(record: Record, name: str, names: Mapping[str, int] | None = None) -> int:
    """Return the property as a whole number.

    It is 0 if the property is null, missing, or a text that is neither a number nor in `names`.
    """
    return to_int(record.get(name), names)


def to_int(value: Any, names: Mapping[str, int] | None = None) -> int:
    """Return a value as a whole number.

    It can arrive as a number, as text, as an enum value, or as the name of an enum value. Anything
    else is 0.
    """
    if value.__class__ is int:
        return value
    if isinstance(value, EnumValue):
        return value.number
    if isinstance(value, str) and names and value in names:
        return names[value]
    try:
        return int(value or 0)
    except (ArithmeticError, TypeError, ValueError):
        return 0


def size(record: Record, name: str) -> Size:
    """Return a number of bytes."""
    return _size(number(record, name))


@lru_cache(maxsize=1024)  # most VMs of a host have one of a few sizes
def _size(value: int) -> Size:
    return Size(value)


def flag(record: Record, name: str) -> bool:
    """Return a Boolean, which can arrive as text."""
    value = record.get(name)
    return value.casefold() == "true" if isinstance(value, str) else bool(value)


def known_flag(record: Record, name: str) -> bool | None:
    """Return a Boolean; None if it is null or missing."""
    return None if record.get(name) is None else flag(record, name)


def enum_name(record: Record, name: str, numbers: Mapping[int, str] | None = None) -> str:
    """Return the name of an enum value; a bare number is looked up in `numbers`.

    Never convert an enum value to bool: OnOffState On is 0.
    """
    value = record.get(name)
    if isinstance(value, EnumValue):
        return value.name
    if isinstance(value, int) and not isinstance(value, bool):
        return (numbers or {}).get(value, str(value))
    return "" if value is None else str(value)


ENABLED = {0: "Disabled", 1: "Enabled"}
"""Dhcp, Forwarding and AutomaticMetric of MSFT_NetIPInterface."""


PHYSICAL_MEDIA = {
    "Unspecified": 0,
    "Wireless LAN": 1,  # not shown
    "Native 802.11": 9,
    "BlueTooth": 10,
    "802.3": 14,
}
"""NdisPhysicalMedium of MSFT_NetAdapter, where it arrives as a word."""


def guid(record: Record, name: str) -> str:
    """Return an id without braces, lower case; empty for null and for the empty Guid."""
    value = record.get(name)
    return _guid(value.int) if type(value) is UUID else _guid_of_text(text(record, name))


def _guid_of_text(text: str) -> str:
    value = text.strip("{}").lower()
    return "" if value == _EMPTY_GUID else value


@lru_cache(maxsize=16384)  # each device of a VM names it, and a host is observed many times
def _guid(number: int) -> str:
    return str(UUID(int=number)) if number else ""


def date_time(record: Record, name: str) -> datetime | None:
    """Return a date and time, also from text in ISO 8601; None for anything else."""
    value = record.get(name)
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None


def address(value: Any) -> IPv4Address | None:
    """Return an IPv4 address; None for anything else, IPv6 included."""
    return _address(str(value))


@lru_cache(maxsize=4096)  # each observation of a machine reads the same addresses
def _address(value: str) -> IPv4Address | None:
    try:
        return IPv4Address(value)
    except ValueError:
        return None


def addresses(values: Iterable[Any]) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses among some values."""
    return tuple(found for value in values if (found := address(value)) is not None)


def interface(value: Any, prefix_length: int) -> IPv4Interface | None:
    """Return an IPv4 address with its network; None for any other address."""
    return _interface(str(value), prefix_length)


@lru_cache(maxsize=4096)
def _interface(value: str, prefix_length: int) -> IPv4Interface | None:
    found = _address(value)
    return None if found is None else IPv4Interface((found, prefix_length))


def network(value: Any) -> IPv4Network | None:
    """Return an IPv4 network, without host bits; None for anything else."""
    return _network(str(value))


@lru_cache(maxsize=4096)
def _network(value: str) -> IPv4Network | None:
    try:
        return IPv4Network(value, strict=False)
    except ValueError:
        return None
