"""Rules about what guards the start of a host: its boot options, its virtualization-based security.

All that the status script reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import CREDENTIAL_GUARD, SECURITY_FORUM, STATUS_SCRIPT
from nestlab.model.finding import Finding
from nestlab.model.state import EventState, HostState, SecurityState
from nestlab.rules.evidence import computer_name, read, said, unread_about
from nestlab.rules.host.hypervisor_detection import is_azure

_BOOT = "Get-ItemProperty HKLM:\\BCD00000000"
_POLICY = "Get-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard"
_RUNNING = 2  # VirtualizationBasedSecurityStatus
_POLICY_CHECK_FAILED = 124  # of Microsoft-Windows-Kernel-Boot
_DISAGREE = "sources disagree: the status script of 2016 fails here, its makers said in 2019 that it is outdated"


def boot_configuration_allows_nesting(state: HostState) -> Iterator[Finding]:
    """A boot option of the hypervisor can forbid nesting altogether."""
    options = state.security.hypervisor_load_options
    rule = "no OFFERNESTEDVIRT=FALSE"
    if options is None:
        message = "whether a boot option forbids nesting is not known"
        hint = "Local Administrators can read the boot configuration: bcdedit /enum shows hypervisorloadoptions."
        evidence = f"{_BOOT}: {unread_about(state, 'ItemProperty') or 'no answer'}"
        yield said(
            state,
            "boot-options-not-known",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=STATUS_SCRIPT,
            runs_on=computer_name(state),
        )
    elif any("OFFERNESTEDVIRT=FALSE" in option.upper().replace(" ", "") for option in options):
        message = "the boot configuration forbids nesting: hypervisorloadoptions has OFFERNESTEDVIRT=FALSE"
        hint = "In an elevated prompt: bcdedit /deletevalue hypervisorloadoptions, then restart the host."
        evidence = read(_BOOT, Element=", ".join(options))
        yield said(
            state,
            "boot-option-forbids",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=STATUS_SCRIPT,
            runs_on=computer_name(state),
        )
    else:
        evidence = read(_BOOT, OFFERNESTEDVIRT=", ".join(options) or "not set")
        yield said(
            state,
            "boot-options-fine",
            "info",
            "no boot option forbids nesting",
            evidence=evidence,
            rule=rule,
            source=STATUS_SCRIPT,
        )


def virtualization_based_security(state: HostState) -> Iterator[Finding]:
    """Old scripts call it an obstacle. Microsoft says that it is none: a note, never a failure."""
    security = state.security
    status, policy = (
        security.virtualization_based_security_status,
        security.enable_virtualization_based_security,
    )
    evidence = _evidence(security)
    if status or policy:
        how = {
            None: "is switched on in the registry of",
            0: "is switched on in the registry of",
            _RUNNING: "runs on",
        }
        message = f"virtualization-based security {how.get(status, 'is configured on')} the host{_services(security)}; {_meaning(state)}"
        yield said(
            state,
            "vbs-on-host",
            "info",
            message,
            evidence=evidence,
            rule=_DISAGREE,
            source=SECURITY_FORUM,
        )
    elif security.secure_boot == "On" and check_failed_at_last_start(security):
        message = f"virtualization-based security is partly there: it was wanted at the last start, and its policy check failed; {_meaning(state)}"
        hint = "To be rid of it, follow the page on Credential Guard: its settings can be locked in the firmware."
        yield said(
            state,
            "vbs-left-behind",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            rule=_DISAGREE,
            source=CREDENTIAL_GUARD,
        )
    elif None not in (status, policy):
        message = "virtualization-based security is off on the host"
        yield said(state, "vbs-off", "info", message, evidence=evidence, source=STATUS_SCRIPT)


def _services(security: SecurityState) -> str:
    names = {1: "Credential Guard", 2: "memory integrity"}
    running = ", ".join(
        names.get(item, f"service {item}") for item in security.security_services_running
    )
    return f" with {running}" if running else ""


def _meaning(state: HostState) -> str:
    if is_azure(state) and state.hyper_v is None:
        return "it does not hinder nesting by itself, but in Azure it is a sign of the security type Trusted Launch, which does"
    return "that does not hinder nesting"


def _newest(security: SecurityState, number: int) -> EventState | None:
    return next((event for event in security.start_events or () if event.id == number), None)


def check_failed_at_last_start(security: SecurityState) -> bool:
    """Whether the policy check of virtualization-based security failed since Windows started last."""
    failed, started = (
        _newest(security, _POLICY_CHECK_FAILED),
        next((e for e in security.start_events or () if e.id != _POLICY_CHECK_FAILED), None),
    )
    if failed is None or failed.time_created is None:
        return False
    # The log loses its oldest events first: where the start is lost already, the failure came after
    # it.
    return (
        started is None
        or started.time_created is None
        or started.time_created < failed.time_created
    )


def _evidence(security: SecurityState) -> str:
    """Return what was read of it: all five places that the status script looks at."""
    known = [
        read(
            "Get-CimInstance Win32_DeviceGuard",
            VirtualizationBasedSecurityStatus=_shown(security.virtualization_based_security_status),
        ),
        read(
            _POLICY,
            EnableVirtualizationBasedSecurity=_shown(security.enable_virtualization_based_security),
        ),
        read(
            "Get-WindowsOptionalFeature",
            IsolatedUserMode="no such feature"
            if security.isolated_user_mode == ""
            else _shown(security.isolated_user_mode),
        ),
        read("Confirm-SecureBootUEFI", SecureBoot=_shown(security.secure_boot)),
        read("Get-WinEvent System", EventID_124=_event(security)),
    ]
    return "; ".join(known)


def _shown(value: object) -> object:
    return "not known" if value is None else value


def _event(security: SecurityState) -> str:
    if security.start_events is None:
        return "not known"
    event = _newest(security, _POLICY_CHECK_FAILED)
    if event is None:
        return "none"
    when = (
        "since the last start" if check_failed_at_last_start(security) else "before the last start"
    )
    return f"of {event.provider_name}, {when}"


def protection_is_known(state: HostState) -> Iterator[Finding]:
    """What could not be read about security and rights is said, never taken for fine."""
    security = state.security
    unknown = [
        (name, f"{asked}: {unread_about(state, *words) or 'no answer'}")
        for name, value, asked, words in (
            (
                "whether virtualization-based security runs",
                security.virtualization_based_security_status,
                "Get-CimInstance Win32_DeviceGuard",
                ("DeviceGuard",),
            ),
            (
                "whether the registry switches it on",
                security.enable_virtualization_based_security,
                _POLICY,
                ("ItemProperty",),
            ),
            (
                "whether the feature IsolatedUserMode is on",
                security.isolated_user_mode,
                "Get-WindowsOptionalFeature",
                ("OptionalFeature",),
            ),
            (
                "whether Secure Boot is on",
                security.secure_boot,
                "Confirm-SecureBootUEFI",
                ("SecureBoot",),
            ),
            (
                "whether its policy check failed at the last start",
                security.start_events,
                "Get-WinEvent",
                ("WinEvent",),
            ),
            (
                "whether the session is elevated",
                security.elevated,
                "Get-WindowsOptionalFeature",
                ("OptionalFeature",),
            ),
            ("which services run", security.running_services, "Get-Service", ("Get-Service",)),
        )
        if value is None
    ]
    if unknown:
        message = f"not known: {'; '.join(name for name, _ in unknown)}"
        hint = "Local Administrators can read all of it. None of it forbids nesting."
        evidence = "; ".join(dict.fromkeys(asked for _, asked in unknown))
        yield said(
            state,
            "protection-not-known",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            source=STATUS_SCRIPT,
        )
