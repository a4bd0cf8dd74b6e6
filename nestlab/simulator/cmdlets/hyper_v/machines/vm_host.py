"""Get-VMHost, Set-VMHost and Get-VMHostSupportedVersion."""

from __future__ import annotations

import re
from datetime import timedelta

from nestlab.model import Record
from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import hyper_v_role
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import require_hyper_v
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV


def host_record(machine: Machine, hyper_v: HyperV) -> Record:
    """Return what Get-VMHost shows."""
    return make_record(
        "VMHost",
        Name=machine.name,
        ComputerName=machine.name,
        FullyQualifiedDomainName=machine.name,
        LogicalProcessorCount=machine.hardware.processors.logical_processors,
        MemoryCapacity=machine.hardware.memory,
        MacAddressMinimum=hyper_v.mac_address_minimum,
        MacAddressMaximum=hyper_v.mac_address_maximum,
        VirtualHardDiskPath=hyper_v.virtual_hard_disk_path,
        VirtualMachinePath=hyper_v.virtual_machine_path,
        SupportedVmVersions=list(hyper_v_role.supported_versions(machine.operating_system.build)),
        EnableEnhancedSessionMode=hyper_v.enhanced_session_mode,
        NumaSpanningEnabled=hyper_v.numa_spanning,
        MaximumStorageMigrations=2,
        MaximumVirtualMachineMigrations=2,
        ResourceMeteringSaveInterval=timedelta(hours=1),
    )


@cmdlet("Get-VMHost")
def get_vm_host(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMHost."""
    sink.output(host_record(machine, require_hyper_v(machine, bound)))


@cmdlet("Set-VMHost")
def set_vm_host(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-VMHost."""
    hyper_v = require_hyper_v(machine, bound)
    lowest, highest = _mac_address_pool(bound, hyper_v)
    hyper_v.virtual_hard_disk_path = str(
        bound.get("VirtualHardDiskPath", hyper_v.virtual_hard_disk_path)
    )
    hyper_v.virtual_machine_path = str(
        bound.get("VirtualMachinePath", hyper_v.virtual_machine_path)
    )
    hyper_v.mac_address_minimum, hyper_v.mac_address_maximum = lowest, highest
    hyper_v.enhanced_session_mode = bool(
        bound.get("EnableEnhancedSessionMode", hyper_v.enhanced_session_mode)
    )
    hyper_v.numa_spanning = bool(bound.get("NumaSpanningEnabled", hyper_v.numa_spanning))
    if bound.is_present("Passthru"):
        sink.output(host_record(machine, hyper_v))


_VERSION_NAMES = {
    "5.0": "Microsoft Windows 8.1/Server 2012 R2",
    "6.2": "Microsoft Windows 10 1507/Server 2016 Technical Preview 3",
    "7.0": "Microsoft Windows 10 1511/Server 2016 Technical Preview 4",
    "7.1": "Microsoft Windows Server 2016 Technical Preview 5",
    "8.0": "Microsoft Windows 10 Anniversary Update/Server 2016",
    "8.1": "Microsoft Windows 10 Creators Update",
    "8.2": "Microsoft Windows 10 Fall Creators Update/Server 1709",
    "8.3": "Microsoft Windows 10 April 2018 Update/Server 1803",
    "9.0": "Microsoft Windows 10 October 2018 Update/Server 2019",
    "9.1": "Microsoft Windows 10 May 2019 Update/Server 1903",
    "9.2": "Microsoft Windows 10 May 2020 Update/Server 2004",
    "9.3": "Microsoft Windows 10 (Manganese)",
    "10.0": "Microsoft Windows Server 2022",
    "11.0": "Microsoft Windows 11 (22H2)",
    "12.0": "Microsoft Windows Server 2025",
}
"""Names of configuration versions, from Microsoft's page on rolling cluster upgrades.

The names of 7.x (the last previews) are inferred.
"""


_MAC_ADDRESS = pattern(r"[0-9A-F]{12}")


def _mac_address_pool(bound: Bound, hyper_v: HyperV) -> tuple[str, str]:
    """Return the new pool; raises PowerShellError for an invalid MAC address or an empty pool."""
    requested = (
        str(bound.get("MacAddressMinimum", hyper_v.mac_address_minimum)),
        str(bound.get("MacAddressMaximum", hyper_v.mac_address_maximum)),
    )
    lowest, highest = (re.sub("[-:]", "", address).upper() for address in requested)
    wrong = next(
        (address for address in (lowest, highest) if _MAC_ADDRESS.fullmatch(address) is None), ""
    )
    if wrong or lowest > highest:
        message = (
            f"'{wrong}' is not a valid MAC address."
            if wrong
            else f"The MAC address range {lowest} to {highest} is empty."
        )
        raise cmdlet_errors.hyper_v(bound.name, "InvalidParameter", message, wrong or lowest)
    return lowest, highest


@cmdlet("Get-VMHostSupportedVersion")
def get_vm_host_supported_version(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMHostSupportedVersion."""
    hyper_v = require_hyper_v(machine, bound)
    versions = hyper_v_role.supported_versions(machine.operating_system.build)
    for version in (hyper_v.default_version,) if bound.is_present("Default") else versions:
        sink.output(
            make_record(
                "VMHostSupportedVersion",
                Name=_VERSION_NAMES[version],
                Version=version,
                IsDefault=version == hyper_v.default_version,
                ComputerName=machine.name,
            )
        )
