"""Rules about the processor: does it support nested virtualization on this Windows?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_BUILD_MINIMUM,
    ARCHITECTURE_ARM64,
    ARCHITECTURE_X64,
    CIM_PROCESSOR,
    ENABLE_NESTED,
    INTEL_BUILD_MINIMUM,
    VBS_OPT_OUT_BUILDS,
    VBS_OPT_OUT_ISSUE,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import HostState, ProcessorState
from nestlab.rules.evidence import evidence_from, host_finding, vms_of, while_off, why_unread
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import mark, tr, translate

INTEL, AMD = "GenuineIntel", "AuthenticAMD"


PROCESSOR_QUERY = "Get-CimInstance Win32_Processor"  # not shown
"""What was run, as evidence of findings about the processor."""


_PLATFORMS = {
    INTEL: ("Intel", INTEL_BUILD_MINIMUM, mark("Windows Server 2016 or Windows 10")),
    AMD: ("AMD", AMD_BUILD_MINIMUM, mark("Windows Server 2022 or Windows 11")),
}


def is_amd(state: HostState) -> bool:
    """Whether the host has AMD processors."""
    return bool(state.processors) and state.processors[0].manufacturer == AMD


def is_intel(state: HostState) -> bool:
    """Whether the host has Intel processors."""
    return bool(state.processors) and state.processors[0].manufacturer == INTEL


PROCESSOR_NOT_KNOWN = Rule(
    code="processor-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="The manufacturer or the architecture of the processor could not be read.",
    why="Whether the host supports nested virtualization depends on them.",
    fix="Run `nestlab check` with an account that can read Win32_Processor.",
    example="Get-CimInstance Win32_Processor: Access is denied.",
    source=CIM_PROCESSOR,
)


PROCESSOR_NOT_SUPPORTED = Rule(
    code="processor-not-supported",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="Nested virtualization is not supported on this processor.",
    why="It exists on x64 processors of Intel (VT-x and EPT) and AMD (EPYC, Ryzen). Windows accepts the setting elsewhere, and the VM then does not start.",
    fix="Use an Intel or AMD host.",
    example="Get-CimInstance Win32_Processor: Manufacturer = CentaurHauls, Name = VIA, Architecture = 9",
    source=ENABLE_NESTED,
)


BUILD_NOT_KNOWN = Rule(
    code="build-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="The build of Windows could not be read.",
    why="The first build that supports nesting differs for Intel and AMD.",
    fix="Run `nestlab check` with an account that can read Win32_OperatingSystem.",
    example="BuildNumber = not known",
    source=ENABLE_NESTED,
)


BUILD_TOO_OLD = Rule(
    code="build-too-old",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="This build of Windows does not support nested virtualization on this processor.",
    why="Intel needs Windows Server 2016 or Windows 10, AMD needs Windows Server 2022 or Windows 11.",
    fix="Upgrade Windows on the host.",
    example="BuildNumber = 17763, Caption = Windows Server 2019",
    source=ENABLE_NESTED,
)


PROCESSOR_SUPPORTED = Rule(
    code="processor-supported",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The processor and the build of Windows support nested virtualization.",
    why="Both are necessary.",
    fix=NOTHING_TO_DO,
    example="Get-CimInstance Win32_Processor: Manufacturer = GenuineIntel",
    source=ENABLE_NESTED,
)


@detects(
    PROCESSOR_NOT_KNOWN,
    PROCESSOR_NOT_SUPPORTED,
    BUILD_NOT_KNOWN,
    BUILD_TOO_OLD,
    PROCESSOR_SUPPORTED,
    group="Processor and firmware",
)
def processor_support(state: HostState) -> Iterator[Finding]:
    """Intel needs Windows Server 2016 or later, AMD Windows Server 2022 or Windows 11."""
    if not state.processors:
        error = (
            f"{PROCESSOR_QUERY}: {why_unread(state, 'processor', 'ciminstance') or tr('no answer')}"
        )
        message = tr("the processor could not be read")
        yield host_finding(state, PROCESSOR_NOT_KNOWN, message, evidence=error)
        return
    processor = state.processors[0]
    evidence = evidence_from(
        PROCESSOR_QUERY,
        Manufacturer=processor.manufacturer,
        Name=processor.name,
        Architecture=processor.architecture,
    )
    if not processor.manufacturer or not processor.architecture:
        message = tr("the manufacturer or the architecture of the processor could not be read")
        yield host_finding(state, PROCESSOR_NOT_KNOWN, message, evidence=evidence)
    elif processor.architecture != ARCHITECTURE_X64 or processor.manufacturer not in _PLATFORMS:
        yield _not_supported(state, processor, evidence)
    else:
        yield from _build_supports_nesting(state, evidence)


def _not_supported(state: HostState, processor: ProcessorState, evidence: str) -> Finding:
    requirement = f"Architecture {ARCHITECTURE_X64} (x64)"
    if processor.architecture == ARCHITECTURE_X64:
        requirement = tr("Intel with VT-x and EPT, AMD EPYC or Ryzen")
        message = tr(
            "nested virtualization is not documented for processors of {manufacturer}",
            manufacturer=processor.manufacturer,
        )
    elif processor.architecture == ARCHITECTURE_ARM64:
        message = tr("the processor is ARM64; nested virtualization exists on x64 only")
    else:
        message = tr(
            "the processor is of architecture {architecture}; nested virtualization exists on x64 only",
            architecture=processor.architecture,
        )
    return host_finding(
        state, PROCESSOR_NOT_SUPPORTED, message, evidence=evidence, requirement=requirement
    )


def _build_supports_nesting(state: HostState, evidence: str) -> Iterator[Finding]:
    vendor, minimum, names = _PLATFORMS[state.processors[0].manufacturer]
    build, windows = state.computer.build, translate(names)
    requirement = tr(
        "{vendor}: {windows} (build {build}) or later",
        vendor=vendor,
        windows=windows,
        build=minimum,
    )
    evidence += "; " + evidence_from(
        "Get-CimInstance Win32_OperatingSystem",
        BuildNumber=build or tr("not known"),
        Caption=state.computer.caption,
    )
    if build == 0:
        message = tr("the build of Windows could not be read")
        yield host_finding(
            state, BUILD_NOT_KNOWN, message, evidence=evidence, requirement=requirement
        )
    elif build < minimum:
        message = tr(
            "nested virtualization on {vendor} needs {windows} (build {minimum}) or later; this is build {build}",
            vendor=vendor,
            windows=windows,
            minimum=minimum,
            build=build,
        )
        yield host_finding(
            state, BUILD_TOO_OLD, message, evidence=evidence, requirement=requirement
        )
    else:
        message = tr(
            "the {vendor} processor and this Windows support nested virtualization", vendor=vendor
        )
        yield host_finding(
            state, PROCESSOR_SUPPORTED, message, evidence=evidence, requirement=requirement
        )


VBS_OPT_OUT_NEEDED = Rule(
    code="vbs-opt-out-needed",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="This preview build exposes the extensions only to VMs that opted out of virtualization-based security.",
    why="The Insider previews of 2016 in this range refused the setting otherwise; later builds do not ask for it.",
    fix="Update Windows, or set VirtualizationBasedSecurityOptOut on the VM while it is off.",
    example="Get-CimInstance Win32_OperatingSystem: BuildNumber = 14357",
    source=VBS_OPT_OUT_ISSUE,
)


@detects(VBS_OPT_OUT_NEEDED, group="Processor and firmware")
def preview_needs_opt_out(state: HostState) -> Iterator[Finding]:
    """A preview of Windows that exposes the extensions only to VMs that opted out of VBS."""
    build = state.computer.build
    if build not in VBS_OPT_OUT_BUILDS:
        return
    preview = tr(
        "build {build} is a preview that refuses the extensions until the VM opts out of virtualization-based security",
        build=build,
    )
    evidence = evidence_from("Get-CimInstance Win32_OperatingSystem", BuildNumber=build)
    first, last = VBS_OPT_OUT_BUILDS.start, VBS_OPT_OUT_BUILDS.stop - 1
    requirement = tr(
        "a build outside {first} to {last}, or VirtualizationBasedSecurityOptOut True",
        first=first,
        last=last,
    )
    if not vms_of(state):
        yield host_finding(
            state, VBS_OPT_OUT_NEEDED, preview, evidence=evidence, requirement=requirement
        )
    for vm in vms_of(state):
        opted_out = vm.virtualization_based_security_opt_out
        if not opted_out:
            shown = tr("not known") if opted_out is None else opted_out
            message = (
                tr(
                    "it is not known whether it has opted out of virtualization-based security, and {preview}",
                    preview=preview,
                )
                if opted_out is None
                else tr(
                    "has not opted out of virtualization-based security, and {preview}",
                    preview=preview,
                )
            )
            security = evidence_from("Get-VMSecurity", VirtualizationBasedSecurityOptOut=shown)
            opt_out = {"VMName": vm.name, "VirtualizationBasedSecurityOptOut": True}
            yield host_finding(
                state,
                VBS_OPT_OUT_NEEDED,
                message,
                subject=f"VM {vm.name}",
                evidence=f"{evidence}; {security}",
                requirement=requirement,
                fix=while_off(vm, Cmdlet("Set-VMSecurity", opt_out)),
            )
