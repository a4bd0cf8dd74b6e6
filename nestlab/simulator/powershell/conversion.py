"""From the value somebody typed to the type a parameter has, by PowerShell's rules (about_Type_Conversion)."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from nestlab.model import Record, Secret, Switch
from nestlab.model.cmdlet import Value
from nestlab.simulator.powershell.net_values import Refused, cannot_convert, net_type_of, text_of, wrong_type
from nestlab.simulator.powershell.numbers_and_times import INTEGERS, to_date_time, to_double, to_enum, to_integer, to_time_span
from nestlab.simulator.powershell.object_types import enum_table


def convert(value: Value, type_name: str, net_type: str, enum: Mapping[str, int] | None = None) -> Value:
    """Convert one value to one (not array) type. Raises Refused.

    >>> convert("4GB", "Int64", "System.Int64"), convert(5, "String", "System.String"), convert("off", "OnOffState", "OnOffState")
    (4294967296, '5', EnumValue(name='Off', number=1))
    """
    if isinstance(value, list | tuple) and type_name not in _TAKE_LISTS:
        msg = "Specified method is not supported."
        raise Refused(msg, net_type_of(value))
    numbers = enum if enum is not None else enum_table(type_name)
    if numbers is not None:
        return to_enum(value, numbers, net_type)
    if type_name in INTEGERS:
        return to_integer(value, type_name, net_type)
    if type_name in _CONVERTERS:
        return _CONVERTERS[type_name](value, net_type)
    return _to_object(value, type_name, net_type)


def _to_string(value: Value, _net_type: str) -> Value:
    return text_of(value)


def _to_switch(value: Value, net_type: str) -> Value:
    # An argument without a value arrives as null, and means that the switch is there.
    if value is None or value is Switch.ON:
        return Switch.ON
    return Switch.ON if _to_boolean(value, net_type) else Switch.OFF


def _to_boolean(value: Value, _net_type: str) -> Value:
    match value:
        case Switch():
            return value is Switch.ON
        case bool() | int() | float():
            return bool(value)
        case _:
            kind = net_type_of(value)
            reason = (
                f'Cannot convert value "{kind}" to type "System.Boolean". Boolean parameters accept only Boolean values and numbers, '
                "such as $True, $False, 1 or 0."
            )
            raise Refused(reason, kind)


def _to_guid(value: Value, net_type: str) -> Value:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str):
        raise wrong_type(value, net_type)
    try:
        return UUID(value)
    except ValueError:
        error = "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."
        raise cannot_convert(value, net_type, error) from None


# System.Version has major.minor[.build[.revision]], each an Int32.
_VERSION = re.compile(r"\d{1,9}(\.\d{1,9}){1,3}", re.ASCII)


def _to_version(value: Value, net_type: str) -> Value:
    text = text_of(value).strip()
    if "." not in text or text.count(".") >= 4:  # noqa: PLR2004  # five parts and more
        raise cannot_convert(value, net_type, "Version string portion was too short or too long.")
    if _VERSION.fullmatch(text) is None:
        raise cannot_convert(value, net_type, "Input string was not in a correct format.")
    return ".".join(str(int(part)) for part in text.split("."))


def _to_ip_address(value: Value, net_type: str) -> Value:
    try:
        return str(ipaddress.ip_address(text_of(value).strip()))
    except ValueError:
        raise cannot_convert(value, net_type, "An invalid IP address was specified.") from None


def _to_hashtable(value: Value, net_type: str) -> Value:
    if value is None or isinstance(value, Mapping):
        return value
    raise wrong_type(value, net_type)


def _to_credential(value: Value, net_type: str) -> Value:
    if value is None or isinstance(value, Secret):
        return value
    raise wrong_type(value, net_type)


def _as_it_is(value: Value, _net_type: str) -> Value:
    return value


def _to_object(value: Value, type_name: str, net_type: str) -> Value:
    if value is None:
        return None
    if isinstance(value, Record) and is_instance(value, type_name):
        return value
    raise wrong_type(value, net_type)


def is_instance(record: Record, type_name: str) -> bool:
    """Whether the record is an object of that short type, and a live one: ``Deserialized.`` and ``Selected.`` objects are not."""
    names = (name.split("#")[0].rsplit(".", 1)[-1] for name in record.type_names if not name.startswith(("Deserialized.", "Selected.")))
    return type_name in names


def _named_object(value: Value, net_type: str) -> Value:
    """Types that are made of a text, such as Feature of its name: the text stays."""
    if isinstance(value, Record) and (name := value.get("Name")) is not None:
        return text_of(name)
    return value if isinstance(value, str | Record) else _never(value, net_type)


def _never(value: Value, net_type: str) -> Value:
    raise wrong_type(value, net_type)


_TAKE_LISTS = frozenset({"Object", "PSObject", "IDictionary", "Hashtable", "SwitchParameter", "Boolean"})
_CONVERTERS: Mapping[str, Callable[[Value, str], Any]] = {
    **dict.fromkeys(("CultureInfo", "Feature", "ModuleSpecification", "PSTypeName", "ServiceController", "Type"), _named_object),
    "Boolean": _to_boolean,
    "DateTime": to_date_time,
    "Double": to_double,
    "Guid": _to_guid,
    "Hashtable": _to_hashtable,
    "IDictionary": _to_hashtable,
    "IPAddress": _to_ip_address,
    "Object": _as_it_is,
    "PSCredential": _to_credential,
    "PSObject": _as_it_is,
    # Remoting turns a script block into text, and PowerShell does not turn text into a script block while binding.
    "ScriptBlock": _never,
    "String": _to_string,
    "SwitchParameter": _to_switch,
    "TimeSpan": to_time_span,
    "Uri": _to_string,
    "Version": _to_version,
}
