"""The computer and its Windows: Win32 classes, roles and features."""

from __future__ import annotations

from locale import windows_locale

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Outcome, SwitchParameter
from nestlab.model.state import ComputerState, ProcessorState, VolumeState
from nestlab.observe.reading import EMPTY_RECORD, date_time, flag, known_flag, number, size, text
from nestlab.observe.security import HYPER_V_FEATURE, dism_features

COMPUTER = (
    *(
        Cmdlet("Get-CimInstance", {"ClassName": name, "ErrorAction": "Continue"})
        for name in ("Win32_OperatingSystem", "Win32_ComputerSystem", "Win32_Processor")
    ),
    Cmdlet(
        "Get-CimInstance",
        {"ClassName": "Win32_LogicalDisk", "Filter": "DriveType=3", "ErrorAction": "Continue"},
    ),
)
"""The statements whose outcome `computer_state`, `processor_states` and `volumes` read."""


REGIONAL_SETTINGS = Cmdlet(
    "Get-ItemProperty",
    {
        "Path": [
            "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\TimeZoneInformation",
            "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\Nls\\Language",
        ],
        "ErrorAction": "SilentlyContinue",
    },
)
"""The statement for guests whose outcome `with_regional_settings` reads."""


def computer_state(outcome: Outcome) -> ComputerState:
    """Return the state that Win32_OperatingSystem and Win32_ComputerSystem describe."""
    system = next(iter(outcome.of_type("Win32_OperatingSystem")), EMPTY_RECORD)
    machine = next(iter(outcome.of_type("Win32_ComputerSystem")), EMPTY_RECORD)
    return ComputerState(
        name=text(machine, "Name") or text(system, "CSName"),
        caption=text(system, "Caption"),
        build=number(system, "BuildNumber"),  # a String in the class
        product_type=number(system, "ProductType"),
        operating_system_sku=number(system, "OperatingSystemSKU"),
        manufacturer=text(machine, "Manufacturer"),
        model=text(machine, "Model"),
        total_physical_memory=size(machine, "TotalPhysicalMemory"),
        hypervisor_present=known_flag(machine, "HypervisorPresent"),
        data_execution_prevention_available=known_flag(system, "DataExecutionPrevention_Available"),
        domain=text(machine, "Domain") if flag(machine, "PartOfDomain") else "",
        last_boot_up_time=date_time(system, "LastBootUpTime"),
        install_date=date_time(system, "InstallDate"),
    )


def with_regional_settings(computer: ComputerState, outcome: Outcome) -> ComputerState:
    """Return a computer with the system locale and the time zone that `REGIONAL_SETTINGS` read."""
    keys = {text(record, "PSChildName").casefold(): record for record in outcome}
    zone = text(keys.get("timezoneinformation", EMPTY_RECORD), "TimeZoneKeyName")
    identifier = text(keys.get("language", EMPTY_RECORD), "Default")
    return replace(computer, system_locale=_locale_name(identifier), time_zone=zone)


def _locale_name(identifier: str) -> str:
    """Return the name of a locale by its number, in hexadecimal digits; empty if not known.

    >>> _locale_name("0c0a"), _locale_name("1000")
    ('es-ES', '')
    """
    try:
        return windows_locale.get(int(identifier, 16), "").replace("_", "-")
    except ValueError:
        return ""


def processor_states(outcome: Outcome) -> tuple[ProcessorState, ...]:
    """Return the processors of Win32_Processor, one for each socket."""
    return tuple(
        ProcessorState(
            manufacturer=text(record, "Manufacturer"),
            name=text(record, "Name"),
            architecture=number(record, "Architecture"),
            number_of_cores=number(record, "NumberOfCores"),
            number_of_logical_processors=number(record, "NumberOfLogicalProcessors"),
            virtualization_firmware_enabled=known_flag(record, "VirtualizationFirmwareEnabled"),
            second_level_address_translation_extensions=known_flag(
                record, "SecondLevelAddressTranslationExtensions"
            ),
            vm_monitor_mode_extensions=known_flag(record, "VMMonitorModeExtensions"),
        )
        for record in outcome.of_type("Win32_Processor")
    )


def volumes(outcome: Outcome) -> tuple[VolumeState, ...]:
    """Return the volumes of Win32_LogicalDisk."""
    return tuple(
        VolumeState(
            device_id=text(record, "DeviceID"),
            size=size(record, "Size"),
            free_space=size(record, "FreeSpace"),
        )
        for record in outcome.of_type("Win32_LogicalDisk")
    )


def feature_statements(computer: ComputerState, *, in_guest: bool) -> tuple[Cmdlet, ...]:
    """Return the statements for roles and features: only servers have the ServerManager module.

    A file can name any feature of a guest: all that are installed or wait for a restart are read,
    each with two properties only, because there are dozens.
    """
    if computer.product_type == PRODUCT_WORKSTATION:
        return (dism_features(HYPER_V_FEATURE),)
    if in_guest:
        shown = Cmdlet(SELECT_OBJECT, {"Property": ["Name", "InstallState"]})
        other = {"Property": "InstallState", "NE": SwitchParameter.ON, "Value": "Available"}
        return (
            Cmdlet(
                "Get-WindowsFeature",
                {"ErrorAction": "Continue"},
                Cmdlet("Where-Object", other, shown),
            ),
        )
    return (
        Cmdlet(
            "Get-WindowsFeature",
            {
                "Name": ["Hyper-V", "Hyper-V-PowerShell", "DHCP", "RSAT-DHCP", "Containers"],
                "ErrorAction": "Continue",
            },
        ),
    )


def features(outcome: Outcome) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of the installed features, and of those that wait for a restart."""
    states: dict[str, str] = {}
    # On a server the roles come from ServerManager; `security` reads the record of DISM
    # (IsolatedUserMode).
    is_server = any("InstallState" in record for record in outcome)
    for record in outcome:
        if "InstallState" in record:
            states[text(record, "Name")] = text(record, "InstallState")
        elif "FeatureName" in record and not is_server:
            states[text(record, "FeatureName")] = text(record, "State")
    installed = frozenset(
        name for name, state in states.items() if state in {"Installed", "Enabled"}
    )
    pending = frozenset(
        name for name, state in states.items() if state in {"InstallPending", "EnablePending"}
    )
    return installed, pending
