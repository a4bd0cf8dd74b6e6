"""Rules about boot options and virtualization-based security.

They cover all settings that Microsoft's Get-NestedVirtStatus.ps1 reads.
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import CREDENTIAL_GUARD, STATUS_SCRIPT, VBS_PULL_REQUEST
from nestlab.model.finding import Finding
from nestlab.model.state import EventState, HostState, SecurityState
from nestlab.rules.evidence import display_name, evidence_from, host_finding, why_unread
from nestlab.rules.host.hypervisor_detection import is_azure
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import mark, tr, translate

_BOOT = "Get-ItemProperty HKLM:\\BCD00000000"  # not shown
_POLICY = "Get-ItemProperty HKLM:\\SYSTEM\\CurrentControlSet\\Control\\DeviceGuard"  # not shown
_RUNNING = 2  # VirtualizationBasedSecurityStatus
_POLICY_CHECK_FAILED = 124  # of Microsoft-Windows-Kernel-Boot
_DISAGREE = mark(
    "sources disagree: the status script of 2016 fails here, its authors said in 2019 that it is outdated"
)


BOOT_OPTIONS_NOT_KNOWN = Rule(
    code="boot-options-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether a boot option forbids nesting.",
    why="hypervisorloadoptions can turn nested virtualization off for the whole host.",
    fix="Local Administrators can read the boot configuration: bcdedit /enum shows hypervisorloadoptions.",
    example="Get-ItemProperty HKLM:\\BCD00000000: no answer",
    source=STATUS_SCRIPT,
)


BOOT_OPTION_FORBIDS = Rule(
    code="boot-option-forbids",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The boot configuration forbids nested virtualization.",
    why="hypervisorloadoptions contains OFFERNESTEDVIRT=FALSE, so the hypervisor exposes the extensions to no VM.",
    fix="In an elevated prompt run bcdedit /deletevalue hypervisorloadoptions, then restart the host.",
    example="Get-ItemProperty HKLM:\\BCD00000000: Element = OFFERNESTEDVIRT=FALSE",
    source=STATUS_SCRIPT,
)


BOOT_OPTIONS_FINE = Rule(
    code="boot-options-fine",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="No boot option forbids nested virtualization.",
    why="hypervisorloadoptions can turn it off for the whole host.",
    fix=NOTHING_TO_DO,
    example="Get-ItemProperty HKLM:\\BCD00000000: hypervisorloadoptions = not set",
    source=STATUS_SCRIPT,
)


@detects(BOOT_OPTIONS_NOT_KNOWN, BOOT_OPTION_FORBIDS, BOOT_OPTIONS_FINE, group="Windows and role")
def boot_configuration(state: HostState) -> Iterator[Finding]:
    """A boot option of the hypervisor that turns nesting off for the whole host."""
    options = state.security.hypervisor_load_options
    requirement, where = tr("no OFFERNESTEDVIRT=FALSE"), display_name(state)
    if options is None:
        rule, message = (
            BOOT_OPTIONS_NOT_KNOWN,
            tr("it is not known whether a boot option forbids nesting"),
        )
        evidence = f"{_BOOT}: {why_unread(state, 'ItemProperty') or tr('no answer')}"
    elif any("OFFERNESTEDVIRT=FALSE" in option.upper().replace(" ", "") for option in options):
        rule = BOOT_OPTION_FORBIDS
        message = tr(
            "the boot configuration forbids nesting: hypervisorloadoptions has OFFERNESTEDVIRT=FALSE"
        )
        evidence = evidence_from(_BOOT, Element=", ".join(options))
    else:
        rule, message, where = BOOT_OPTIONS_FINE, tr("no boot option forbids nesting"), ""
        evidence = evidence_from(_BOOT, hypervisorloadoptions=", ".join(options) or tr("not set"))
    yield host_finding(
        state, rule, message, evidence=evidence, requirement=requirement, runs_on=where
    )


VBS_ON_HOST = Rule(
    code="vbs-on-host",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Virtualization-based security runs, or is switched on in the registry.",
    why="Old scripts call it an obstacle. Microsoft says that it does not hinder nesting.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_DeviceGuard: VirtualizationBasedSecurityStatus = 2",
    source=VBS_PULL_REQUEST,
)


VBS_LEFT_BEHIND = Rule(
    code="vbs-left-behind",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Virtualization-based security was requested at the last start, and its policy check failed.",
    why="Settings that are locked in the firmware can outlive the policy. They do not hinder nesting.",
    fix="To remove it, follow the page about Credential Guard: its settings can be locked in the firmware.",
    example="since the last start",
    source=CREDENTIAL_GUARD,
)


VBS_OFF = Rule(
    code="vbs-off",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Virtualization-based security is off.",
    why="Old scripts call it an obstacle to nesting.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_DeviceGuard: VirtualizationBasedSecurityStatus = 0",
    source=STATUS_SCRIPT,
)


@detects(VBS_ON_HOST, VBS_LEFT_BEHIND, VBS_OFF, group="Windows and role")
def virtualization_based_security(state: HostState) -> Iterator[Finding]:
    """Virtualization-based security, which is never an error: it does not hinder nesting."""
    security = state.security
    status = security.virtualization_based_security_status
    policy = security.enable_virtualization_based_security
    evidence = _evidence(security)
    if status or policy:
        message = f"{_how_it_is_on(security)}; {_meaning(state)}"
        requirement = translate(_DISAGREE)
        yield host_finding(state, VBS_ON_HOST, message, evidence=evidence, requirement=requirement)
    elif security.secure_boot == "On" and check_failed_at_last_start(security):
        message = tr(
            "virtualization-based security was requested at the last start, but its policy check failed: settings locked in the firmware may remain; {meaning}",
            meaning=_meaning(state),
        )
        yield host_finding(
            state, VBS_LEFT_BEHIND, message, evidence=evidence, requirement=translate(_DISAGREE)
        )
    elif None not in (status, policy):
        message = tr("virtualization-based security is off on the host")
        yield host_finding(state, VBS_OFF, message, evidence=evidence)


def _how_it_is_on(security: SecurityState) -> str:
    """Return whether virtualization-based security runs or is configured, and its services."""
    status, services = security.virtualization_based_security_status, _services(security)
    if not status:
        how = tr("virtualization-based security is switched on in the registry of the host")
    elif status == _RUNNING:
        how = tr("virtualization-based security runs on the host")
    else:
        how = tr("virtualization-based security is configured on the host")
    return tr("{how} with {services}", how=how, services=services) if services else how


def _services(security: SecurityState) -> str:
    names = {1: tr("Credential Guard"), 2: tr("memory integrity")}
    return ", ".join(
        names.get(number, tr("service {number}", number=number))
        for number in security.security_services_running
    )


def _meaning(state: HostState) -> str:
    if is_azure(state) and state.hyper_v is None:
        return tr(
            "it does not hinder nesting by itself, but in Azure it is a sign of the security type Trusted Launch, which does not support nesting"
        )
    return tr("that does not hinder nesting")


def _newest(security: SecurityState, number: int) -> EventState | None:
    return next((event for event in security.start_events or () if event.id == number), None)


def check_failed_at_last_start(security: SecurityState) -> bool:
    """Whether the VBS policy check failed since the last start of Windows."""
    failed, started = (
        _newest(security, _POLICY_CHECK_FAILED),
        next((e for e in security.start_events or () if e.id != _POLICY_CHECK_FAILED), None),
    )
    if failed is None or failed.time_created is None:
        return False
    # The log loses its oldest events first: if the start is no longer in it, the
    # failure came after it.
    return (
        started is None
        or started.time_created is None
        or started.time_created < failed.time_created
    )


def _evidence(security: SecurityState) -> str:
    """Return the values of all five settings that the status script reads, as evidence."""
    known = [
        evidence_from(
            "Get-CimInstance Win32_DeviceGuard",
            VirtualizationBasedSecurityStatus=_shown(security.virtualization_based_security_status),
        ),
        evidence_from(
            _POLICY,
            EnableVirtualizationBasedSecurity=_shown(security.enable_virtualization_based_security),
        ),
        evidence_from(
            "Get-WindowsOptionalFeature",
            IsolatedUserMode=tr("no such feature")
            if security.isolated_user_mode == ""
            else _shown(security.isolated_user_mode),
        ),
        evidence_from("Confirm-SecureBootUEFI", SecureBoot=_shown(security.secure_boot)),
        evidence_from("Get-WinEvent System", EventID_124=_event(security)),
    ]
    return "; ".join(known)


def _shown(value: object) -> object:
    return tr("not known") if value is None else value


def _event(security: SecurityState) -> str:
    if security.start_events is None:
        return tr("not known")
    event = _newest(security, _POLICY_CHECK_FAILED)
    if event is None:
        return tr("none")
    if check_failed_at_last_start(security):
        return tr("of {provider}, since the last start", provider=event.provider_name)
    return tr("of {provider}, before the last start", provider=event.provider_name)


PROTECTION_NOT_KNOWN = Rule(
    code="protection-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="Security settings of the host could not be read.",
    why="They are reported as not known rather than as off. None of them forbids nesting.",
    fix="Local Administrators can read all of it. None of it forbids nesting.",
    example="Get-CimInstance Win32_DeviceGuard: no answer",
    source=STATUS_SCRIPT,
)


_DEVICE_GUARD = "Get-CimInstance Win32_DeviceGuard"  # not shown
_PROTECTION = (
    (
        mark("whether virtualization-based security runs"),
        "virtualization_based_security_status",
        _DEVICE_GUARD,
        "DeviceGuard",
    ),
    (
        mark("whether the registry switches it on"),
        "enable_virtualization_based_security",
        _POLICY,
        "ItemProperty",
    ),
    (
        mark("whether the feature IsolatedUserMode is on"),
        "isolated_user_mode",
        "Get-WindowsOptionalFeature",
        "OptionalFeature",
    ),
    (mark("whether Secure Boot is on"), "secure_boot", "Confirm-SecureBootUEFI", "SecureBoot"),
    (
        mark("whether the policy check of virtualization-based security failed at the last start"),
        "start_events",
        "Get-WinEvent",
        "WinEvent",
    ),
    (
        mark("whether the session is elevated"),
        "elevated",
        "Get-WindowsOptionalFeature",
        "OptionalFeature",
    ),
    (mark("which services run"), "running_services", "Get-Service", "Get-Service"),
)
"""Question, attribute of the answer, cmdlet, and a part of its name in errors."""


@detects(PROTECTION_NOT_KNOWN, group="Windows and role")
def unknown_protection(state: HostState) -> Iterator[Finding]:
    """Security settings that could not be read: they are reported as not known."""
    unknown = [
        (translate(question), f"{cmdlet}: {why_unread(state, word) or tr('no answer')}")
        for question, attribute, cmdlet, word in _PROTECTION
        if getattr(state.security, attribute) is None
    ]
    if unknown:
        questions = "; ".join(question for question, _ in unknown)
        message = tr("not known: {questions}", questions=questions)
        evidence = "; ".join(dict.fromkeys(cmdlet for _, cmdlet in unknown))
        yield host_finding(state, PROTECTION_NOT_KNOWN, message, evidence=evidence)
