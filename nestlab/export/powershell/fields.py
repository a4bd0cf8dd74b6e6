"""Values of a step that its script blocks read from the data file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.credential_text import CredentialText, EncodedPassword, Part
from nestlab.model.parameter_values import Value


@dataclass(frozen=True)
class DataField:
    """A value that is in the data file: ``$Data.Name`` in the blocks of a step."""

    name: str
    value: Value


# Parameters whose values are words of PowerShell or numbers with a fixed meaning: they stay in the
# code, where a reader needs them.
_IN_CODE = frozenset(
    [
        "AddressFamily",
        "ClassName",
        "ControllerType",
        "Dhcp",
        "Direction",
        "FileSource",
        "FileSystem",
        "Forwarding",
        "IcmpType",
        "ItemType",
        "PartitionStyle",
        "Property",
        "AutomaticMetric",
        "State",
        "SwitchType",
        "ErrorAction",
    ]
)
_NAMES: Mapping[tuple[str, str], str] = {
    ("Get-VM", "Name"): "VMName",
    ("New-VM", "Name"): "VMName",
    ("Get-VMSwitch", "Name"): "SwitchName",
    ("New-VMSwitch", "Name"): "SwitchName",
    ("New-NetNat", "Name"): "NatName",
    ("Get-VMNetworkAdapter", "Name"): "Adapter",
    ("Add-VMNetworkAdapter", "Name"): "Adapter",
    ("Rename-VMNetworkAdapter", "NewName"): "Adapter",
    ("Set-VMNetworkAdapterVlan", "VMNetworkAdapterName"): "Adapter",
    ("Set-VMProcessor", "Count"): "ProcessorCount",
}


def with_fields(cmdlet: Cmdlet) -> Cmdlet:
    """Return a cmdlet of a plan that takes its values from the data file."""
    following = cmdlet.pipe_to and with_fields(cmdlet.pipe_to)
    values = {
        name: value if _is_code(name, value) else DataField(_field(cmdlet.name, name), value)
        for name, value in cmdlet.parameters.items()
    }
    return Cmdlet(cmdlet.name, values, following)


def _is_code(name: str, value: Value) -> bool:
    return name in _IN_CODE or isinstance(value, bool | SwitchParameter | DataField)


def _field(command: str, parameter: str) -> str:
    return _NAMES.get((command, parameter), parameter)


class FieldNames:
    """The values of one step by their names in the data file; numbers make the names unique."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}

    def name(self, field: DataField) -> str:
        """Return the name that a value has in the data file."""
        value, number, name = plain_data(field.value), 1, field.name
        while name in self.values and self.values[name] != value:
            number += 1
            name = f"{field.name}{number}"
        self.values[name] = value
        return name


def _part(part: Part) -> Value:
    """Return the placeholder of a part of a credential in a data file; the script fills it in."""
    if isinstance(part, str):
        return part
    suffix = {"Suffix": part.suffix} if isinstance(part, EncodedPassword) else {}
    return {"Part": type(part).__name__, **suffix}


def is_filled_in(value: Value) -> bool:
    """Whether a value of a data file has lines with placeholders that the script fills in."""
    return isinstance(value, list) and any(isinstance(line, Mapping) for line in value)


def plain_data(value: Value) -> Value:
    """Return a value in a form that data files allow: they have neither casts nor calls.

    Raises TypeError for a value without such a form.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case timedelta() | datetime() | UUID():
            return str(value)
        case CredentialText():
            line = {"Account": value.credential, "Parts": [_part(part) for part in value.parts]}
            return {**line, "NotFor": list(value.not_for)} if value.not_for else line
        case Mapping():
            return {str(key): plain_data(item) for key, item in value.items()}
        case Sequence():
            return [plain_data(item) for item in value]
        case _:
            message = f"a value of type {type(value).__name__} has no place in a data file"
            raise TypeError(message)
