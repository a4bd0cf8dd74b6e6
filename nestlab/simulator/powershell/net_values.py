"""Values as .NET sees them: the name of their type, their text, and why one does not convert."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from nestlab.model import Record, Secret, Size, Switch
from nestlab.model.cmdlet import Value


class Refused(Exception):
    """A value does not convert. `reason` is .NET's sentence; `kind` is set where conversion is not even tried."""

    def __init__(self, reason: str, kind: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


def net_type_of(value: Value) -> str:
    """Return the .NET type name of a value.

    >>> net_type_of("x"), net_type_of(True), net_type_of(2**40), net_type_of([1])
    ('System.String', 'System.Boolean', 'System.Int64', 'System.Object[]')
    """
    match value:
        case bool():
            return "System.Boolean"
        case Size():
            return "System.Int64"
        case int():
            return "System.Int32" if -(2**31) <= value < 2**31 else "System.Int64"
        case Record():
            return value.type_names[0] if value.type_names else "System.Object"
        case Mapping():
            return "System.Collections.Hashtable"
        case list() | tuple():
            return "System.Object[]"
    for kind, name in _NET_TYPES:
        if isinstance(value, kind):
            return name
    return "System.Object"


_NET_TYPES: tuple[tuple[type, str], ...] = (
    (str, "System.String"),
    (float, "System.Double"),
    (datetime, "System.DateTime"),
    (timedelta, "System.TimeSpan"),
    (UUID, "System.Guid"),
    (Switch, "System.Management.Automation.SwitchParameter"),
    (Secret, "System.Management.Automation.PSCredential"),
)


def text_of(value: Value) -> str:
    """Return a value as PowerShell writes it into a string.

    >>> text_of(True), text_of(Size.parse("1KB")), text_of(None), text_of([1, "a"])
    ('True', '1024', '', '1 a')
    """
    match value:
        case None:
            return ""
        case Switch():
            return str(value is Switch.ON)
        case Record():
            return value.text
        case Size():
            return int.__repr__(value)
        case list() | tuple():
            return " ".join(text_of(item) for item in value)
        case Mapping():
            return "System.Collections.Hashtable"
        case _:
            return str(value)


def cannot_convert(value: Value, net_type: str, error: str) -> Refused:
    """Return the refusal of a value whose conversion failed with .NET's `error`."""
    return Refused(f'Cannot convert value "{text_of(value)}" to type "{net_type}". Error: "{error}"')


def wrong_type(value: Value, net_type: str) -> Refused:
    """Return the refusal of a value that no conversion takes."""
    return Refused(f'Cannot convert the "{text_of(value)}" value of type "{net_type_of(value)}" to type "{net_type}".')
