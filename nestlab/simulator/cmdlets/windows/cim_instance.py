"""Get-CimInstance for the classes that describe a machine, and Get-ComputerInfo."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from nestlab.model import EnumValue, Record
from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.behaviour.start_conditions import available_memory
from nestlab.simulator.behaviour.volumes import drive_letters
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.windows import guest_data
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import matches
from nestlab.simulator.state.clock import utc_time
from nestlab.simulator.state.machine import Machine

_VBS_RUNNING = 2
_X64 = 9  # Win32_Processor.Architecture
_FILTER = pattern(r"\s*(\w+)\s*(=|<>|!=)\s*(?:'([^']*)'|\"([^\"]*)\"|(\w+))\s*")
_QUERY = pattern(r"\s*select\s+(.+?)\s+from\s+(\w+)(?:\s+where\s+(.+))?\s*", re.IGNORECASE)


def hypervisor_present(machine: Machine) -> bool:
    """Win32_ComputerSystem.HypervisorPresent, which is also true in any VM, without the role."""
    return machine.hardware.virtual or hyper_v_role.hypervisor_runs(machine)


def operating_system(machine: Machine) -> list[Record]:
    """Win32_OperatingSystem."""
    system = machine.operating_system
    return [
        make_record(
            "Win32_OperatingSystem",
            Caption=system.caption,
            BuildNumber=str(system.build),
            Version=f"10.0.{system.build}",
            ProductType=system.product_type,
            OperatingSystemSKU=system.operating_system_sku,
            OSArchitecture="64-bit" if _is_x64(machine) else "ARM 64-bit Processor",
            CSName=machine.name,
            InstallDate=utc_time(machine.installed_at),
            LastBootUpTime=utc_time(machine.booted_at),
            LocalDateTime=utc_time(machine.world.clock.now),
            TotalVisibleMemorySize=machine.hardware.memory // 1024,
            FreePhysicalMemory=_free_memory(machine) // 1024,
            DataExecutionPrevention_Available=hyper_v_role.data_execution_prevention_is_on(machine),
            SystemDrive="C:",
            Status="OK",
        )
    ]


def _is_x64(machine: Machine) -> bool:
    return machine.hardware.processors.architecture == _X64


def _free_memory(machine: Machine) -> int:
    return max(available_memory(machine), 0)


def computer_system(machine: Machine) -> list[Record]:
    """Win32_ComputerSystem."""
    return [
        make_record(
            "Win32_ComputerSystem",
            Name=machine.name,
            DNSHostName=machine.name,
            Domain=machine.domain or "WORKGROUP",
            Workgroup=None if machine.domain else "WORKGROUP",
            PartOfDomain=bool(machine.domain),
            Manufacturer=machine.hardware.manufacturer,
            Model=machine.hardware.model,
            TotalPhysicalMemory=machine.hardware.memory,
            NumberOfLogicalProcessors=machine.hardware.processors.logical_processors,
            NumberOfProcessors=machine.hardware.processors.sockets,
            HypervisorPresent=hypervisor_present(machine),
            SystemType="x64-based PC" if _is_x64(machine) else "ARM64-based PC",
            Status="OK",
        )
    ]


def processor(machine: Machine) -> list[Record]:
    """Win32_Processor: one for each socket. Three flags are false once a hypervisor runs."""
    processors = machine.hardware.processors
    flags_visible = not hypervisor_present(machine)
    return [
        make_record(
            "Win32_Processor",
            DeviceID=f"CPU{socket}",
            Name=processors.name,
            Manufacturer=processors.manufacturer,
            Architecture=processors.architecture,
            AddressWidth=64,
            DataWidth=64,
            NumberOfCores=processors.cores // processors.sockets,
            NumberOfLogicalProcessors=processors.logical_processors // processors.sockets,
            VirtualizationFirmwareEnabled=processors.virtualization_firmware_enabled
            and flags_visible,
            SecondLevelAddressTranslationExtensions=processors.second_level_address_translation
            and flags_visible,
            VMMonitorModeExtensions=processors.vm_monitor_mode and flags_visible,
            SystemName=machine.name,
            Status="OK",
        )
        for socket in range(processors.sockets)
    ]


def device_guard(machine: Machine) -> list[Record]:
    """Win32_DeviceGuard."""
    status = machine.world.quirks.virtualization_based_security if machine.outer_host is None else 0
    properties = {
        "VirtualizationBasedSecurityStatus": status,
        "RequiredSecurityProperties": [0],
        "AvailableSecurityProperties": [1, 2, 3],
        "SecurityServicesConfigured": [0],
        "SecurityServicesRunning": [1] if status == _VBS_RUNNING else [0],  # 1 is Credential Guard
        "InstanceIdentifier": "4ff40742-2649-41b8-bdd1-e80fad1cce80",
        "Version": "1.0",
    }
    name = "Microsoft.Management.Infrastructure.CimInstance#root/Microsoft/Windows/DeviceGuard/Win32_DeviceGuard"
    return [Record((name,), properties, "Win32_DeviceGuard")]


def logical_disk(machine: Machine) -> list[Record]:
    """Win32_LogicalDisk: the drives, with their size and free space."""
    records = []
    lengths: defaultdict[str, int] = defaultdict(int)
    for path, file in machine.files.items():
        lengths[path[:2]] += file.length
    for drive in sorted(drive_letters(machine)):
        size = 1 << 40 if machine.outer_host is None else 127 << 30
        used = lengths[drive] + (20 << 30 if drive == "c:" else 0)
        properties = {
            "DeviceID": drive.upper(),
            "DriveType": 3,
            "Size": size,
            "FreeSpace": max(size - used, 0),
            "FileSystem": "NTFS",
        }
        records.append(
            Record(
                ("Microsoft.Management.Infrastructure.CimInstance#root/cimv2/Win32_LogicalDisk",),
                properties,
                drive.upper(),
            )
        )
    return records


_CLASSES: dict[tuple[str, str], Callable[[Machine], list[Record]]] = {
    ("root/cimv2", "win32_operatingsystem"): operating_system,
    ("root/cimv2", "win32_computersystem"): computer_system,
    ("root/cimv2", "win32_processor"): processor,
    ("root/cimv2", "win32_logicaldisk"): logical_disk,
    ("root/microsoft/windows/deviceguard", "win32_deviceguard"): device_guard,
    (guest_data.NAMESPACE, guest_data.CLASS_NAME): guest_data.exchange_components,
    (guest_data.NAMESPACE, guest_data.NETWORK_CLASS_NAME): guest_data.network_configurations,
}


_WINDOWS_PREFIXES = ("cim_", "msft_", "msvm_", "win32_")  # of the names of Windows' CIM classes


@cmdlet("Get-CimInstance")
def get_cim_instance(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-CimInstance by class or by a simple query."""
    name, condition = bound.text("ClassName"), bound.text("Filter")
    wanted = [str(item) for item in bound.values("Property")]
    query = _QUERY.fullmatch(bound.text("Query"))
    if query:
        name, condition = query[2], query[3] or ""
        wanted = [] if query[1].strip() == "*" else [part.strip() for part in query[1].split(",")]
    namespace = bound.text("Namespace", "root/cimv2").replace("\\", "/").lower()
    make = _CLASSES.get((namespace, name.lower()))
    if (
        make is None
        and name.lower().startswith(_WINDOWS_PREFIXES)
        and name.lower() not in {known for _, known in _CLASSES}
    ):
        message = f"The simulated host does not simulate the class '{name}'; it is not known whether a real host has it. Nothing was changed."
        fully_qualified_id = "NotSimulated,Get-CimInstance"
        raise cmdlet_errors.generic(
            message,
            "NotImplemented",
            fully_qualified_id,
            f"{namespace}:{name}",
            "System.NotImplementedException",
        )
    if make is None:
        fully_qualified_id = "HRESULT 0x80041010,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
        message = "Invalid class "
        raise cmdlet_errors.generic(
            message,
            "MetadataError",
            fully_qualified_id,
            f"{namespace}:{name}",
            cmdlet_errors.CIM_EXCEPTION,
        )
    if namespace == guest_data.NAMESPACE and machine.hyper_v is None:
        fully_qualified_id = "HRESULT 0x8004100e,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
        message = "Invalid namespace "
        raise cmdlet_errors.generic(
            message,
            "MetadataError",
            fully_qualified_id,
            f"{namespace}:{name}",
            cmdlet_errors.CIM_EXCEPTION,
        )
    for record in make(machine):
        if not condition or _meets_condition(record, condition):
            sink.output(_with_properties(record, wanted))


def _meets_condition(record: Record, condition: str) -> bool:
    match = _FILTER.fullmatch(condition)
    if match is None:
        fully_qualified_id = "HRESULT 0x80041017,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand"
        message = "Invalid query "
        raise cmdlet_errors.generic(
            message, "InvalidArgument", fully_qualified_id, condition, cmdlet_errors.CIM_EXCEPTION
        )
    wanted = next(group for group in match.groups()[2:] if group is not None)
    equal = str(record.get(match[1])).lower() == wanted.lower()
    return equal if match[2] == "=" else not equal


def _with_properties(record: Record, wanted: list[str]) -> Record:
    if not wanted:
        return record
    names = {name.lower() for name in wanted}
    properties = {
        name: value if name.lower() in names else None for name, value in record.properties.items()
    }
    return Record(record.type_names, properties, record.text)


def _smart_status(machine: Machine) -> tuple[str, int]:
    status = machine.world.quirks.virtualization_based_security if machine.outer_host is None else 0
    return ("Off", "Configured", "Running")[status], status


@cmdlet("Get-ComputerInfo")
def get_computer_info(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-ComputerInfo: the four HyperVRequirement properties are null while a hypervisor runs."""
    processors, present = machine.hardware.processors, hypervisor_present(machine)
    properties: dict[str, Any] = {
        "CsName": machine.name,
        "CsManufacturer": machine.hardware.manufacturer,
        "CsModel": machine.hardware.model,
        "CsTotalPhysicalMemory": machine.hardware.memory,
        "CsNumberOfLogicalProcessors": processors.logical_processors,
        "OsName": machine.operating_system.caption,
        "OsBuildNumber": str(machine.operating_system.build),
        "OsVersion": f"10.0.{machine.operating_system.build}",
        "OsLastBootUpTime": utc_time(machine.booted_at),
        "HyperVisorPresent": present,
        "HyperVRequirementDataExecutionPreventionAvailable": None
        if present
        else hyper_v_role.data_execution_prevention_is_on(machine),
        "HyperVRequirementSecondLevelAddressTranslation": None
        if present
        else processors.second_level_address_translation,
        "HyperVRequirementVirtualizationFirmwareEnabled": None
        if present
        else processors.virtualization_firmware_enabled,
        "HyperVRequirementVMMonitorModeExtensions": None if present else processors.vm_monitor_mode,
        "DeviceGuardSmartStatus": EnumValue(*_smart_status(machine)),
    }
    wanted = [str(item) for item in bound.values("Property")]
    chosen = {
        name: value
        for name, value in properties.items()
        if not wanted or any(matches(pattern, name) for pattern in wanted)
    }
    sink.output(
        Record(
            ("Microsoft.PowerShell.Commands.ComputerInfo", "System.Object"),
            chosen,
            "Microsoft.PowerShell.Commands.ComputerInfo",
        )
    )
