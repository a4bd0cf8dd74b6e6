"""Rules about Windows: whose VM it is itself, its edition, the role, its boot options, its security, the account's rights."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
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
    STATUS_SCRIPT,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding, Severity
from nestlab.model.state import HostState
from nestlab.rules.evidence import computer_name, read, said, unread_about
from nestlab.rules.host.hypervisor_detection import is_azure, outer_hypervisor
from nestlab.rules.host.processor import firmware_offers_virtualization, is_amd, is_intel

_RESTART = Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON})
_RUNNING = 2  # VirtualizationBasedSecurityStatus


def host_is_virtual(state: HostState) -> Iterator[Finding]:
    """A host that is itself a VM depends on the hypervisor around it."""
    hypervisor = outer_hypervisor(state)
    evidence = read(
        "Get-CimInstance Win32_ComputerSystem",
        Manufacturer=state.computer.manufacturer,
        Model=state.computer.model,
    )
    if not state.computer.manufacturer and not state.computer.model:
        message = (
            "whether this host is itself a VM is not known: its maker and model could not be read"
        )
        yield said(
            state, "maker-not-known", "info", message, evidence=evidence, source=WHAT_IS_NESTED
        )
    if not hypervisor:
        return
    if is_azure(state):
        evidence += "; " + read(
            "Get-DnsClientServerAddress", ServerAddresses="168.63.129.16, which is Azure's own"
        )
        message = "this host is a VM in Azure; its VMs are already L2 there"
        hint = "Azure's network carries no other MAC address than the VM's own: no bridging, put the VMs behind NAT."
        yield said(
            state,
            "host-is-azure-vm",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            source=AZURE_WIRE,
        )
    elif hypervisor == "Hyper-V or Azure":
        message = "this host is itself a VM of Hyper-V or Azure: its VMs are already L2 there"
        hint = "Bridging needs MAC address spoofing on the outer host; Azure has none, so put L2 VMs behind NAT."
        yield said(
            state,
            "host-is-virtual",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            source=WHAT_IS_NESTED,
        )
    else:
        message = f"this host is itself a VM of {hypervisor}; Hyper-V inside another maker's hypervisor is untested and not supported"
        hint = f"Expect surprises; {hypervisor} has to expose the virtualization extensions to this VM."
        yield said(
            state,
            "host-is-virtual",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            source=WHAT_IS_NESTED,
        )
    if state.hyper_v is None and state.computer.hypervisor_present:
        yield _extensions_not_known(state, hypervisor)


def _extensions_not_known(state: HostState, hypervisor: str) -> Finding:
    protected = state.security.virtualization_based_security_status == _RUNNING
    message = (
        "whether the outer hypervisor exposes the extensions to this VM cannot be read from inside"
    )
    hint = "On the host around it: Get-VMProcessor shows ExposeVirtualizationExtensions."
    evidence, source, where = (
        read("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=True),
        ENABLE_NESTED,
        "the host around it",
    )
    if is_azure(state):
        hint = "An Azure VM needs the security type Standard and a size that nests; Trusted Launch refuses."
    elif hypervisor == "Hyper-V or Azure":
        hint += " An Azure VM needs the security type Standard and a size that nests; Trusted Launch refuses."
    if is_azure(state):
        where, source = "the Azure portal", AZURE_TRUSTED
    if is_azure(state) and protected:
        message += "; virtualization-based security runs in it, as in VMs of the security type Trusted Launch, which do not nest"
        evidence += "; " + read(
            "Get-CimInstance Win32_DeviceGuard", VirtualizationBasedSecurityStatus=_RUNNING
        )
    return said(
        state,
        "extensions-not-known",
        "warning",
        message,
        hint=hint,
        evidence=evidence,
        source=source,
        runs_on=where,
    )


def edition_has_hyper_v(state: HostState) -> Iterator[Finding]:
    """The Home editions of Windows have no Hyper-V."""
    sku, kind = state.computer.operating_system_sku, state.computer.product_type
    evidence = read(
        "Get-CimInstance Win32_OperatingSystem",
        Caption=state.computer.caption,
        OperatingSystemSKU=sku,
        ProductType=kind,
    )
    rule = "Windows Server, or client editions Pro, Enterprise or Education"
    if sku in HOME_EDITIONS:
        message, hint = (
            f"Windows {HOME_EDITIONS[sku]} has no Hyper-V",
            "Upgrade to Pro, Enterprise or Education.",
        )
        yield said(
            state,
            "edition-without-hyper-v",
            "error",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=INSTALL,
        )
    elif not sku or not kind:
        message = "whether this edition of Windows has Hyper-V is not known"
        hint = "Win32_OperatingSystem says it in OperatingSystemSKU and ProductType."
        yield said(
            state,
            "edition-not-known",
            "info",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=INSTALL,
        )
    else:
        message = f"{state.computer.caption or 'this edition of Windows'} has Hyper-V"
        yield said(
            state,
            "edition-supported",
            "info",
            message,
            evidence=evidence,
            rule=rule,
            source=INSTALL,
        )


def role_is_installed(state: HostState) -> Iterator[Finding]:
    """The Hyper-V role, installed and answering."""
    names = sorted(name for name in state.features if "hyper-v" in name.casefold())
    asked = (
        "Get-WindowsOptionalFeature"
        if state.computer.product_type == PRODUCT_WORKSTATION
        else "Get-WindowsFeature"
    )
    evidence = read(asked, Installed=", ".join(names) or "no Hyper-V feature")
    refusal = unread_about(state, "get-vm", "getvm", "hyper-v", "windowsfeature") or (
        "" if state.features else unread_about(state, "feature")
    )
    if state.hyper_v is not None:
        yield said(
            state,
            "role-installed",
            "info",
            "the Hyper-V role is installed and answers",
            evidence=evidence,
            source=INSTALL,
        )
        if state.computer.hypervisor_present is False:
            yield _hypervisor_does_not_run(state)
    elif state.computer.operating_system_sku in HOME_EDITIONS:
        return  # the edition says it all
    elif any("hyper-v" in name.casefold() for name in state.pending_features):
        message, evidence = (
            "the Hyper-V role is installed and waits for a restart",
            read(asked, Pending=", ".join(sorted(state.pending_features))),
        )
        yield said(
            state,
            "restart-pending",
            "error",
            message,
            hint="Restart the host.",
            evidence=evidence,
            source=INSTALL,
            fix=(_RESTART,),
        )
    elif refusal and not _service_stopped(state):
        hint = (
            "Use an account that is a local Administrator or a Hyper-V Administrator on the host."
        )
        yield said(
            state,
            "hyper-v-not-readable",
            "warning",
            "Hyper-V does not answer this account",
            hint=hint,
            evidence=refusal,
            source=INSTALL,
        )
    elif any(
        name.casefold() in ("hyper-v", "microsoft-hyper-v", "microsoft-hyper-v-all")
        for name in names
    ):
        yield _role_does_not_answer(state, f"{evidence}; {refusal}" if refusal else evidence)
    else:
        yield _role_is_missing(state, evidence)


def _hypervisor_does_not_run(state: HostState) -> Finding:
    message = "the Hyper-V role is installed, and its hypervisor does not run: no VM starts"
    hint = "In an elevated prompt: bcdedit /set hypervisorlaunchtype auto, then restart the host. Else look at the firmware."
    evidence = read("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=False)
    rule, where = "HypervisorPresent True", computer_name(state)
    return said(
        state,
        "hypervisor-not-running",
        "error",
        message,
        hint=hint,
        evidence=evidence,
        rule=rule,
        source=STATUS_SCRIPT,
        runs_on=where,
    )


def _service_stopped(state: HostState) -> bool:
    running = state.security.running_services
    return running is not None and "vmms" not in running


def _role_does_not_answer(state: HostState, evidence: str) -> Finding:
    message = "the Hyper-V role is installed and does not answer"
    hint = "Check the service: Get-Service vmms; the hypervisor may be switched off in the boot configuration."
    if _service_stopped(state):
        evidence += "; " + read("Get-Service", vmms="not running")
    fix = (Cmdlet("Start-Service", {"Name": "vmms"}),)
    return said(
        state,
        "role-not-answering",
        "error",
        message,
        hint=hint,
        evidence=evidence,
        source=INSTALL,
        fix=fix,
    )


def _role_is_missing(state: HostState, evidence: str) -> Finding:
    server = Cmdlet(
        "Install-WindowsFeature",
        {
            "Name": "Hyper-V",
            "IncludeManagementTools": SwitchParameter.ON,
            "Restart": SwitchParameter.ON,
        },
    )
    client = Cmdlet(
        "Enable-WindowsOptionalFeature",
        {
            "Online": SwitchParameter.ON,
            "FeatureName": "Microsoft-Hyper-V",
            "All": SwitchParameter.ON,
            "NoRestart": SwitchParameter.ON,
        },
    )
    fix = (client, _RESTART) if state.computer.product_type == PRODUCT_WORKSTATION else (server,)
    hint = "Install it and restart."
    if outer_hypervisor(state):  # it does not install before
        hint = "First make sure that this VM has the virtualization extensions; then install the role and restart."
    elif any(finding.severity == "error" for finding in firmware_offers_virtualization(state)):
        hint = "First see to the processor and the firmware; then install the role and restart."
    message = "the Hyper-V role is not installed"
    return said(
        state,
        "role-not-installed",
        "error",
        message,
        hint=hint,
        evidence=evidence,
        source=INSTALL,
        fix=fix,
    )


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
        evidence = (
            f"Get-WindowsOptionalFeature -Online: {refusal}"
            if refusal
            else "Get-WindowsOptionalFeature -Online refused"
        )
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


def configuration_versions(state: HostState) -> Iterator[Finding]:
    """Nested hosts need configuration version 8.0, on AMD 9.3."""
    if state.hyper_v is None:
        return
    versions = [
        version
        for version in state.hyper_v.vm_host.supported_versions
        if version_of(version) < (100, 0)
    ]  # 254.0 is a prerelease
    default = state.hyper_v.vm_host.default_version or max(versions, key=version_of, default="")
    if not default:
        error = unread_about(state, "version")
        message = "which configuration versions the host supports is not known"
        evidence = f"Get-VMHostSupportedVersion: {error or 'no version'}"
        yield said(
            state,
            "versions-not-known",
            "warning",
            message,
            evidence=evidence,
            source=UPGRADE_VERSION,
        )
        return
    amd = is_amd(state)
    minimum = AMD_VERSION_MINIMUM if amd else NESTED_VERSION_MINIMUM
    evidence = read("Get-VMHostSupportedVersion", IsDefault=default, Version=" ".join(versions))
    newest = max((version_of(version) for version in (*versions, default)), default=(0, 0))
    needed = f"{minimum[0]}.{minimum[1]}"
    vendor = "AMD: " if amd else "Intel: " if is_intel(state) else ""
    rule = f"{vendor}{needed} or later" + ("; revisions of 2021 to 2023 said 10.0" if amd else "")
    severity: Severity = "info"
    code, message, hint = (
        "version-supported",
        f"new VMs get configuration version {default}; nested virtualization needs {needed}",
        "",
    )
    if newest < minimum:
        code, severity, hint = "version-not-supported", "error", "Upgrade Windows on the host."
        message = f"new VMs get configuration version {default} at most; nested virtualization needs {needed} on this processor"
    elif amd and newest < AMD_VERSION_UNDISPUTED:
        code, severity, hint = "version-disputed", "warning", "Try it on one VM first."
        message = f"new VMs get configuration version {default}; the pages disagree whether AMD needs 9.3 or 10.0"
    yield said(
        state,
        code,
        severity,
        message,
        hint=hint,
        evidence=evidence,
        rule=rule,
        source=ENABLE_NESTED if amd else UPGRADE_VERSION,
    )
