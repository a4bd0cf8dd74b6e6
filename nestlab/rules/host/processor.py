"""Rules about the processor and the firmware: can this machine nest at all?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_BUILD_MINIMUM,
    ARCHITECTURE_ARM64,
    ARCHITECTURE_X64,
    CIM_PROCESSOR,
    ENABLE_NESTED,
    INTEL_BUILD_MINIMUM,
    OPT_OUT_BUILDS,
    OPT_OUT_FORUM,
    REQUIREMENTS,
    WHAT_IS_NESTED,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import read, said, unread_about, vms_of, while_off
from nestlab.rules.host.hypervisor_detection import outer_hypervisor

INTEL, AMD = "GenuineIntel", "AuthenticAMD"
_CLASS = "Get-CimInstance Win32_Processor"
_PLATFORMS = {
    INTEL: ("Intel", INTEL_BUILD_MINIMUM, "Windows Server 2016 or Windows 10"),
    AMD: ("AMD", AMD_BUILD_MINIMUM, "Windows Server 2022 or Windows 11"),
}


def is_amd(state: HostState) -> bool:
    """Whether the processors are AMD's."""
    return bool(state.processors) and state.processors[0].manufacturer == AMD


def is_intel(state: HostState) -> bool:
    """Whether the processors are Intel's."""
    return bool(state.processors) and state.processors[0].manufacturer == INTEL


def processor_supports_nesting(state: HostState) -> Iterator[Finding]:
    """Intel from Server 2016 on, AMD from Server 2022 and Windows 11 on, nothing else."""
    if not state.processors:
        error = f"{_CLASS}: {unread_about(state, 'processor', 'ciminstance') or 'no answer'}"
        yield said(
            state,
            "processor-not-known",
            "warning",
            "the processor could not be read",
            evidence=error,
            source=CIM_PROCESSOR,
        )
        return
    processor = state.processors[0]
    evidence = read(
        _CLASS,
        Manufacturer=processor.manufacturer,
        Name=processor.name,
        Architecture=processor.architecture,
    )
    if not processor.manufacturer or not processor.architecture:
        message = "the maker or the architecture of the processor could not be read"
        yield said(
            state,
            "processor-not-known",
            "warning",
            message,
            evidence=evidence,
            source=CIM_PROCESSOR,
        )
    elif processor.architecture != ARCHITECTURE_X64:
        name = (
            "ARM64"
            if processor.architecture == ARCHITECTURE_ARM64
            else f"of architecture {processor.architecture}"
        )
        message = f"the processor is {name}; nested virtualization exists on x64 only"
        hint = "Use an Intel or AMD host. Windows accepts the setting here, and the VM then does not start."
        rule = f"Architecture {ARCHITECTURE_X64} (x64)"
        yield said(
            state,
            "processor-not-supported",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=WHAT_IS_NESTED,
        )
    elif processor.manufacturer not in _PLATFORMS:
        message = f"nested virtualization is not documented for processors of {processor.manufacturer or 'an unknown maker'}"
        yield said(
            state,
            "processor-not-supported",
            "error",
            message,
            hint="Use an Intel or AMD host.",
            evidence=evidence,
            rule="Intel with VT-x and EPT, AMD EPYC or Ryzen",
            source=ENABLE_NESTED,
        )
    else:
        yield from _build_supports_nesting(state, evidence)


def _build_supports_nesting(state: HostState, evidence: str) -> Iterator[Finding]:
    vendor, minimum, names = _PLATFORMS[state.processors[0].manufacturer]
    build, rule = state.computer.build, f"{vendor}: {names} (build {minimum}) or later"
    evidence += "; " + read(
        "Get-CimInstance Win32_OperatingSystem",
        BuildNumber=build or "not known",
        Caption=state.computer.caption,
    )
    if build == 0:
        message = "the build of Windows could not be read"
        yield said(
            state,
            "build-not-known",
            "warning",
            message,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
        )
    elif build < minimum:
        message = f"nested virtualization on {vendor} needs {names} (build {minimum}) or later; this is build {build}"
        hint = "Upgrade Windows on the host. A VM with the extensions exposed does not start on this platform."
        yield said(
            state,
            "build-too-old",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
        )
    else:
        message = f"the {vendor} processor and this Windows support nested virtualization"
        yield said(
            state,
            "processor-supported",
            "info",
            message,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
        )


def preview_needs_opt_out(state: HostState) -> Iterator[Finding]:
    """A few previews of Windows refused the extensions unless the VM had opted out of virtualization-based security."""
    if state.computer.build not in OPT_OUT_BUILDS:
        return
    preview = f"build {state.computer.build} is a preview that refuses the extensions before the VM opts out of virtualization-based security"
    build = read("Get-CimInstance Win32_OperatingSystem", BuildNumber=state.computer.build)
    rule = f"builds {OPT_OUT_BUILDS.start} to {OPT_OUT_BUILDS.stop - 1}"
    if not vms_of(state):
        hint = "Update Windows; or, while the VM is off, Set-VMSecurity -VMName '<VM>' -VirtualizationBasedSecurityOptOut $true."
        yield said(
            state,
            "vbs-opt-out-needed",
            "warning",
            preview,
            hint=hint,
            evidence=build,
            rule=rule,
            source=OPT_OUT_FORUM,
        )
    for vm in vms_of(state):
        opted_out = vm.virtualization_based_security_opt_out
        if opted_out:
            continue
        shown = "not known" if opted_out is None else opted_out
        yield said(
            state,
            "vbs-opt-out-needed",
            "warning",
            f"has not opted out of virtualization-based security, and {preview}",
            subject=f"VM {vm.name}",
            hint="Let it opt out while it is off; or update Windows, which has not asked for it since.",
            evidence=f"{build}; {read('Get-VMSecurity', VirtualizationBasedSecurityOptOut=shown)}",
            rule=rule,
            source=OPT_OUT_FORUM,
            fix=while_off(
                vm,
                Cmdlet(
                    "Set-VMSecurity", {"VMName": vm.name, "VirtualizationBasedSecurityOptOut": True}
                ),
            ),
        )


_FLAGS = (
    (
        "VMMonitorModeExtensions",
        "VM monitor mode extensions (VT-x or AMD-V)",
        "Use another host: the processor lacks them.",
    ),
    (
        "SecondLevelAddressTranslationExtensions",
        "second level address translation (EPT or RVI)",
        "Use another host: the processor lacks it.",
    ),
    (
        "VirtualizationFirmwareEnabled",
        "virtualization switched on in the firmware",
        "Switch on VT-x or AMD-V in the firmware set-up, then power the host off and on.",
    ),
)


def firmware_offers_virtualization(state: HostState) -> Iterator[Finding]:
    """The three flags of Win32_Processor read False once a hypervisor runs: then it proves them itself."""
    present = state.computer.hypervisor_present
    system = read(
        "Get-CimInstance Win32_ComputerSystem",
        HypervisorPresent="not known" if present is None else present,
    )
    if not state.processors:
        return
    if present:
        yield from _hypervisor_proves(state, system)
        return
    processor = state.processors[0]
    values = (
        processor.vm_monitor_mode_extensions,
        processor.second_level_address_translation_extensions,
        processor.virtualization_firmware_enabled,
    )
    for value, (name, noun, hint) in zip(values, _FLAGS, strict=True):
        shown, rule = "not known" if value is None else value, f"{name} True"
        evidence = f"{read(_CLASS, **{name: shown})}; {system}"
        if value is None or (
            present is None and not value
        ):  # False says something only where no hypervisor runs
            message = f"whether the host has {noun} is not known"
            yield said(
                state,
                "virtualization-not-known",
                "warning",
                message,
                evidence=evidence,
                rule=rule,
                source=REQUIREMENTS,
            )
        elif not value:
            message = f"Hyper-V needs {noun}"
            yield said(
                state,
                "virtualization-off",
                "error",
                message,
                hint=hint,
                evidence=evidence,
                rule=rule,
                source=REQUIREMENTS,
            )
    if all(values):
        message = "the processor and the firmware offer what Hyper-V needs"
        evidence = f"{read(_CLASS, **{name: True for name, _, _ in _FLAGS})}; {system}"
        yield said(
            state, "virtualization-on", "info", message, evidence=evidence, source=CIM_PROCESSOR
        )


def _hypervisor_proves(state: HostState, system: str) -> Iterator[Finding]:
    running = [vm.name for vm in vms_of(state) if vm.state == "Running"]
    if not outer_hypervisor(state):
        message = "a hypervisor runs, so the firmware and the processor offer what it needs"
        evidence = (
            f"{system}; the flags of Win32_Processor read False while it runs and say nothing"
        )
        yield said(
            state, "hypervisor-running", "info", message, evidence=evidence, source=CIM_PROCESSOR
        )
    elif running:
        message = "VMs run here, so the hypervisor around this machine exposes the extensions"
        yield said(
            state,
            "hypervisor-running",
            "info",
            message,
            evidence=read("Get-VM", Running=", ".join(running)),
            source=ENABLE_NESTED,
        )
    elif state.hyper_v is not None:
        message = "whether its own hypervisor runs is not known: in a VM HypervisorPresent is True anyway, and no VM of its own runs"
        hint = "Start any VM on it: that it starts is the proof."
        yield said(
            state,
            "hypervisor-not-known",
            "info",
            message,
            hint=hint,
            evidence=system,
            source=CIM_PROCESSOR,
        )


def data_execution_prevention(state: HostState) -> Iterator[Finding]:
    """Hyper-V does not start without hardware-enforced data execution prevention."""
    available = state.computer.data_execution_prevention_available
    if available is None:
        message = "whether data execution prevention is on is not known"
        evidence = read(
            "Get-CimInstance Win32_OperatingSystem", DataExecutionPrevention_Available="not known"
        )
        yield said(
            state,
            "execution-prevention-not-known",
            "info",
            message,
            evidence=evidence,
            source=REQUIREMENTS,
        )
        return
    evidence = read(
        "Get-CimInstance Win32_OperatingSystem", DataExecutionPrevention_Available=available
    )
    if available:
        message = "data execution prevention is on"
        yield said(
            state,
            "execution-prevention-on",
            "info",
            message,
            evidence=evidence,
            source=REQUIREMENTS,
        )
    else:
        message = "data execution prevention is off; Hyper-V does not start without it"
        hint = "Switch on the XD bit (Intel) or NX bit (AMD) in the firmware set-up, then power the host off and on."
        rule = "DataExecutionPrevention_Available True"
        yield said(
            state,
            "execution-prevention-off",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
        )
