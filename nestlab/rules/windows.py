"""Rules about Windows: whose VM it is itself, its edition, the role, its boot options, its security, the account's rights."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.cmdlet import Cmdlet, Switch
from nestlab.model.finding import Finding, Severity
from nestlab.model.state import HostState
from nestlab.rules.around import is_azure, outer_hypervisor
from nestlab.rules.facts import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    AZURE_TRUSTED,
    AZURE_WIRE,
    ENABLE_NESTED,
    HOME_EDITIONS,
    INSTALL,
    NESTED_VERSION_MINIMUM,
    PRODUCT_WORKSTATION,
    PROVIDER,
    SECURITY_FORUM,
    STATUS_SCRIPT,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)
from nestlab.rules.processor import is_amd
from nestlab.rules.reporting import computer_name, read, said, unread_about

_RESTART = Cmdlet("Restart-Computer", {"Force": Switch.ON})
_RUNNING = 2  # VirtualizationBasedSecurityStatus


def host_is_virtual(state: HostState) -> Iterator[Finding]:
    """A host that is itself a VM depends on the hypervisor around it."""
    hypervisor = outer_hypervisor(state)
    if not hypervisor:
        return
    evidence = read("Get-CimInstance Win32_ComputerSystem", Manufacturer=state.computer.manufacturer, Model=state.computer.model)
    if is_azure(state):
        evidence += "; " + read("Get-DnsClientServerAddress", ServerAddresses="168.63.129.16, which is Azure's own")
        message = "this host is a VM in Azure; its VMs are already L2 there"
        hint = "Azure's network carries no other MAC address than the VM's own: no bridging, put the VMs behind NAT."
        yield said(state, "host-is-azure-vm", "info", message, hint=hint, evidence=evidence, source=AZURE_WIRE)
    elif hypervisor == "Hyper-V or Azure":
        message = "this host is itself a VM of Hyper-V or Azure: its VMs are already L2 there"
        hint = "Bridging needs MAC address spoofing on the outer host; Azure has none, so put L2 VMs behind NAT."
        yield said(state, "host-is-virtual", "info", message, hint=hint, evidence=evidence, source=WHAT_IS_NESTED)
    else:
        message = f"this host is itself a VM of {hypervisor}; Hyper-V inside another maker's hypervisor is untested and not supported"
        hint = f"Expect surprises; {hypervisor} has to expose the virtualization extensions to this VM."
        yield said(state, "host-is-virtual", "warning", message, hint=hint, evidence=evidence, source=WHAT_IS_NESTED)
    if state.hyper_v is None and state.computer.hypervisor_present:
        yield _extensions_not_known(state, hypervisor)


def _extensions_not_known(state: HostState, hypervisor: str) -> Finding:
    protected = state.security.virtualization_based_security_status == _RUNNING
    message = "whether the outer hypervisor exposes the extensions to this VM cannot be read from inside"
    hint = "On the host around it: Get-VMProcessor shows ExposeVirtualizationExtensions."
    evidence, source, where = read("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=True), ENABLE_NESTED, "the host around it"
    if is_azure(state):
        hint = "An Azure VM needs the security type Standard and a size that nests; Trusted Launch refuses."
    elif hypervisor == "Hyper-V or Azure":
        hint += " An Azure VM needs the security type Standard and a size that nests; Trusted Launch refuses."
    if is_azure(state):
        where, source = "the Azure portal", AZURE_TRUSTED
    if is_azure(state) and protected:
        message += "; virtualization-based security runs in it, as in VMs of the security type Trusted Launch, which do not nest"
        evidence += "; " + read("Get-CimInstance Win32_DeviceGuard", VirtualizationBasedSecurityStatus=_RUNNING)
    return said(state, "extensions-not-known", "warning", message, hint=hint, evidence=evidence, source=source, runs_on=where)


def edition_has_hyper_v(state: HostState) -> Iterator[Finding]:
    """The Home editions of Windows have no Hyper-V."""
    sku = state.computer.operating_system_sku
    if sku in HOME_EDITIONS:
        message = f"Windows {HOME_EDITIONS[sku]} has no Hyper-V"
        evidence = read("Get-CimInstance Win32_OperatingSystem", Caption=state.computer.caption, OperatingSystemSKU=sku)
        rule, hint = "client editions Pro, Enterprise or Education", "Upgrade to Pro, Enterprise or Education."
        yield said(state, "edition-without-hyper-v", "error", message, hint=hint, evidence=evidence, rule=rule, source=INSTALL)


def role_is_installed(state: HostState) -> Iterator[Finding]:
    """The Hyper-V role, installed and answering."""
    names = sorted(name for name in state.features if "hyper-v" in name.casefold())
    asked = "Get-WindowsOptionalFeature" if state.computer.product_type == PRODUCT_WORKSTATION else "Get-WindowsFeature"
    evidence = read(asked, Installed=", ".join(names) or "no Hyper-V feature")
    refusal = unread_about(state, "get-vm", "getvm", "hyper-v", "windowsfeature") or (
        "" if state.features else unread_about(state, "feature")
    )
    if state.hyper_v is not None:
        yield said(state, "role-installed", "info", "the Hyper-V role is installed and answers", evidence=evidence, source=INSTALL)
    elif state.computer.operating_system_sku in HOME_EDITIONS:
        return  # the edition says it all
    elif any("hyper-v" in name.casefold() for name in state.pending_features):
        message, evidence = (
            "the Hyper-V role is installed and waits for a restart",
            read(asked, Pending=", ".join(sorted(state.pending_features))),
        )
        yield said(state, "restart-pending", "error", message, hint="Restart the host.", evidence=evidence, source=INSTALL, fix=(_RESTART,))
    elif refusal and not _service_stopped(state):
        hint = "Use an account that is a local Administrator or a Hyper-V Administrator on the host."
        yield said(
            state, "hyper-v-not-readable", "warning", "Hyper-V does not answer this account", hint=hint, evidence=refusal, source=INSTALL
        )
    elif any(name.casefold() in ("hyper-v", "microsoft-hyper-v", "microsoft-hyper-v-all") for name in names):
        yield _role_does_not_answer(state, f"{evidence}; {refusal}" if refusal else evidence)
    else:
        yield _role_is_missing(state, evidence)


def _service_stopped(state: HostState) -> bool:
    running = state.security.running_services
    return running is not None and "vmms" not in running


def _role_does_not_answer(state: HostState, evidence: str) -> Finding:
    message = "the Hyper-V role is installed and does not answer"
    hint = "Check the service: Get-Service vmms; the hypervisor may be switched off in the boot configuration."
    if _service_stopped(state):
        evidence += "; " + read("Get-Service", vmms="not running")
    fix = (Cmdlet("Start-Service", {"Name": "vmms"}),)
    return said(state, "role-not-answering", "error", message, hint=hint, evidence=evidence, source=INSTALL, fix=fix)


def _role_is_missing(state: HostState, evidence: str) -> Finding:
    server = Cmdlet("Install-WindowsFeature", {"Name": "Hyper-V", "IncludeManagementTools": Switch.ON, "Restart": Switch.ON})
    client = Cmdlet(
        "Enable-WindowsOptionalFeature", {"Online": Switch.ON, "FeatureName": "Microsoft-Hyper-V", "All": Switch.ON, "NoRestart": Switch.ON}
    )
    fix = (client, _RESTART) if state.computer.product_type == PRODUCT_WORKSTATION else (server,)
    message = "the Hyper-V role is not installed"
    return said(state, "role-not-installed", "error", message, hint="Install it and restart.", evidence=evidence, source=INSTALL, fix=fix)


def boot_configuration_allows_nesting(state: HostState) -> Iterator[Finding]:
    """A boot option of the hypervisor can forbid nesting altogether."""
    options = state.security.hypervisor_load_options
    if options is None:
        return
    where = "Get-ItemProperty HKLM:\\BCD00000000"
    if any("OFFERNESTEDVIRT=FALSE" in option.upper().replace(" ", "") for option in options):
        message = "the boot configuration forbids nesting: hypervisorloadoptions has OFFERNESTEDVIRT=FALSE"
        hint = "In an elevated prompt: bcdedit /deletevalue hypervisorloadoptions, then restart the host."
        evidence = read(where, Element=", ".join(options))
        yield said(
            state,
            "boot-option-forbids",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule="no OFFERNESTEDVIRT=FALSE",
            source=STATUS_SCRIPT,
            runs_on=computer_name(state),
        )
    else:
        message = "no boot option forbids nesting"
        evidence = read(where, OFFERNESTEDVIRT=", ".join(options) or "not set")
        yield said(state, "boot-options-fine", "info", message, evidence=evidence, source=STATUS_SCRIPT)


def virtualization_based_security(state: HostState) -> Iterator[Finding]:
    """Old scripts call it an obstacle. Microsoft says that it is none: a note, never a failure."""
    status = state.security.virtualization_based_security_status
    if not status and not state.security.enable_virtualization_based_security:
        return
    names = {1: "Credential Guard", 2: "memory integrity"}
    services = ", ".join(names.get(item, f"service {item}") for item in state.security.security_services_running)
    how = "runs" if status == _RUNNING else "is configured"
    message = f"virtualization-based security {how} on the host{f' with {services}' if services else ''}; that does not hinder nesting"
    evidence = read(
        "Get-CimInstance Win32_DeviceGuard",
        VirtualizationBasedSecurityStatus="not known" if status is None else status,
        SecurityServicesRunning=services or "none",
    )
    rule = "sources disagree: the status script of 2016 fails here, its makers said in 2019 that it is outdated"
    yield said(state, "vbs-on-host", "info", message, evidence=evidence, rule=rule, source=SECURITY_FORUM)


def account_has_rights(state: HostState) -> Iterator[Finding]:
    """Hyper-V Administrators suffices for VMs, disks and inner switches; NAT, roles and External switches want local Administrators."""
    elevated = state.security.elevated
    refusal = unread_about(state, "WindowsOptionalFeature")
    if elevated:
        message = "the session is elevated: it may install roles and create NATs"
        evidence = "Get-WindowsOptionalFeature -Online answered, which it does for elevated administrators only"
        yield said(state, "account-elevated", "info", message, evidence=evidence, source=INSTALL)
    elif elevated is False:
        message = "the account is no local Administrator here: VMs, disks, Private and Internal switches will do, NAT, roles and External switches will not"
        hint = "Open the session as a member of the host's Administrators for steps with New-NetNat, New-VMSwitch -NetAdapterName or Install-WindowsFeature."
        evidence = f"Get-WindowsOptionalFeature -Online: {refusal}" if refusal else "Get-WindowsOptionalFeature -Online refused"
        yield said(
            state,
            "account-not-administrator",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            rule="measured on Server 2022 by a provider's maintainer",
            source=PROVIDER,
        )


def protection_is_known(state: HostState) -> Iterator[Finding]:
    """What could not be read about boot options, security and rights is said, never taken for fine."""
    security = state.security
    unknown = [
        (name, asked)
        for name, value, asked in (
            ("whether a boot option forbids nesting", security.hypervisor_load_options, "Get-ItemProperty HKLM:\\BCD00000000"),
            (
                "whether virtualization-based security runs",
                security.virtualization_based_security_status,
                "Get-CimInstance Win32_DeviceGuard",
            ),
            ("whether the session is elevated", security.elevated, "Get-WindowsOptionalFeature"),
        )
        if value is None
    ]
    if unknown:
        message = f"not known: {'; '.join(name for name, _ in unknown)}"
        hint = "Local Administrators can read the boot configuration and Win32_DeviceGuard, and are answered by DISM."
        evidence = f"{', '.join(asked for _, asked in unknown)}: no answer"
        yield said(state, "protection-not-known", "info", message, hint=hint, evidence=evidence, source=STATUS_SCRIPT)


def configuration_versions(state: HostState) -> Iterator[Finding]:
    """Nested hosts need configuration version 8.0, on AMD 9.3."""
    if state.hyper_v is None:
        return
    versions = [version for version in state.hyper_v.vm_host.supported_versions if version_of(version) < (100, 0)]  # 254.0 is a prerelease
    default = state.hyper_v.vm_host.default_version or max(versions, key=version_of, default="")
    if not default:
        error = unread_about(state, "version")
        message = "the supported configuration versions could not be read"
        yield said(state, "versions-not-known", "warning", message, evidence=error, source=UPGRADE_VERSION)
        return
    amd = is_amd(state)
    minimum = AMD_VERSION_MINIMUM if amd else NESTED_VERSION_MINIMUM
    evidence = read("Get-VMHostSupportedVersion", IsDefault=default, Version=" ".join(versions))
    newest = max((version_of(version) for version in (*versions, default)), default=(0, 0))
    needed = f"{minimum[0]}.{minimum[1]}"
    rule = f"{'AMD' if amd else 'Intel'}: {needed} or later" + ("; revisions of 2021 to 2023 said 10.0" if amd else "")
    severity: Severity = "info"
    code, message, hint = "version-supported", f"new VMs get configuration version {default}; nested virtualization needs {needed}", ""
    if newest < minimum:
        code, severity, hint = "version-not-supported", "error", "Upgrade Windows on the host."
        message += " here"
    elif amd and newest < AMD_VERSION_UNDISPUTED:
        code, severity, hint = "version-disputed", "warning", "Try it on one VM first."
        message = f"new VMs get configuration version {default}; the pages disagree whether AMD needs 9.3 or 10.0"
    yield said(state, code, severity, message, hint=hint, evidence=evidence, rule=rule, source=ENABLE_NESTED if amd else UPGRADE_VERSION)
