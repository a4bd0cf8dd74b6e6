"""The security settings of a machine, how it boots, and whether the account is elevated.

Everything is read with cmdlets. The boot configuration that the program `bcdedit` shows is also a
registry hive, which administrators may read.
"""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.model import Cmdlet, ErrorRecord, Outcome, Record, SwitchParameter
from nestlab.model.state import EventState, SecurityState
from nestlab.observe.reading import date_time, enum_name, number, text, to_int
from nestlab.transport.session import Cancel, Session

_QUIET = {"ErrorAction": "SilentlyContinue"}
_CONTINUE = {"ErrorAction": "Continue"}
_NESTING_OPTION = "OFFERNESTEDVIRT"
HYPER_V_FEATURE = "Microsoft-Hyper-V"  # as DISM calls the role
_ISOLATED_USER_MODE = "IsolatedUserMode"
_DISM = "Microsoft.Dism.Commands.GetWindowsOptionalFeatureCommand"  # id of its errors
# The two queries of Microsoft's Get-NestedVirtStatus.ps1: a failed policy check, and the last boot.
_EVENT_QUERIES = (
    "*[System[EventID=124]]",
    (
        "*[System/Provider[@Name='Microsoft-Windows-Kernel-General'] "  # not shown
        "and System/EventID=12]"
    ),
)


def dism_features(name: str) -> Cmdlet:
    """Return the statement that reads the features whose names begin with `name` from DISM.

    A pattern that matches nothing is not an error. A name that does not exist is one, and only its
    localized text distinguishes it from the error for an account that is not elevated.
    """
    return Cmdlet(
        "Get-WindowsOptionalFeature",
        {"Online": SwitchParameter.ON, "FeatureName": f"{name}*", **_CONTINUE},
    )


_STATEMENTS = (
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
    dism_features(_ISOLATED_USER_MODE),
    # These report an error if the firmware has no Secure Boot or the log has no such event: see
    # `means_absent`.
    Cmdlet("Confirm-SecureBootUEFI", _CONTINUE),
    *(
        Cmdlet(
            "Get-WinEvent", {"LogName": "System", "FilterXPath": query, "MaxEvents": 1, **_CONTINUE}
        )
        for query in _EVENT_QUERIES
    ),
)


def statements() -> tuple[Cmdlet, ...]:
    """Return the statements whose outcome `security_state` reads."""
    return _STATEMENTS


def security_state(outcome: Outcome) -> SecurityState:
    """Return the state from Win32_DeviceGuard, the registry, services and the event log.

    Values that could not be read are None; `security_services_running` is empty then.
    """
    guard = next(iter(outcome.of_type("Win32_DeviceGuard")), None)
    registry = [record for record in outcome if "PSPath" in record.properties]
    policy = next(
        (record for record in registry if text(record, "PSChildName") == "DeviceGuard"), None
    )
    running = (
        tuple(filter(None, map(to_int, guard.get("SecurityServicesRunning") or ())))
        if guard
        else ()
    )
    return SecurityState(
        virtualization_based_security_status=number(guard, "VirtualizationBasedSecurityStatus")
        if guard
        else None,
        security_services_running=running,
        enable_virtualization_based_security=number(policy, "EnableVirtualizationBasedSecurity")
        if policy
        else None,
        hypervisor_load_options=_load_options(registry),
        isolated_user_mode=_isolated_user_mode(outcome),
        secure_boot=_secure_boot(outcome),
        start_events=_start_events(outcome),
        elevated=_elevated(outcome),
        running_services=_services(outcome),
    )


def _load_options(registry: Iterable[Record]) -> tuple[str, ...] | None:
    elements = [record for record in registry if "\\elements\\" in text(record, "PSPath").lower()]
    if not elements:
        return None
    return tuple(
        sorted(
            {value for record in elements if _NESTING_OPTION in (value := _element(record)).upper()}
        )
    )


def _element(record: Record) -> str:
    value = record.get("Element")
    return value if isinstance(value, str) else ""


def _elevated(outcome: Outcome) -> bool | None:
    """Whether DISM answered, which it does for elevated administrators only."""
    if any(error.target == "Get-WindowsOptionalFeature" for error in outcome.errors):
        return None  # the command does not exist there
    return not any(map(is_dism_error, outcome.errors))


def is_elevated(session: Session, *, cancel: Cancel | None = None) -> bool | None:
    """Return whether a session has elevated rights, in one call; None if DISM is missing.

    Raises the errors of `Session.run`.
    """
    return _elevated(session.run(dism_features(_ISOLATED_USER_MODE), cancel=cancel))


def is_dism_error(error: ErrorRecord) -> bool:
    """Whether an error is from Get-WindowsOptionalFeature itself."""
    return error.fully_qualified_error_id == _DISM


def means_absent(error: ErrorRecord) -> bool:
    """Whether an error only means that the machine does not have the object that was read."""
    return _means_no_uefi(error) or error.error_id == "NoMatchingEventsFound"


def _means_no_uefi(error: ErrorRecord) -> bool:
    return error.category == "NotImplemented" and error.error_id == "GetFWVarFailed"


def _isolated_user_mode(outcome: Outcome) -> str | None:
    """Return the state of the feature: empty if it does not exist, None if it is not known."""
    found = (
        text(record, "State")
        for record in outcome
        if "FeatureName" in record.properties and text(record, "FeatureName") == _ISOLATED_USER_MODE
    )
    return next(found, "" if _elevated(outcome) else None)


def _secure_boot(outcome: Outcome) -> str | None:
    if any(map(_means_no_uefi, outcome.errors)):
        return "Unsupported"
    answer = next((record["Value"] for record in outcome.of_type("Boolean")), None)
    return None if answer is None else "On" if answer else "Off"


def _start_events(outcome: Outcome) -> tuple[EventState, ...] | None:
    found = tuple(
        EventState(
            id=number(record, "Id"),
            provider_name=text(record, "ProviderName"),
            time_created=date_time(record, "TimeCreated"),
        )
        for record in outcome.of_type("EventLogRecord")
    )
    empty = sum(error.error_id == "NoMatchingEventsFound" for error in outcome.errors)
    return found if len(found) + empty == len(_EVENT_QUERIES) else None


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
