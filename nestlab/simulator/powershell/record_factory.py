"""Creates the records of one type, with all properties or only those that are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.model import Record
from nestlab.simulator.powershell.object_texts import properties_in_text
from nestlab.simulator.powershell.objects import (
    MakeRecord,
    make_record,
    partial_object,
)
from nestlab.simulator.powershell.record_cache import cached_records, record_cache_is_enabled
from nestlab.simulator.powershell.values.object_types import object_type

Getters = Mapping[str, Callable[..., Any]]
"""Property name -> function that computes it."""

_MAXIMUM_FUNCTIONS = 64  # cached functions, one for each set of needed properties


@dataclass(frozen=True)
class RecordFactory:
    """Creates the records of a type: `getters` compute their properties from the arguments.

    `always_cached`: the records are cached in every process, see `cached_records`.

    >>> disk = RecordFactory("VirtualHardDisk", {"Path": str, "ParentPath": str, "Size": len})
    >>> sorted(disk("a.vhdx", needed=frozenset({"path"})).properties)
    ['Path']
    """

    type_name: str
    getters: Getters
    always_cached: bool = False
    _makers: dict[frozenset[str] | None, tuple[MakeRecord, MakeRecord]] = field(
        default_factory=dict, repr=False
    )
    """By the needed properties: the functions that create records, without and with a cache."""

    def __call__(self, *arguments: Any, needed: frozenset[str] | None = None) -> Record:
        """Return the record of an object, as `maker` says."""
        return self.maker(needed)(*arguments)

    def maker(self, needed: frozenset[str] | None = None) -> MakeRecord:
        """Return the function that creates the records of many objects.

        With `needed`, names in lower case, only these properties are computed, and those that the
        text of an object needs: a following `Select-Object` drops the others.
        """
        makers = self._makers.get(needed)
        if makers is None:
            makers = self._new_makers(needed)
            if len(self._makers) >= _MAXIMUM_FUNCTIONS:
                self._makers.clear()
            self._makers[needed] = makers
        return makers[self.always_cached or record_cache_is_enabled()]

    def _new_makers(self, needed: frozenset[str] | None) -> tuple[MakeRecord, MakeRecord]:
        chosen = None if needed is None else self._getters_for(needed)
        if chosen is None or needed is None:
            chosen, make = self.getters, self._full_object
        else:
            make = partial_object(self.type_name, chosen, needed)
        return make, cached_records(tuple(chosen.values()), make)

    def _full_object(self, *arguments: Any) -> Record:
        """Return the object with all its properties."""
        found = {name: get(*arguments) for name, get in self.getters.items()}
        lists = {name: each.copy() for name, each in found.items() if isinstance(each, list)}
        return make_record(self.type_name, **{**found, **lists})

    def _getters_for(self, needed: frozenset[str]) -> Getters | None:
        """Return the getters of these properties; None if one is needed that has no getter."""
        known = object_type(self.type_name)
        if known is None:
            return None
        aliases = {alias.lower(): name for alias, name in known.aliases.items()}
        wanted = {aliases.get(name, name).lower() for name in needed}
        given = {name.lower() for name in self.getters}
        if any(name.lower() in wanted - given for name in known.properties):
            return None
        names = {known.aliases.get(name, name) for name in properties_in_text(known)}
        return {
            name: get
            for name, get in self.getters.items()
            if name.lower() in wanted or known.aliases.get(name, name) in names
        }
