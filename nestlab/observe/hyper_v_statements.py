"""The statements that read Hyper-V on a machine, and the errors that only mean absence."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.model import Cmdlet, ErrorRecord, SwitchParameter
from nestlab.observe.settings_without_key import (
    ADAPTER_WITHOUT_KEY,
    MEMORY_WITHOUT_KEY,
    PROCESSOR_WITHOUT_KEY,
)
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS

_CONTINUE = {"ErrorAction": "Continue"}

# Remoting serializes to depth 1, so the VLAN setting of an adapter arrives as text. Expanded, it
# arrives as an object, with the properties that identify its adapter. The name is qualified by its
# module: in a restricted (JEA) session a bare Select-Object is a proxy function that accepts
# neither of these parameters in this form.
VLANS = Cmdlet(
    SELECT_OBJECT, {"Property": ["VMId", "VMName", "Id", "Name"], "ExpandProperty": "VlanSetting"}
)


def _select(*names: str) -> Cmdlet:
    """Return a Select-Object of these properties.

    Serializing all properties would take most of the time of an observation.
    """
    return Cmdlet(SELECT_OBJECT, {"Property": list(names)})


_VMS = _select(
    *("Id", "Name", "State", "Generation", "Version", "Notes", "ProcessorCount", "MemoryAssigned"),
    *("ParentSnapshotId", "Heartbeat"),
    *(each.setting.parameter for each in VM_SETTINGS),
)
_PROCESSORS = _select(
    *("VMId", "Count", "ExposeVirtualizationExtensions", "HwThreadCountPerCore"),
    *(each.parameter for each in PROCESSOR_WITHOUT_KEY),
)
_MEMORIES = _select(
    *("VMId", "Startup", "DynamicMemoryEnabled", "Minimum", "Maximum"),
    *(each.parameter for each in MEMORY_WITHOUT_KEY),
)
_DISKS = _select("VMId", "Path", "ControllerType", "ControllerNumber", "ControllerLocation")
_DVD_DRIVES = _select("VMId", "Path", "ControllerNumber", "ControllerLocation")
_FIRMWARES = _select("VMId", "SecureBoot", "SecureBootTemplate")
ADAPTER_PROPERTIES = _select(
    *(
        "Id",
        "Name",
        "VMId",
        "VMName",
        "SwitchId",
        "SwitchName",
        "MacAddress",
        "DynamicMacAddressEnabled",
    ),
    *("MacAddressSpoofing", "AllowTeaming", "Connected", "IPAddresses"),
    *(each.setting.parameter for each in ADAPTER_SETTINGS),
    *(each.parameter for each in ADAPTER_WITHOUT_KEY),
)


_OVERVIEW = _select("Id", "Name", "State", "Notes", "MemoryAssigned")


def vm_overview_statement() -> Cmdlet:
    """Return the statement that reads a few properties of every VM."""
    return Cmdlet("Get-VM", _CONTINUE, _OVERVIEW)


def statements(only: Collection[str] | None = None) -> Iterator[Cmdlet]:
    """Yield the statements whose outcome `hyper_v_state` reads.

    Their number does not grow with the number of VMs. `only` are the names of the VMs to read; by
    default all are read.
    """
    yield Cmdlet("Get-VMHost", _CONTINUE)
    yield Cmdlet("Get-VMHostSupportedVersion", _CONTINUE)
    yield Cmdlet("Get-VMSwitch", _CONTINUE)
    yield Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON, **_CONTINUE})
    yield Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON, **_CONTINUE}, VLANS)
    yield from vm_statements(only)


def vm_statements(only: Collection[str] | None = None) -> Iterator[Cmdlet]:
    """Yield the statements that read VMs and their devices."""
    if only is not None and not only:
        return
    vms = {"VMName": "*" if only is None else sorted(only), **_CONTINUE}
    yield Cmdlet("Get-VM", _CONTINUE if only is None else {"Name": sorted(only), **_CONTINUE}, _VMS)
    yield Cmdlet("Get-VMProcessor", vms, _PROCESSORS)
    yield Cmdlet("Get-VMMemory", vms, _MEMORIES)
    yield Cmdlet("Get-VMHardDiskDrive", vms, _DISKS)
    yield Cmdlet("Get-VMDvdDrive", vms, _DVD_DRIVES)
    yield Cmdlet("Get-VMFirmware", vms, _FIRMWARES)
    yield Cmdlet("Get-VMNetworkAdapter", vms, ADAPTER_PROPERTIES)
    yield Cmdlet("Get-VMNetworkAdapter", vms, VLANS)
    yield Cmdlet("Get-VMSecurity", vms)


def means_no_firmware(error: ErrorRecord) -> bool:
    """Whether an error only means that a VM of generation 1 has no firmware.

    The id of that error is not known, so every error of Get-VMFirmware counts except a denied
    permission: the other cmdlets of the module report other failures as well.
    """
    command = error.fully_qualified_error_id.rpartition(".")[2]
    return command == "GetVMFirmware" and error.category != "PermissionDenied"


def is_vm_not_found(error: ErrorRecord, names: Collection[str]) -> bool:
    """Whether an error only means that no VM has one of these names."""
    return error.error_id in _NOT_FOUND and error.target.casefold() in {
        name.casefold() for name in names
    }


# Error ids of Get-VM, and of the cmdlets that take -VMName.
_NOT_FOUND = frozenset({"InvalidParameter", "ObjectNotFound"})
