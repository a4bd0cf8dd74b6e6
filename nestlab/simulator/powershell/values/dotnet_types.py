"""The names of .NET types for ``-Is``, with type accelerators, and the base types of values."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.model import EnumValue, Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.values.dotnet_values import dotnet_type_of
from nestlab.simulator.powershell.values.object_types import (
    DotNetEnum,
    enum_table,
    enum_type_name,
    object_type,
)

# PowerShell's type accelerators (about_Type_Accelerators).
_TYPE_ACCELERATORS: Mapping[str, str] = {
    "array": "System.Array",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "char": "System.Char",
    "datetime": "System.DateTime",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "float": "System.Single",
    "guid": "System.Guid",
    "hashtable": "System.Collections.Hashtable",
    "int": "System.Int32",
    "int16": "System.Int16",
    "int32": "System.Int32",
    "int64": "System.Int64",
    "ipaddress": "System.Net.IPAddress",
    "long": "System.Int64",
    "pscredential": "System.Management.Automation.PSCredential",
    "pscustomobject": "System.Management.Automation.PSObject",
    "psobject": "System.Management.Automation.PSObject",
    "sbyte": "System.SByte",
    "scriptblock": "System.Management.Automation.ScriptBlock",
    "securestring": "System.Security.SecureString",
    "single": "System.Single",
    "string": "System.String",
    "switch": "System.Management.Automation.SwitchParameter",
    "timespan": "System.TimeSpan",
    "type": "System.Type",
    "uint16": "System.UInt16",
    "uint32": "System.UInt32",
    "uint64": "System.UInt64",
    "uri": "System.Uri",
    "version": "System.Version",
    "void": "System.Void",
    "xml": "System.Xml.XmlDocument",
}
_KNOWN = {
    *(name.lower() for name in _TYPE_ACCELERATORS.values()),
    *(
        "system.object",
        "system.valuetype",
        "system.enum",
        "system.object[]",
        "system.string[]",
        "system.int32[]",
        "system.icomparable",
    ),
    *(
        "system.iconvertible",
        "system.iformattable",
        "system.collections.icollection",
        "system.collections.ienumerable",
    ),
    *(
        "system.collections.ilist",
        "system.collections.idictionary",
        "system.management.automation.pscustomobject",
    ),
}
_VALUE = ("System.ValueType", "System.IComparable", "System.IFormattable")
_LIST = (
    "System.Array",
    "System.Collections.IList",
    "System.Collections.ICollection",
    "System.Collections.IEnumerable",
)
_TABLE = (
    "System.Collections.IDictionary",
    "System.Collections.ICollection",
    "System.Collections.IEnumerable",
)


class UnknownType(Exception):
    """No type has this name."""


def is_of_type(value: Value, name: str) -> bool:
    """Whether a value is of a type or of a type derived from it; raises UnknownType.

    >>> is_of_type(5, "int")
    True
    >>> is_of_type(5, "[object]")
    True
    >>> is_of_type([], "array")
    True
    >>> is_of_type("a", "Int32")
    False
    """
    wanted = _full_name(name)
    return value is not None and wanted in {kind.lower() for kind in _types_of(value)}


def _full_name(name: str) -> str:
    in_brackets = name.startswith("[") and name.endswith("]")
    bare = (name[1:-1] or name if in_brackets else name).strip()
    for text in (_TYPE_ACCELERATORS.get(bare.lower(), bare), f"System.{bare}"):
        short = text.rsplit(".", 1)[-1]
        if text.lower() in _KNOWN:
            return text.lower()
        if text.startswith("Microsoft.") and (
            object_type(short) is not None or enum_table(short) is not None
        ):
            return text.lower()
    raise UnknownType(bare)


def _types_of(value: Value) -> tuple[str, ...]:
    match value:
        case Record():
            return (
                *(name.split("#")[0] for name in value.type_names),
                "System.Management.Automation.PSObject",
                "System.Object",
            )
        case EnumValue():
            own = (enum_type_name(value.enum),) if isinstance(value, DotNetEnum) else ()
            return (*own, "System.Enum", *_VALUE, "System.IConvertible", "System.Object")
        case str():
            return (
                "System.String",
                "System.IComparable",
                "System.IConvertible",
                "System.Collections.IEnumerable",
                "System.Object",
            )
        case list() | tuple():
            return ("System.Object[]", *_LIST, "System.Object")
        case Mapping():
            return ("System.Collections.Hashtable", *_TABLE, "System.Object")
        case bool() | int() | float():
            return (dotnet_type_of(value), *_VALUE, "System.IConvertible", "System.Object")
        case _:
            return (dotnet_type_of(value), *_VALUE, "System.Object")
