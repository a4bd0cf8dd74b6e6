"""A cache of records: the same objects are listed again and again, and few of them change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from nestlab.model import Record
from nestlab.simulator.powershell.object_texts import start_caching_all

_MAX_RECORDS = 2048
"""Maximum number of records in one cache: enough for the disks of 1,000 VMs with two each."""

_MAX_SHARED = 512
"""Maximum number of shared records of one kind: the routes of a host with 120 switches."""


class _Cache:
    is_enabled = False


def record_cache_is_enabled() -> bool:
    """Whether this process caches the records of VMs and their devices."""
    return _Cache.is_enabled


def enable_record_cache() -> None:
    """Enable the cache in this process, because it serves clients.

    In a process that runs a lab itself, the cache costs more than it saves: the garbage collector
    would scan all cached records again and again.
    """
    _Cache.is_enabled = True


def shared_records(make: Callable[..., Record]) -> Callable[..., Record]:
    """Return a function like `make` that returns the same record for the same hashable arguments.

    With `shared`, it does so in every process. That is meant for records that every observation of
    a host lists and of which it has few: its own adapters, switches, addresses and routes. Guests
    have as many each, but are observed only once.
    """

    @lru_cache(maxsize=_MAX_SHARED)
    def make_shared(*arguments: Any) -> Record:
        (record,) = start_caching_all([make(*arguments)])
        return record

    def make_record(*arguments: Any, shared: bool) -> Record:
        return make_shared(*arguments) if shared else make(*arguments)

    return make_record


def cached_records(
    getters: Sequence[Callable[..., Any]], make: Callable[..., Record]
) -> Callable[..., Record]:
    """Return a function like `make` that returns the same record while the getters return the same.

    The values of the getters for the arguments are the key.
    """
    records: dict[tuple[Any, ...], tuple[Record, list[Any]]] = {}
    list_indices: set[int] = set()
    """The indices of the values that cannot be part of a key as they are, such as lists."""

    def make_cached(*arguments: Any) -> Record:
        found = [get(*arguments) for get in getters]
        if list_indices:
            keys = found.copy()
            for index in list_indices:
                keys[index] = _key(found[index])
        else:
            keys = found
        key = tuple(keys)
        try:
            known = records.get(key)
        except TypeError:
            indices = {i for i, each in enumerate(found) if isinstance(each, list | Record)}
            if indices <= list_indices:  # another value is not hashable
                return make(*arguments)
            list_indices.update(indices)
            return make_cached(*arguments)
        if known is None:
            if len(records) >= _MAX_RECORDS:
                records.clear()
            (record,) = start_caching_all([make(*arguments)])
            # `found` keeps the values alive whose id() is in the key.
            known = records[key] = record, found
        return known[0]

    return make_cached


def _key(value: Any) -> Any:
    """Return a hashable form of a value; a record is represented by its id()."""
    if isinstance(value, list):
        return tuple(map(_key, value))
    return (Record, id(value)) if isinstance(value, Record) else value
