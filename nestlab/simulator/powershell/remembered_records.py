"""Records that are made once: the same objects are listed again and again, and few have changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nestlab.model import Record
from nestlab.simulator.powershell.object_texts import remember_all

_REMEMBERED = 2048
"""Records of one listing that are kept: those of 1,000 VMs with two disks each."""


class _Memory:
    used = False


def remember_records() -> None:
    """Let this process remember records from now on, as one does that serves clients.

    In the process of a lab, whose garbage collector would go over all of them again and again, it
    costs more than it saves.
    """
    _Memory.used = True


def remembered(
    getters: Sequence[Callable[..., Any]], make: Callable[..., Record]
) -> Callable[..., Record]:
    """Return `make`, which makes a record of the values of the getters.

    It makes one once for equal values, where the process remembers records.
    """
    records: dict[tuple[Any, ...], tuple[Record, list[Any]]] = {}
    lists: set[int] = set()
    """The places of the values that cannot be part of a key, such as lists."""

    def made(*arguments: Any) -> Record:
        if not _Memory.used:
            return make(*arguments)
        found = [get(*arguments) for get in getters]
        if lists:
            keys = found.copy()
            for place in lists:
                keys[place] = _key(found[place])
        else:
            keys = found
        key = tuple(keys)
        try:
            known = records.get(key)
        except TypeError:
            places = {i for i, each in enumerate(found) if isinstance(each, list | Record)}
            if places <= lists:  # something else that has no hash
                return make(*arguments)
            lists.update(places)
            return made(*arguments)
        if known is None:
            if len(records) >= _REMEMBERED:
                records.clear()
            (record,) = remember_all([make(*arguments)])
            known = records[key] = (record, found)  # what is in the key by its id lives on
        return known[0]

    return made


def _key(value: Any) -> Any:
    """Return the value for a key: of a record, which the entry keeps alive, its id."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    return (Record, id(value)) if isinstance(value, Record) else value
