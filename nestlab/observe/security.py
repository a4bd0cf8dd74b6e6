"""What protects a machine, how it starts, and what the account may do there: all by cmdlets, none of them a script.

`bcdedit` is a program; the boot configuration that it shows is also a registry hive, which
administrators may read.
"""

from __future__ import annotations

from nestlab.constants import PRODUCT_WORKSTATION
from nestlab.model import Cmdlet, ErrorRecord, Outcome, Record, SwitchParameter
from nestlab.model.state import ComputerState, EventState, SecurityState
from nestlab.observe.reading import enum_name, moment, number, text, whole

_QUIET = {"ErrorAction": "SilentlyContinue"}
_CONTINUE = {"ErrorAction": "Continue"}
_OPTION = "OFFERNESTEDVIRT"
_ISOLATED_USER_MODE = "IsolatedUserMode"
# The two queries of Microsoft's Get-NestedVirtStatus.ps1: a failed policy check, and the last start
# of Windows.
_EVENT_QUERIES = (
    "*[System[EventID=124]]",
    "*[System/Provider[@Name='Microsoft-Windows-Kernel-General'] and System/EventID=12]",
)

_ALWAYS = (
    Cmdlet(
        "Get-CimInstance",
        {
            "Namespace": "root/Microsoft/Windows/DeviceGuard",
            "ClassName": "Win32_DeviceGuard",
            **_QUIET,
        },
    ),
    Cmdlet(
        "Get-ItemProperty",
        {"Path": "HKLM:\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard", **_QUIET},
    ),
    Cmdlet(
        "Get-ItemProperty",
        {"Path": "HKLM:\\BCD00000000\\Objects\\*\\Elements\\*", "Name": "Element", **_QUIET},
    ),
    Cmdlet("Get-Service", {"Name": ["vmms", "hns", "SharedAccess"], **_QUIET}),
    # Asked about what this Windows or its firmware does not have, these answer with an error: see
    # `is_answer`.
    Cmdlet(
        "Get-WindowsOptionalFeature",
        {"Online": SwitchParameter.ON, "FeatureName": _ISOLATED_USER_MODE, **_CONTINUE},
    ),
    Cmdlet("Confirm-SecureBootUEFI", _CONTINUE),
    *(
        Cmdlet(
            "Get-WinEvent", {"LogName": "System", "FilterXPath": query, "MaxEvents": 1, **_CONTINUE}
        )
        for query in _EVENT_QUERIES
    ),
)
# DISM answers elevated administrators only. On clients the features are asked of it anyway.
_ELEVATION = Cmdlet(
    "Get-WindowsOptionalFeature",
    {"Online": SwitchParameter.ON, "FeatureName": "Microsoft-Hyper-V", **_CONTINUE},
)


def statements(computer: ComputerState) -> tuple[Cmdlet, ...]:
    """Return what `security_state` reads."""
    return _ALWAYS if computer.product_type == PRODUCT_WORKSTATION else (*_ALWAYS, _ELEVATION)


def security_state(outcome: Outcome) -> SecurityState:
    """Read Win32_DeviceGuard, the registry, the services, Secure Boot, the last start, and whether DISM answered."""
    guard = next(iter(outcome.of_type("Win32_DeviceGuard")), None)
    policy = next(
        (record for record in outcome if text(record, "PSChildName") == "DeviceGuard"), None
    )
    running = (
        tuple(filter(None, map(whole, guard.get("SecurityServicesRunning") or ()))) if guard else ()
    )
    return SecurityState(
        virtualization_based_security_status=number(guard, "VirtualizationBasedSecurityStatus")
        if guard
        else None,
        security_services_running=running,
        enable_virtualization_based_security=number(policy, "EnableVirtualizationBasedSecurity")
        if policy
        else None,
        hypervisor_load_options=_load_options(outcome),
        isolated_user_mode=_isolated_user_mode(outcome),
        secure_boot=_secure_boot(outcome),
        start_events=_start_events(outcome),
        elevated=_elevated(outcome),
        running_services=_services(outcome),
    )


def _load_options(outcome: Outcome) -> tuple[str, ...] | None:
    elements = [record for record in outcome if "\\elements\\" in text(record, "PSPath").lower()]
    if not elements:
        return None
    return tuple(
        sorted({value for record in elements if _OPTION in (value := _element(record)).upper()})
    )


def _element(record: Record) -> str:
    value = record.get("Element")
    return value if isinstance(value, str) else ""


def _elevated(outcome: Outcome) -> bool | None:
    if any("requires elevation" in error.message for error in outcome.errors):
        return False
    answered = any("FeatureName" in record for record in outcome) or any(
        is_unknown_feature(error) for error in outcome.errors
    )
    return True if answered else None


def is_unknown_feature(error: ErrorRecord, name: str = "") -> bool:
    """Whether DISM says that this Windows has no such feature, or none of that name.

    Home editions have no Hyper-V.
    """
    return error.message.startswith(f"Feature name {name}") and error.message.endswith(
        " is unknown."
    )


def is_answer(error: ErrorRecord) -> bool:
    """Whether an error says that there is none of what was asked for: an answer, no failure."""
    return is_unknown_feature(error) or _is_bios(error) or error.error_id == "NoMatchingEventsFound"


def _is_bios(error: ErrorRecord) -> bool:
    return error.category == "NotImplemented" and error.error_id == "GetFWVarFailed"


def _isolated_user_mode(outcome: Outcome) -> str | None:
    if any(is_unknown_feature(error, _ISOLATED_USER_MODE) for error in outcome.errors):
        return ""
    return next(
        (
            text(record, "State")
            for record in outcome
            if text(record, "FeatureName") == _ISOLATED_USER_MODE
        ),
        None,
    )


def _secure_boot(outcome: Outcome) -> str | None:
    if any(map(_is_bios, outcome.errors)):
        return "Unsupported"
    answer = next((record["Value"] for record in outcome.of_type("Boolean")), None)
    return None if answer is None else "On" if answer else "Off"


def _start_events(outcome: Outcome) -> tuple[EventState, ...] | None:
    found = tuple(
        EventState(
            id=number(record, "Id"),
            provider_name=text(record, "ProviderName"),
            time_created=moment(record, "TimeCreated"),
        )
        for record in outcome.of_type("EventLogRecord")
    )
    none = sum(error.error_id == "NoMatchingEventsFound" for error in outcome.errors)
    return found if len(found) + none == len(_EVENT_QUERIES) else None


def _services(outcome: Outcome) -> frozenset[str] | None:
    services = outcome.of_type("System.ServiceProcess.ServiceController") or outcome.of_type(
        "ServiceController"
    )
    if not services:
        return None
    return frozenset(
        text(record, "Name")
        for record in services
        if enum_name(record, "Status", {1: "Stopped", 4: "Running"}) == "Running"
    )
