"""Rules about a host: can it carry nested virtualization? Good news is a finding too, with its evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.model.finding import Finding, Severity
from nestlab.model.machine import path_text
from nestlab.model.size import Size
from nestlab.model.state import HostState
from nestlab.rules.around import outer_hypervisor
from nestlab.rules.facts import (
    AMD_BUILD_MINIMUM,
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    ARCHITECTURE_ARM64,
    ARCHITECTURE_X64,
    CIM_PROCESSOR,
    ENABLE_NESTED,
    HOME_EDITIONS,
    INSTALL,
    INTEL_BUILD_MINIMUM,
    NESTED_MEMORY_MINIMUM,
    NESTED_VERSION_MINIMUM,
    REQUIREMENTS,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)

INTEL, AMD = "GenuineIntel", "AuthenticAMD"


def _finding(
    state: HostState, code: str, severity: Severity, message: str, *, hint: str = "", evidence: str = "", source: str = ""
) -> Finding:
    return Finding(code, severity, path_text(state.machine), message, hint, evidence, source)


def unread_about(state: HostState, *words: str) -> str:
    """Return the host's own words why something could not be read; empty where it could."""
    return next((item.error for item in state.unread if any(word.casefold() in item.what.casefold() for word in words)), "")


def processor_supports_nesting(state: HostState) -> Iterator[Finding]:
    """Intel from Server 2016 on, AMD from Server 2022 and Windows 11 on, nothing else."""
    if not state.processors:
        error = unread_about(state, "processor", "ciminstance")
        yield _finding(state, "processor-not-known", "warning", "the processor could not be read", evidence=error, source=CIM_PROCESSOR)
        return
    processor, build = state.processors[0], state.computer.build
    evidence = f"{processor.name or processor.manufacturer}; {state.computer.caption}, build {build or 'not known'}"
    if processor.architecture == ARCHITECTURE_ARM64 or processor.architecture != ARCHITECTURE_X64:
        name = "ARM64" if processor.architecture == ARCHITECTURE_ARM64 else f"of architecture {processor.architecture}"
        message = f"the processor is {name}; nested virtualization exists on x64 only"
        hint = "Use an Intel or AMD host. Set-VMProcessor accepts the setting here, and the VM then does not start."
        yield _finding(state, "processor-not-supported", "error", message, hint=hint, evidence=evidence, source=WHAT_IS_NESTED)
        return
    minimum = {INTEL: INTEL_BUILD_MINIMUM, AMD: AMD_BUILD_MINIMUM}.get(processor.manufacturer)
    names = {INTEL: "Windows Server 2016 or Windows 10", AMD: "Windows Server 2022 or Windows 11"}
    if minimum is None:
        message = f"nested virtualization is not documented for processors of {processor.manufacturer or 'an unknown maker'}"
        yield _finding(
            state, "processor-not-supported", "error", message, hint="Use an Intel or AMD host.", evidence=evidence, source=ENABLE_NESTED
        )
    elif build == 0:
        yield _finding(
            state, "build-not-known", "warning", "the build of Windows could not be read", evidence=evidence, source=ENABLE_NESTED
        )
    elif build < minimum:
        vendor = "Intel" if processor.manufacturer == INTEL else "AMD"
        message = (
            f"nested virtualization on {vendor} needs {names[processor.manufacturer]} (build {minimum}) or later; this is build {build}"
        )
        hint = "Upgrade Windows on the host. A VM with the extensions exposed does not start on this platform."
        yield _finding(state, "build-too-old", "error", message, hint=hint, evidence=evidence, source=ENABLE_NESTED)
    else:
        vendor = "Intel" if processor.manufacturer == INTEL else "AMD"
        message = f"the {vendor} processor and this Windows support nested virtualization"
        yield _finding(state, "processor-supported", "info", message, evidence=evidence, source=ENABLE_NESTED)


def firmware_offers_virtualization(state: HostState) -> Iterator[Finding]:
    """The three flags of Win32_Processor read False once a hypervisor runs: then it proves them itself."""
    if not state.processors:
        return
    if state.computer.hypervisor_present:
        if not outer_hypervisor(state):
            message = "a hypervisor runs, so the firmware and the processor offer what it needs"
            evidence = "HypervisorPresent True; the flags of Win32_Processor read False while it runs and say nothing"
            yield _finding(state, "hypervisor-running", "info", message, evidence=evidence, source=CIM_PROCESSOR)
        return
    processor = state.processors[0]
    wanted = (
        (
            processor.vm_monitor_mode_extensions,
            "VMMonitorModeExtensions",
            "VM monitor mode extensions (VT-x or AMD-V)",
            "Use another host: the processor lacks them.",
        ),
        (
            processor.second_level_address_translation_extensions,
            "SecondLevelAddressTranslationExtensions",
            "second level address translation (EPT or RVI)",
            "Use another host: the processor lacks it.",
        ),
        (
            processor.virtualization_firmware_enabled,
            "VirtualizationFirmwareEnabled",
            "virtualization switched on in the firmware",
            "Switch on VT-x or AMD-V in the firmware set-up, then power the host off and on.",
        ),
    )
    missing = [entry for entry in wanted if not entry[0]]
    for _, name, noun, hint in missing:
        message = f"Hyper-V needs {noun}"
        yield _finding(
            state, "virtualization-off", "error", message, hint=hint, evidence=f"{name} False, HypervisorPresent False", source=REQUIREMENTS
        )
    if not missing:
        message = "the processor and the firmware offer what Hyper-V needs"
        yield _finding(
            state, "virtualization-on", "info", message, evidence="all three flags of Win32_Processor True", source=CIM_PROCESSOR
        )


def host_is_virtual(state: HostState) -> Iterator[Finding]:
    """A host that is itself a VM depends on the hypervisor around it."""
    hypervisor = outer_hypervisor(state)
    if not hypervisor:
        return
    evidence = f"{state.computer.manufacturer} {state.computer.model}"
    if hypervisor == "Hyper-V or Azure":
        message = "this host is itself a VM of Hyper-V or Azure: its VMs are already L2 there"
        hint = "Bridging needs MAC address spoofing on the outer host; Azure has none, so put L2 VMs behind NAT."
    else:
        message = f"this host is itself a VM of {hypervisor}; Hyper-V inside another maker's hypervisor is untested and not supported"
        hint = f"Expect surprises; {hypervisor} has to expose the virtualization extensions to this VM."
    severity: Severity = "info" if hypervisor == "Hyper-V or Azure" else "warning"
    yield _finding(state, "host-is-virtual", severity, message, hint=hint, evidence=evidence, source=WHAT_IS_NESTED)
    if state.hyper_v is None and state.computer.hypervisor_present:
        message = "whether the outer hypervisor exposes the extensions to this VM cannot be read from inside"
        hint = "Look at the outer host: Get-VMProcessor shows ExposeVirtualizationExtensions; an Azure VM needs the security type Standard."
        yield _finding(state, "extensions-not-known", "warning", message, hint=hint, evidence=evidence, source=ENABLE_NESTED)


def edition_has_hyper_v(state: HostState) -> Iterator[Finding]:
    """The Home editions of Windows have no Hyper-V."""
    sku = state.computer.operating_system_sku
    if sku in HOME_EDITIONS:
        message = f"Windows {HOME_EDITIONS[sku]} has no Hyper-V"
        hint = "Upgrade to Pro, Enterprise or Education."
        yield _finding(
            state, "edition-without-hyper-v", "error", message, hint=hint, evidence=f"{state.computer.caption} (SKU {sku})", source=INSTALL
        )


def role_is_installed(state: HostState) -> Iterator[Finding]:
    """The Hyper-V role, installed and answering."""
    evidence = ", ".join(sorted(name for name in state.features if "hyper-v" in name.casefold())) or "no Hyper-V feature"
    if state.hyper_v is not None:
        message = "the Hyper-V role is installed and answers"
        yield _finding(state, "role-installed", "info", message, evidence=evidence, source=INSTALL)
        return
    refusal = unread_about(state, "vm", "hyper-v", "feature")
    if refusal:
        hint = "Use an account that is a local Administrator or a Hyper-V Administrator on the host."
        yield _finding(
            state, "hyper-v-not-readable", "warning", "Hyper-V does not answer this account", hint=hint, evidence=refusal, source=INSTALL
        )
    elif any("hyper-v" in name.casefold() for name in state.pending_features):
        message = "the Hyper-V role is installed and waits for a restart"
        yield _finding(
            state,
            "restart-pending",
            "error",
            message,
            hint="Restart the host.",
            evidence=", ".join(sorted(state.pending_features)),
            source=INSTALL,
        )
    elif any(name.casefold() in ("hyper-v", "microsoft-hyper-v", "microsoft-hyper-v-all") for name in state.features):
        message = "the Hyper-V role is installed and does not answer"
        hint = "Check the service: Get-Service vmms; the hypervisor may be switched off in the boot configuration."
        yield _finding(state, "role-not-answering", "error", message, hint=hint, evidence=evidence, source=INSTALL)
    else:
        message = "the Hyper-V role is not installed"
        server = "Install-WindowsFeature Hyper-V -IncludeManagementTools -Restart"
        client = "Enable-WindowsOptionalFeature -Online -FeatureName Microsoft-Hyper-V -All"
        hint = f"Install it and restart: {client if state.computer.product_type == 1 else server}"
        yield _finding(state, "role-not-installed", "error", message, hint=hint, evidence=evidence, source=INSTALL)


def memory_is_enough(state: HostState) -> Iterator[Finding]:
    """A nested host wants 4 GB beside what runs already."""
    total = state.computer.total_physical_memory
    if not total:
        yield _finding(
            state,
            "memory-not-known",
            "warning",
            "the memory of the host could not be read",
            evidence=unread_about(state, "computersystem", "ciminstance"),
        )
        return
    assigned = Size(sum(vm.memory_assigned for vm in state.hyper_v.vms)) if state.hyper_v else Size(0)
    free = Size(total - assigned)
    evidence = f"{_gigabytes(total)} in all, {_gigabytes(assigned)} assigned to VMs"
    if total < NESTED_MEMORY_MINIMUM:
        message = f"the host has {_gigabytes(total)} of memory; Hyper-V asks for {NESTED_MEMORY_MINIMUM}"
        yield _finding(state, "memory-low", "error", message, hint="Add memory.", evidence=evidence, source=REQUIREMENTS)
    elif free < NESTED_MEMORY_MINIMUM:
        message = f"{_gigabytes(free)} of memory are left; a nested host wants {NESTED_MEMORY_MINIMUM}"
        yield _finding(
            state, "memory-little-left", "warning", message, hint="Stop VMs that are not needed.", evidence=evidence, source=REQUIREMENTS
        )
    else:
        message = f"{_gigabytes(free)} of memory are left for nested hosts"
        yield _finding(state, "memory-left", "info", message, evidence=evidence, source=REQUIREMENTS)


def _gigabytes(size: Size) -> str:
    return f"{size / (1 << 30):.1f} GB".replace(".0 GB", " GB")


def configuration_versions(state: HostState) -> Iterator[Finding]:
    """Nested hosts need configuration version 8.0, on AMD 9.3."""
    if state.hyper_v is None:
        return
    versions = [version for version in state.hyper_v.vm_host.supported_versions if version_of(version) < (100, 0)]  # 254.0 is a prerelease
    default = state.hyper_v.vm_host.default_version or max(versions, key=version_of, default="")
    if not default:
        error = unread_about(state, "version")
        yield _finding(
            state,
            "versions-not-known",
            "warning",
            "the supported configuration versions could not be read",
            evidence=error,
            source=UPGRADE_VERSION,
        )
        return
    is_amd = bool(state.processors) and state.processors[0].manufacturer == AMD
    minimum = AMD_VERSION_MINIMUM if is_amd else NESTED_VERSION_MINIMUM
    evidence = f"default {default}; supported {', '.join(versions)}"
    needed = f"{minimum[0]}.{minimum[1]}"
    newest = max((version_of(version) for version in (*versions, default)), default=(0, 0))
    if newest < minimum:
        message = f"new VMs get configuration version {default}; nested virtualization needs {needed} here"
        yield _finding(
            state, "version-not-supported", "error", message, hint="Upgrade Windows on the host.", evidence=evidence, source=UPGRADE_VERSION
        )
    elif is_amd and newest < AMD_VERSION_UNDISPUTED:
        message = f"new VMs get configuration version {default}; the pages disagree whether AMD needs 9.3 or 10.0"
        yield _finding(
            state, "version-disputed", "warning", message, hint="Try it on one VM first.", evidence=evidence, source=ENABLE_NESTED
        )
    else:
        message = f"new VMs get configuration version {default}; nested virtualization needs {needed}"
        yield _finding(state, "version-supported", "info", message, evidence=evidence, source=UPGRADE_VERSION)


CAPABILITY_RULES: tuple[Callable[[HostState], Iterator[Finding]], ...] = (
    processor_supports_nesting,
    firmware_offers_virtualization,
    host_is_virtual,
    edition_has_hyper_v,
    role_is_installed,
    memory_is_enough,
    configuration_versions,
)
# Warnings that leave the question open.
NOT_KNOWN = ("processor-not-known", "build-not-known", "extensions-not-known", "hyper-v-not-readable")


def verdict(state: HostState, findings: list[Finding]) -> Finding:
    """Return the one line that answers the question, from the findings of the capability rules."""
    errors = [finding for finding in findings if finding.severity == "error"]
    unknown = [finding for finding in findings if finding.code in NOT_KNOWN]
    name = state.computer.name or path_text(state.machine)
    if errors:
        message = f"{name} cannot carry nested hosts as it is: {'; '.join(finding.message for finding in errors)}"
        return _finding(state, "cannot-nest", "error", message, hint=errors[0].hint, source=errors[0].source)
    if unknown:
        message = f"whether {name} can carry nested hosts is not known: {'; '.join(finding.message for finding in unknown)}"
        return _finding(state, "not-known", "warning", message, hint=unknown[0].hint, source=unknown[0].source)
    evidence = "; ".join(finding.code for finding in findings if finding.severity == "info")
    return _finding(state, "can-nest", "info", f"{name} can carry nested hosts", evidence=evidence, source=ENABLE_NESTED)
