"""Records that are made once: the same objects are listed again and again, and few have changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nestlab.model import Record

_REMEMBERED = 2048
"""Records of one listing that are kept: those of 1,000 VMs with two disks each."""


def remembered(
    getters: Sequence[Callable[..., Any]], make: Callable[[Sequence[Any]], Record]
) -> Callable[..., Record]:
    """Return a function that makes a record of the getters' values, once for equal values."""
    records: dict[tuple[Any, ...], Record] = {}
    lists: set[int] = set()
    """The places of the values that cannot be part of a key, such as lists."""

    def made(*arguments: Any) -> Record:
        found = [get(*arguments) for get in getters]
        if lists:
            keys = found.copy()
            for place in lists:
                keys[place] = _key(found[place])
        else:
            keys = found
        key = tuple(keys)
        try:
            record = records.get(key)
        except TypeError:
            places = {i for i, each in enumerate(found) if isinstance(each, list | Record)}
            if places <= lists:  # something else that has no hash
                return make(found)
            lists.update(places)
            return made(*arguments)
        if record is None:
            record = make([each.copy() if isinstance(each, list) else each for each in found])
            if len(records) >= _REMEMBERED:
                records.clear()
            records[key] = record
        return record

    return made


def _key(value: Any) -> Any:
    """Return the value for a key: of a record, which the entry keeps alive, its id."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    return (Record, id(value)) if isinstance(value, Record) else value
