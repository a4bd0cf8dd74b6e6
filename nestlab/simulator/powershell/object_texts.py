"""The string form of objects, as ToString returns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

from nestlab.model import Record
from nestlab.simulator.powershell.values.object_types import ObjectType


class LazyTextRecord(Record):
    """A record whose text is computed when it is first read, which for most records never happens.

    Args:
        type_names: As in `Record`.
        properties: A mapping that is not changed afterwards.
        make_text: Computes the text from the properties.
        spellings: As in `Record.spellings`, of a record with the same properties in this order.
    """

    derived: dict[object, Any] | None = None
    """Cached results derived from the record, such as its XML; None before `start_caching`."""

    _make_text: Callable[[Mapping[str, Any]], str]

    def __init__(
        self,
        type_names: tuple[str, ...],
        properties: dict[str, Any],
        make_text: Callable[[Mapping[str, Any]], str],
        spellings: Mapping[str, str] | None = None,
    ) -> None:
        if spellings is None:
            super().__init__(type_names, MappingProxyType(properties))
            del self.__dict__["text"]  # the default of the field; the property below replaces it
            object.__setattr__(self, "_make_text", make_text)
            return
        object.__setattr__(self, "type_names", type_names)
        object.__setattr__(self, "properties", properties)
        object.__setattr__(self, "spellings", spellings)
        object.__setattr__(self, "_make_text", make_text)

    @cached_property
    def text(self) -> str:
        """The text, computed once."""
        return self._make_text(self.properties)

    def start_caching(self) -> None:
        """Start caching derived results; compute the text now, before its sources change."""
        self.__dict__.update(text=self.text, derived={})

    def as_plain_record(self) -> Record:
        """Return a plain record with the same contents."""
        return Record(self.type_names, MappingProxyType(self.properties), self.text)


def start_caching_all(records: Sequence[Record]) -> Sequence[Record]:
    """Start caching the results derived from each of these records, and return the records."""
    for record in records:
        if isinstance(record, LazyTextRecord) and record.derived is None:
            record.start_caching()
    return records


def _named_with_id(object_type: ObjectType, values: Mapping[str, Any]) -> str:
    return f"{object_type.name} (Name = '{values['Name']}') [Id = '{values['Id']}']"


def _part_of_vm(object_type: ObjectType, values: Mapping[str, Any]) -> str:
    return f"{object_type.name} (Name = '{values.get('Name')}', VMName = '{values.get('VMName')}') [VMId = '{values.get('VMId')}']"


def _service(object_type: ObjectType, values: Mapping[str, Any]) -> str:
    return f"{object_type.name} (Name = '{values.get('Name')}', VMName = '{values.get('VMName')}') [Id = '{values.get('Id')}', VMId = '{values.get('VMId')}']"


def _snapshot(object_type: ObjectType, values: Mapping[str, Any]) -> str:
    return f"{object_type.name} (Name = '{values['Name']}', VMName = '{values['VMName']}') [Id = '{values['Id']}', VMId = '{values['VMId']}']"


_TEXTS: Mapping[str, Callable[[ObjectType, Mapping[str, Any]], str]] = {
    "DvdDrive": _part_of_vm,
    "HardDiskDrive": _part_of_vm,
    "VMIntegrationComponent": _service,
    "VMHostSupportedVersion": lambda _type, values: str(values["Version"]),
    "VMNetworkAdapter": _part_of_vm,
    "VMSnapshot": _snapshot,
    "VMSwitch": _named_with_id,
    "VirtualMachine": _named_with_id,
}


_IN_TEXTS: Mapping[str, frozenset[str]] = {
    "DvdDrive": frozenset({"Name", "VMName", "VMId"}),
    "HardDiskDrive": frozenset({"Name", "VMName", "VMId"}),
    "VMHostSupportedVersion": frozenset({"Version"}),
    "VMNetworkAdapter": frozenset({"Name", "VMName", "VMId"}),
    "VMSnapshot": frozenset({"Name", "VMName", "Id", "VMId"}),
    "VMSwitch": frozenset({"Name", "Id"}),
    "VirtualMachine": frozenset({"Name", "Id"}),
}


def properties_in_text(object_type: ObjectType) -> frozenset[str]:
    """Return the properties that the text of an object of a type is made of."""
    if object_type.is_cim:
        return frozenset({"Name", "DeviceID", "InstanceID"})
    return _IN_TEXTS.get(object_type.name, frozenset())


def text_of_object(object_type: ObjectType, values: Mapping[str, Any]) -> str:
    """Return the text of an object from its type and its properties."""
    if object_type.name in _TEXTS:
        return _TEXTS[object_type.name](object_type, values)
    if object_type.is_cim:
        key = next(
            (values[name] for name in ("Name", "DeviceID", "InstanceID") if values.get(name)), ""
        )
        return f'{object_type.name} (Name = "{key}")' if key else object_type.name
    return object_type.type_names[0]
