"""Flattens objects as remoting serializes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record
from nestlab.simulator.powershell.object_texts import LazyTextRecord
from nestlab.simulator.powershell.objects import is_custom, is_scalar
from nestlab.simulator.powershell.values.object_types import (
    DotNetEnum,
)


def flatten(record: Record) -> Record:
    """Return a record as it arrives over remoting, which serializes to depth 1.

    The result is cached on records that cache results; each caller has lists of its own.

    A nested object becomes a string, and so does an enum value in an object. Only in an object
    created by Select-Object does an enum value keep its number; such an object has no string form.

    >>> from nestlab.simulator.powershell.objects import make_record
    >>> vlan = make_record("VMNetworkAdapterVlanSetting")
    >>> adapter = make_record("VMNetworkAdapter", Name="Ethernet", VlanSetting=vlan)
    >>> flatten(adapter)["VlanSetting"]
    'Microsoft.HyperV.PowerShell.VMNetworkAdapterVlanSetting'
    >>> flatten(make_record("VirtualMachine", State="Off"))["State"]
    'Off'
    """
    derived = record.derived if type(record) is LazyTextRecord else None
    if derived is None:
        return _flat_record(record)
    if flatten not in derived:
        flat = _flat_record(record)
        names = tuple(name for name, value in flat.properties.items() if type(value) in _MUTABLE)
        derived[flatten] = flat, names
    return _for_caller(*derived[flatten])


def _for_caller(flat: Record, mutable: tuple[str, ...]) -> Record:
    """Return a flat record that is returned again; the caller may change its lists."""
    if not mutable:
        return flat
    values = dict(flat.properties)
    for name in mutable:
        values[name] = _flat(values[name], _KEPT_IN_CUSTOM)
    return flat.copied(MappingProxyType(values))


def _flat_record(record: Record) -> Record:
    custom = is_custom(record.type_names)
    known = _KEPT_IN_CUSTOM if custom or is_scalar(record) else _FLAT
    properties = record.properties
    if not known.issuperset(map(type, properties.values())):
        changed = {
            name: _flat(value, known)
            for name, value in properties.items()
            if value.__class__ not in known
        }
        properties = MappingProxyType({**properties, **changed})
    elif not custom:
        return record.as_plain_record() if isinstance(record, LazyTextRecord) else record
    return record.with_values(properties, "" if custom else record.text)


# Concrete types: checking abstract ones would dominate the time for thousands of records.
_FLAT: frozenset[type] = frozenset(
    {str, int, bool, float, type(None), datetime, timedelta, UUID, bytes}
)


_MUTABLE = frozenset({list, dict})
_KEPT_IN_CUSTOM: frozenset[type] = _FLAT | {EnumValue, DotNetEnum}


def _flat(value: Any, known: frozenset[type]) -> Any:
    kind = value.__class__
    # The two most frequent kinds of values come first, for speed.
    if kind is list and not value:
        return []
    if kind is DotNetEnum and DotNetEnum not in known:
        return value.name
    match value:
        case Record() if is_custom(value.type_names):
            return flatten(value)
        case Record():
            return value.text
        case EnumValue():
            return value if EnumValue in known else value.name
        case list() | tuple():
            return [item if item.__class__ in known else _flat(item, known) for item in value]
        case Mapping():
            return {
                key: item if item.__class__ in known else _flat(item, known)
                for key, item in value.items()
            }
        case _:
            return value
