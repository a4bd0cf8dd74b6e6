"""Objects of one type, with all properties or only those that are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nestlab.model import Record
from nestlab.simulator.powershell.objects import PartialObject, make_record, partial_object
from nestlab.simulator.powershell.values.object_types import object_type

Getters = Mapping[str, Callable[..., Any]]
"""Property name -> function that computes it."""

_IN_TEXT = frozenset({"Name", "Id", "VMName", "VMId"})
"""The properties that are part of the text of an object."""


@dataclass(frozen=True)
class ObjectMaker:
    """Creates the objects of a type: `getters` compute their properties from the arguments.

    >>> disk = ObjectMaker("VirtualHardDisk", {"Path": str, "ParentPath": str, "Size": len})
    >>> sorted(disk("a.vhdx", reads=frozenset({"path"})).properties)
    ['Path']
    """

    type_name: str
    getters: Getters
    _chosen: dict[frozenset[str], PartialObject | None] = field(default_factory=dict, repr=False)

    def __call__(self, *of: Any, reads: frozenset[str] | None = None) -> Record:
        """Return the object; with `reads` (lower case), with these properties and its names only.

        Properties that a following `Select-Object` drops are not computed, for speed.
        """
        chosen = None if reads is None else self._partial(reads)
        if chosen is None:
            given = {name: get(*of) for name, get in self.getters.items()}
            return make_record(self.type_name, **given)
        return chosen(*of)

    def _partial(self, reads: frozenset[str]) -> PartialObject | None:
        """Return the function for the smaller object; None where a property has its default."""
        if reads not in self._chosen:
            self._chosen[reads] = self._choose(reads)
        return self._chosen[reads]

    def _choose(self, reads: frozenset[str]) -> PartialObject | None:
        known = object_type(self.type_name)
        if known is None:
            return None
        aliases = {alias.lower(): name for alias, name in known.aliases.items()}
        wanted = {aliases.get(name, name).lower() for name in reads}
        given = {name.lower() for name in self.getters}
        if any(name.lower() in wanted - given for name in known.properties):
            return None
        chosen = {
            name: get
            for name, get in self.getters.items()
            if name.lower() in wanted or name in _IN_TEXT
        }
        return partial_object(self.type_name, chosen, reads)
