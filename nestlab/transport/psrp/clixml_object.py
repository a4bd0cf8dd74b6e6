"""One object of CLIXML, built from its parts: a record, or the value of a property."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.model import EnumValue, Record
from nestlab.transport.psrp.clixml_values import SCALAR_NAMES

_ENUM = "System.Enum"


class ObjectParts:
    """The parts of one object: type names, text, value, properties."""

    __slots__ = ("content", "names", "properties", "tag", "text")

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.text = ""
        self.properties: dict[str, Any] = {}
        self.content: Any = None
        self.tag = ""

    @property
    def is_object(self) -> bool:
        """Whether it is neither a primitive value nor a collection."""
        return not self.tag

    def value(self) -> Any:
        """Return the object as the value of a property: its text, or without one its properties."""
        if self.tag:
            return self._content()
        return self.text or self.properties or (self.names[0] if self.names else "")

    def record(self) -> Record:
        """Return the object as a record."""
        if not self.tag:
            return Record(self.names, self.properties, self.text)
        properties = {"Value": self._content(), **self.properties}
        if not self.names:
            return scalar_record(self.tag, properties.pop("Value"), properties)
        return Record(self.names, properties, self.text)

    def _content(self) -> Any:
        if isinstance(self.content, int) and any(
            name.removeprefix("Deserialized.") == _ENUM for name in self.names
        ):
            return EnumValue(self.text, self.content)
        return self.content


def scalar_record(tag: str, value: Any, properties: Mapping[str, Any]) -> Record:
    """Return a primitive value as a record, with its properties."""
    if tag == "Nil":
        return Record((), {"Value": None, **properties})
    names = (SCALAR_NAMES[tag], "System.Object") if tag in SCALAR_NAMES else ()
    return Record(names, {"Value": value, **properties}, str(value))
