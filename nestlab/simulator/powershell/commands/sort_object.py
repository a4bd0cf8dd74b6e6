"""Sort-Object."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from nestlab.model import Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.commands.object_cmdlet import (
    PropertyName,
    matching_properties,
    property_names,
    unwrapped,
)
from nestlab.simulator.powershell.values.comparison import sort_order
from nestlab.simulator.powershell.values.wildcard import has_wildcard


class SortObject:
    """Sort-Object by properties, or by the objects themselves.

    An object without the property is last in either order.
    """

    def __init__(self, bound: Bound, sink: Sink) -> None:
        self._bound = bound
        self._sink = sink
        self._names = property_names(bound)
        self._received: list[Record] = []

    def process(self, record: Record) -> None:
        """Store an object until the last one has arrived."""
        self._received.append(record)

    def end(self) -> None:
        """Write the objects in order; with -Unique, only the first of equal ones."""
        names = tuple(self._expanded())
        keyed = [(self._keys(record, names), record) for record in self._received]
        descending = [self._is_descending(item) for item in names] or [
            self._bound.is_present("Descending")
        ]
        case_sensitive = self._bound.is_present("CaseSensitive")

        def order(left: tuple[Any, Record], right: tuple[Any, Record]) -> int:
            for one, other, is_descending in zip(left[0], right[0], descending, strict=True):
                if result := _order(
                    one, other, case_sensitive=case_sensitive, descending=is_descending
                ):
                    return result
            return 0

        keyed.sort(key=cmp_to_key(order))
        previous: tuple[Any, Record] | None = None
        for item in keyed:
            if not (
                self._bound.is_present("Unique")
                and previous is not None
                and order(previous, item) == 0
            ):
                self._sink.output(item[1])
            previous = item

    def _is_descending(self, item: PropertyName) -> bool:
        return self._bound.is_present("Descending") if item.descending is None else item.descending

    def _expanded(self) -> list[PropertyName]:
        """Return the names that patterns match in any of the objects, in alphabetical order."""
        expanded: list[PropertyName] = []
        for item in self._names:
            if not has_wildcard(item.expression):
                expanded.append(item)
                continue
            found = {
                name.lower(): name
                for record in self._received
                for name, _ in matching_properties(record, item.expression)
            }
            expanded += [
                PropertyName(found[name], item.name, item.descending) for name in sorted(found)
            ]
        return expanded

    @staticmethod
    def _keys(record: Record, names: tuple[PropertyName, ...]) -> list[list[Value]]:
        if not names:
            return [[unwrapped(record)]]
        return [
            [value for _, value in matching_properties(record, item.expression)][:1]
            for item in names
        ]


def _order(left: list[Value], right: list[Value], *, case_sensitive: bool, descending: bool) -> int:
    if not left or not right:
        return bool(right) - bool(left)
    result = sort_order(left[0], right[0], case_sensitive=case_sensitive)
    return -result if descending else result
