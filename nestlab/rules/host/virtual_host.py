"""Rules about a host that is itself a VM."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import AZURE_TRUSTED_LAUNCH, AZURE_WIRE_SERVER, ENABLE_NESTED, WHAT_IS_NESTED
from nestlab.dataclass import replace
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding
from nestlab.rules.host.hypervisor_detection import (
    HYPER_V_OR_AZURE,
    is_azure,
    outer_hypervisor,
)
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.texts import mark, tr, translate

MANUFACTURER_NOT_KNOWN = Rule(
    code="manufacturer-not-known",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether the host is itself a VM.",
    why="Its manufacturer and model show it, and they could not be read.",
    fix="Run `nestlab check` with an account that can read Win32_ComputerSystem.",
    example="Get-CimInstance Win32_ComputerSystem: Manufacturer = nothing, Model = nothing",
    source=WHAT_IS_NESTED,
    formerly=("maker-not-known",),
)


HOST_IS_AZURE_VM = Rule(
    code="host-is-azure-vm",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host is a VM in Azure.",
    why="Its VMs are at level 2 there. Azure's network carries only the VM's own MAC address, so they cannot be bridged.",
    fix="Put the VMs behind NAT.",
    example="ServerAddresses = 168.63.129.16, which is Azure's own",
    source=AZURE_WIRE_SERVER,
)


HOST_IS_VIRTUAL = Rule(
    code="host-is-virtual",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host is itself a VM.",
    why="It depends on the outer hypervisor for the virtualization extensions and for MAC address spoofing.",
    fix="Expose the virtualization extensions on the outer host; allow MAC address spoofing there for bridging, or use NAT.",
    example="Get-CimInstance Win32_ComputerSystem: Manufacturer = QEMU",
    source=WHAT_IS_NESTED,
    variants=(
        Variant("warning", "if the outer hypervisor is not Hyper-V, which is not supported"),
    ),
)


_RUNNING = 2  # VirtualizationBasedSecurityStatus


EXTENSIONS_NOT_KNOWN = Rule(
    code="extensions-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether the outer hypervisor exposes the extensions to this VM.",
    why="It cannot be read from inside; the Hyper-V role does not start without them.",
    fix="On the outer host, look at ExposeVirtualizationExtensions with Get-VMProcessor. In Azure, use the security type Standard and a size that supports nesting.",
    example="Get-CimInstance Win32_ComputerSystem: HypervisorPresent = True",
    source=ENABLE_NESTED,
)


@detects(
    MANUFACTURER_NOT_KNOWN,
    HOST_IS_AZURE_VM,
    HOST_IS_VIRTUAL,
    EXTENSIONS_NOT_KNOWN,
    group="Windows and role",
)
def host_is_virtual(state: HostState) -> Iterator[Finding]:
    """A host that is itself a VM: it depends on the outer hypervisor."""
    hypervisor, computer = outer_hypervisor(state), state.computer
    evidence = evidence_from(
        "Get-CimInstance Win32_ComputerSystem",
        Manufacturer=computer.manufacturer,
        Model=computer.model,
    )
    if not computer.manufacturer and not computer.model:
        message = tr(
            "it is not known whether this host is itself a VM: its manufacturer and model could not be read"
        )
        yield host_finding(state, MANUFACTURER_NOT_KNOWN, message, evidence=evidence)
    if hypervisor:
        yield _virtual(state, hypervisor, evidence)
        if state.hyper_v is None and computer.hypervisor_present:
            yield _extensions_not_known(state, hypervisor)


def _virtual(state: HostState, hypervisor: str, evidence: str) -> Finding:
    if is_azure(state):
        server = tr("168.63.129.16, which is Azure's own")
        evidence += "; " + evidence_from("Get-DnsClientServerAddress", ServerAddresses=server)
        message = tr("this host is a VM in Azure; its VMs are already L2 there")
        hint = tr(
            "Azure's network carries no other MAC address than the VM's own: no bridging, put the VMs behind NAT."
        )
        return host_finding(state, HOST_IS_AZURE_VM, message, hint=hint, evidence=evidence)
    rule = HOST_IS_VIRTUAL
    if hypervisor == HYPER_V_OR_AZURE:
        message = tr("this host is itself a VM of Hyper-V or Azure: its VMs are already L2 there")
        hint = tr(
            "Bridging needs MAC address spoofing on the outer host; Azure has none, so put L2 VMs behind NAT."
        )
    else:
        rule = rule.at("warning")
        message = tr(
            "this host is itself a VM of {hypervisor}; Hyper-V inside another hypervisor is untested and not supported",
            hypervisor=hypervisor,
        )
        hint = tr(
            "Expect problems; {hypervisor} must expose the virtualization extensions to this VM.",
            hypervisor=hypervisor,
        )
    return host_finding(state, rule, message, hint=hint, evidence=evidence)


def _extensions_not_known(state: HostState, hypervisor: str) -> Finding:
    message = tr(
        "whether the outer hypervisor exposes the extensions to this VM cannot be read from inside"
    )
    evidence = evidence_from("Get-CimInstance Win32_ComputerSystem", HypervisorPresent=True)
    if is_azure(state):
        return _trusted_launch(state, message, evidence)
    hint = tr("On the outer host, Get-VMProcessor shows ExposeVirtualizationExtensions.")
    hint += f" {translate(_AZURE_HINT)}" if hypervisor == HYPER_V_OR_AZURE else ""
    where = tr("the outer host")
    return host_finding(
        state, EXTENSIONS_NOT_KNOWN, message, hint=hint, evidence=evidence, runs_on=where
    )


_AZURE_HINT = mark(
    "An Azure VM needs the security type Standard and a size that supports nesting; Trusted Launch does not support it."
)


def _trusted_launch(state: HostState, message: str, evidence: str) -> Finding:
    """Return the finding about a VM in Azure, where the security type decides."""
    if state.security.virtualization_based_security_status == _RUNNING:
        security = tr(
            "virtualization-based security runs in it, as in VMs of the security type Trusted Launch, which do not support nesting"
        )
        message = f"{message}; {security}"
        status = evidence_from(
            "Get-CimInstance Win32_DeviceGuard", VirtualizationBasedSecurityStatus=_RUNNING
        )
        evidence = f"{evidence}; {status}"
    rule = replace(EXTENSIONS_NOT_KNOWN, source=AZURE_TRUSTED_LAUNCH)
    return host_finding(
        state,
        rule,
        message,
        hint=translate(_AZURE_HINT),
        evidence=evidence,
        runs_on=tr("the Azure portal"),
    )
