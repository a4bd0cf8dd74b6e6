"""Conversion to another type (about_Type_Conversion, LanguagePrimitives.ConvertTo)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from nestlab.model import EnumValue, Record, Secret, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.dotnet_values import (
    InvalidCastError,
    cannot_convert,
    text_of,
    wrong_type,
)
from nestlab.simulator.powershell.values.enums import to_enum
from nestlab.simulator.powershell.values.ip_addresses import to_ip_address
from nestlab.simulator.powershell.values.numbers import (
    INTEGERS,
    WRONG_FORMAT,
    text_to_parse,
    to_char,
    to_double,
    to_integer,
)
from nestlab.simulator.powershell.values.object_types import enum_table
from nestlab.simulator.powershell.values.times import to_date_time, to_time_span


def convert(
    value: Value, type_name: str, dotnet_type: str, enum: Mapping[str, int] | None = None
) -> Value:
    """Convert a value to a type that is not an array. Raises InvalidCastError.

    >>> convert("4GB", "Int64", "System.Int64")
    4294967296
    >>> convert(5, "String", "System.String")
    '5'
    >>> convert("off", "OnOffState", "OnOffState")
    EnumValue(name='Off', number=1)
    """
    numbers = enum if enum is not None else enum_table(type_name)
    if numbers is not None:
        return to_enum(value, numbers, dotnet_type)
    if isinstance(value, list | tuple) and type_name not in _TAKE_LISTS:
        raise wrong_type(value, dotnet_type)
    if type_name in INTEGERS:
        return to_integer(value, type_name, dotnet_type)
    if type_name in _CONVERTERS:
        return _CONVERTERS[type_name](value, dotnet_type)
    return _to_object(value, type_name, dotnet_type)


def convert_list(
    value: Value, type_name: str, dotnet_type: str, enum: Mapping[str, int] | None = None
) -> tuple[Value, ...]:
    """Convert to an array of the type; a single value becomes one element. Raises InvalidCastError.

    >>> convert_list("1", "Int32", "System.Int32"), convert_list([1, "2"], "Int32", "System.Int32")
    ((1,), (1, 2))
    """
    if isinstance(value, list | tuple):
        return tuple(convert(item, type_name, dotnet_type, enum) for item in value)
    try:
        return (convert(value, type_name, dotnet_type, enum),)
    except InvalidCastError as refused:
        raise cannot_convert(value, f"{dotnet_type}[]", refused.reason) from None


def _to_string(value: Value, _dotnet_type: str) -> Value:
    return text_of(value)


def _to_switch(value: Value, dotnet_type: str) -> Value:
    match value:
        case SwitchParameter():
            return value
        case None | bool():
            return SwitchParameter.ON if value else SwitchParameter.OFF
        case _:
            raise wrong_type(value, dotnet_type)


def _to_boolean(value: Value, _dotnet_type: str) -> Value:
    return is_true(value)


def is_true(value: Value) -> bool:
    """Whether a value is true as a condition.

    The string ``'False'`` and an empty hashtable are true, an empty list is false.

    >>> is_true("False"), is_true([]), is_true([0]), is_true({}), is_true(0.0)
    (True, False, False, True, False)
    """
    match value:
        case SwitchParameter():
            return value is SwitchParameter.ON
        case EnumValue():
            return value.number != 0
        case list() | tuple():
            return is_true(value[0]) if len(value) == 1 else bool(value)
        case str() | bool() | int() | float() | None:
            return bool(value)
        case _:
            return True


_GUID_FORM = "(xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)"
_GUIDS = {
    "": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}",
    "(": r"\([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\)",
    "{": r"\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}",
}
_GUID_GROUPS = (
    r"\{\s*0x([0-9a-f]{1,8})\s*,\s*0x([0-9a-f]{1,4})\s*,\s*0x([0-9a-f]{1,4})\s*,\s*\{\s*"
    + r"\s*,\s*".join(["0x([0-9a-f]{1,2})"] * 8)
    + r"\s*\}\s*\}"
)
_GUID_DIGITS = 32


def _to_guid(value: Value, dotnet_type: str) -> Value:
    if isinstance(value, UUID):
        return value
    if value is None:
        raise _null(dotnet_type)
    text = text_to_parse(value, dotnet_type).strip()
    pattern = _GUIDS.get(text[:1], _GUIDS[""])
    if re.fullmatch(pattern, text, re.IGNORECASE):
        return UUID(re.sub("[^0-9a-fA-F]", "", text))
    if (groups := re.fullmatch(_GUID_GROUPS, text, re.IGNORECASE)) is not None:
        widths = (8, 4, 4, *[2] * 8)
        parts = zip(groups.groups(), widths, strict=True)
        return UUID("".join(digits.zfill(width) for digits, width in parts))
    raise cannot_convert(value, dotnet_type, _guid_error(text))


def _guid_error(text: str) -> str:
    dash = 8
    if len(text) > dash + 1 and text.startswith("{") and text[dash + 1] != "-":
        return "Expected 0x prefix."
    if len(text) == _GUID_DIGITS and "-" not in text and text[0] not in "({":
        return "Guid string should only contain hexadecimal characters."
    return f"Guid should contain 32 digits with 4 dashes {_GUID_FORM}."


def _null(dotnet_type: str) -> InvalidCastError:
    return InvalidCastError(f'Cannot convert null to type "{dotnet_type}".')


_VERSION_PART = r"\s*[+-]?\d+\s*"
_MAX_PARTS, _LARGEST = 4, 2**31 - 1


def _to_version(value: Value, dotnet_type: str) -> Value:
    if value is None:
        return None
    text = text_to_parse(value, dotnet_type)
    parts = text.split(".")
    if not 1 < len(parts) <= _MAX_PARTS:
        raise cannot_convert(
            value, dotnet_type, "Version string portion was too short or too long."
        )
    if not all(re.fullmatch(_VERSION_PART, part, re.ASCII) for part in parts):
        raise cannot_convert(value, dotnet_type, WRONG_FORMAT)
    numbers = [int(part) for part in parts]
    if any(number < 0 for number in numbers):
        raise cannot_convert(
            value, dotnet_type, "Version's parameters must be greater than or equal to zero."
        )
    if any(number > _LARGEST for number in numbers):
        raise cannot_convert(
            value, dotnet_type, "Value was either too large or too small for an Int32."
        )
    return ".".join(str(number) for number in numbers)


_SCHEME = r"([a-z][a-z0-9+.-]*):(.*)"
_HOST = r"[^\s/?#\\]+"


def _to_uri(value: Value, dotnet_type: str) -> Value:
    if value is None:
        return None
    text = text_to_parse(value, dotnet_type)
    match = re.match(_SCHEME, text.strip(), re.IGNORECASE | re.DOTALL)
    if match is None:
        return text
    scheme, rest = match.groups()
    if len(scheme) == 1 and not rest.startswith(("/", "\\")):
        raise cannot_convert(
            value, dotnet_type, "Invalid URI: A Dos path must be rooted, for example, 'c:\\\\'."
        )
    if scheme.lower() in {"http", "https", "ftp", "ws", "wss"}:
        host = re.split(r"[/?#\\]", rest.lstrip("/\\"), maxsplit=1)[0]
        if not re.fullmatch(_HOST, host):
            raise cannot_convert(
                value, dotnet_type, "Invalid URI: The hostname could not be parsed."
            )
    return text


def _to_hashtable(value: Value, dotnet_type: str) -> Value:
    if value is None or isinstance(value, Mapping):
        return value
    if (
        isinstance(value, Record)
        and "System.Management.Automation.PSCustomObject" in value.type_names
    ):
        raise cannot_convert(value, dotnet_type, wrong_type(value, dotnet_type).reason)
    raise wrong_type(value, dotnet_type)


def _to_credential(value: Value, dotnet_type: str) -> Value:
    if value is None or isinstance(value, Secret):
        return value
    raise wrong_type(value, dotnet_type)


def _unchanged(value: Value, _dotnet_type: str) -> Value:
    return value


def _to_object(value: Value, type_name: str, dotnet_type: str) -> Value:
    if value is None:
        return None
    if isinstance(value, Record) and is_instance(value, type_name, dotnet_type):
        return value
    raise wrong_type(value, dotnet_type)


_GENERATED = "Microsoft.PowerShell.Cmdletization.GeneratedTypes."


def is_instance(record: Record, type_name: str, dotnet_type: str = "") -> bool:
    """Whether a record is a live object of the type with this short name.

    Objects whose type names begin with ``Deserialized.`` or ``Selected.`` are not.
    """
    if dotnet_type.startswith(_GENERATED) and dotnet_type not in record.type_names:
        return False
    names = (
        name.split("#")[0].rsplit(".", 1)[-1]
        for name in record.type_names
        if not name.startswith(("Deserialized.", "Selected."))
    )
    return type_name in names


def _named_object(value: Value, dotnet_type: str) -> Value:
    """Return the string for a type that is created from one, such as Feature from its name."""
    if isinstance(value, Record) and (name := value.get("Name")) is not None:
        return text_of(name)
    return (
        value if value is None or isinstance(value, str | Record) else _reject(value, dotnet_type)
    )


def _reject(value: Value, dotnet_type: str) -> Value:
    text_to_parse(value, dotnet_type)
    raise wrong_type(value, dotnet_type)


_TAKE_LISTS = frozenset({"Object", "PSObject", "String", "Boolean"})
_CONVERTERS: Mapping[str, Callable[[Value, str], Any]] = {
    **dict.fromkeys(
        (
            "CultureInfo",
            "Feature",
            "ModuleSpecification",
            "PSTypeName",
            "ServiceController",
            "Type",
        ),
        _named_object,
    ),
    "Boolean": _to_boolean,
    "Char": to_char,
    "DateTime": to_date_time,
    "Double": to_double,
    "Guid": _to_guid,
    "Hashtable": _to_hashtable,
    "IDictionary": _to_hashtable,
    "IPAddress": to_ip_address,
    "Object": _unchanged,
    "PSCredential": _to_credential,
    "PSObject": _unchanged,
    # Remoting transmits a script block as a string, which the binder does not convert back.
    "ScriptBlock": _reject,
    "String": _to_string,
    "SwitchParameter": _to_switch,
    "TimeSpan": to_time_span,
    "Uri": _to_uri,
    "Version": _to_version,
}
