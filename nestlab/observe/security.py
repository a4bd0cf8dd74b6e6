"""What protects a machine, how it starts, and what the account may do there: all by cmdlets, none of them a script.

`bcdedit` is a program; the boot configuration that it shows is also a registry hive, which administrators may read.
"""

from __future__ import annotations

from nestlab.model import Cmdlet, ErrorRecord, Outcome, Record
from nestlab.model import Switch as On
from nestlab.model.state import ComputerState, SecurityState
from nestlab.observe.reading import enum_name, number, text

_QUIET = {"ErrorAction": "SilentlyContinue"}
_WORKSTATION = 1
_OPTION = "OFFERNESTEDVIRT"

_ALWAYS = (
    Cmdlet("Get-CimInstance", {"Namespace": "root/Microsoft/Windows/DeviceGuard", "ClassName": "Win32_DeviceGuard", **_QUIET}),
    Cmdlet("Get-ItemProperty", {"Path": "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard", **_QUIET}),
    Cmdlet("Get-ItemProperty", {"Path": "HKLM:\\BCD00000000\\Objects\\*\\Elements\\*", "Name": "Element", **_QUIET}),
    Cmdlet("Get-Service", {"Name": ["vmms", "hns", "SharedAccess"], **_QUIET}),
)
# DISM answers elevated administrators only. On clients the features are asked of it anyway.
_ELEVATION = Cmdlet("Get-WindowsOptionalFeature", {"Online": On.ON, "FeatureName": "Microsoft-Hyper-V", "ErrorAction": "Continue"})


def statements(computer: ComputerState) -> tuple[Cmdlet, ...]:
    """Return what `security_state` reads."""
    return _ALWAYS if computer.product_type == _WORKSTATION else (*_ALWAYS, _ELEVATION)


def security_state(outcome: Outcome) -> SecurityState:
    """Read Win32_DeviceGuard, the registry, the services, and whether DISM answered."""
    guard = next(iter(outcome.of_type("Win32_DeviceGuard")), None)
    policy = next((record for record in outcome if text(record, "PSChildName") == "DeviceGuard"), None)
    running = tuple(int(item) for item in (guard.get("SecurityServicesRunning") or ()) if int(item)) if guard else ()
    return SecurityState(
        virtualization_based_security_status=number(guard, "VirtualizationBasedSecurityStatus") if guard else None,
        security_services_running=running,
        enable_virtualization_based_security=number(policy, "EnableVirtualizationBasedSecurity") if policy else None,
        hypervisor_load_options=_load_options(outcome),
        elevated=_elevated(outcome),
        running_services=_services(outcome),
    )


def _load_options(outcome: Outcome) -> tuple[str, ...] | None:
    elements = [record for record in outcome if "\\elements\\" in text(record, "PSPath").lower()]
    if not elements:
        return None
    return tuple(sorted({value for record in elements if _OPTION in (value := _element(record)).upper()}))


def _element(record: Record) -> str:
    value = record.get("Element")
    return value if isinstance(value, str) else ""


def _elevated(outcome: Outcome) -> bool | None:
    if any("requires elevation" in error.message for error in outcome.errors):
        return False
    answered = any("FeatureName" in record for record in outcome) or any(is_unknown_feature(error) for error in outcome.errors)
    return True if answered else None


def is_unknown_feature(error: ErrorRecord) -> bool:
    """Whether DISM says that this Windows has no such feature: an answer, no failure. Home editions have no Hyper-V."""
    return error.message.startswith("Feature name ") and error.message.endswith(" is unknown.")


def _services(outcome: Outcome) -> frozenset[str] | None:
    services = outcome.of_type("System.ServiceProcess.ServiceController") or outcome.of_type("ServiceController")
    if not services:
        return None
    return frozenset(text(record, "Name") for record in services if enum_name(record, "Status", {1: "Stopped", 4: "Running"}) == "Running")
