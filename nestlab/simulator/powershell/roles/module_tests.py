"""The checks of the functions of a role's module, by the private data of its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.model import Record
from nestlab.model.parameter_values import Value
from nestlab.simulator.powershell.roles.role_functions import Tests
from nestlab.simulator.powershell.session_state import Computer, GuestLimits
from nestlab.simulator.powershell.values.regular_expressions import is_match

_NOTHING = "(?!)"


def module_tests(lab: Mapping[str, Any]) -> Tests:
    """Return the tests of the module, by the scripts that run them; `lab` is its private data."""
    return {
        "Test-NestLabAdapter $_": lambda _, value: _is_adapter_of(lab, value),
        "Test-NestLabMapping $_": lambda _, value: _is_mapping_of(lab, value),
        "Test-NestLabDisk $_": lambda computer, value: _is_disk_of(lab, computer, value),
        "Test-NestLabFile $_": lambda computer, value: _is_on_disk_of(lab, computer, value),
    }


def _is_adapter_of(lab: Mapping[str, Any], adapter: Value) -> bool:
    if not isinstance(adapter, Record):
        return False
    if adapter.get("IsManagementOs"):
        name, switch = str(adapter["Name"]).lower(), str(adapter["SwitchName"]).lower()
        return name in _names(lab.get("managementadapters")) and switch in _names(
            lab.get("switches")
        )
    return "VMName" in adapter and str(adapter["VMName"]).lower() in _guests(lab)


def _is_mapping_of(lab: Mapping[str, Any], mapping: Value) -> bool:
    if not isinstance(mapping, Record) or "NatName" not in mapping:
        return False
    return str(mapping["NatName"]).lower() in _names(lab.get("nats"))


def _is_disk_of(lab: Mapping[str, Any], computer: Computer, target: Value) -> bool:
    """Whether a disk or a partition is, on this machine, that of a disk of the lab."""
    if not isinstance(target, Record):
        return False
    numbers = [target[key] for key in ("Number", "DiskNumber") if key in target]
    found = [computer.disk_with_number(number) for number in numbers if isinstance(number, int)]
    return bool(found) and all(_is_lab_disk(lab, path) for path in found)


def _is_on_disk_of(lab: Mapping[str, Any], computer: Computer, path: Value) -> bool:
    """Whether a path is the folder of a disk, or on a disk of the lab that is mounted into it.

    The function of the module also looks for links, which the simulated host does not have.
    """
    root = str(lab.get("mountfolder")).lower() + "\\"
    if not str(path).lower().startswith(root):
        return False
    folder, *inside = str(path)[len(root) :].split("\\")
    return not inside or _is_lab_disk(lab, computer.disk_mounted_into(root + folder))


def _is_lab_disk(lab: Mapping[str, Any], path: str) -> bool:
    return bool(path) and is_match(str(lab.get("disks", _NOTHING)), path, case_sensitive=False)


def guest_limits_of(lab: Mapping[str, Any]) -> GuestLimits:
    """Return what the function that enters guests accepts."""
    return GuestLimits(_guests(lab), _names(lab.get("guestcommands")))


def _guests(lab: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {name.lower(): _names(inside) for name, inside in lab.get("guests", {}).items()}


def _names(value: Any) -> frozenset[str]:
    """Return the names in a list, or a single one, in lower case."""
    items = [] if value is None else value if isinstance(value, list) else [value]
    return frozenset(str(name).lower() for name in items)
