"""What the adapters of a nested host must allow for the VMs inside it."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED, SET_VLAN
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import NetworkAdapterState
from nestlab.rules.evidence import evidence_from, host_finding
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

VM_MAC_SPOOFING_OFF = Rule(
    code="vm-mac-spoofing-off",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="An adapter of a nested host does not allow MAC address spoofing.",
    why="VMs that are bridged through an External switch on it have a link but no traffic. NAT inside does not need it.",
    fix="Allow it if an External switch inside is bound to this adapter, which cannot be read from the host. It can be changed while the VM runs.",
    example="Get-VMNetworkAdapter: MacAddressSpoofing = Off",
    source=ENABLE_NESTED,
)


VM_VLAN_ACCESS = Rule(
    code="vm-vlan-access",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="An adapter of a nested host is an access port.",
    why="It drops the tagged frames of the VMs inside.",
    fix="If VMs inside tag their frames, make it a trunk and add their VLANs to AllowedVlanIdList.",
    example="Get-VMNetworkAdapterVlan: OperationMode = Access, AccessVlanId = 10",
    source=SET_VLAN,
)


@detects(VM_MAC_SPOOFING_OFF, VM_VLAN_ACCESS, reads=("Get-VMProcessor", "Get-VMNetworkAdapter"))
def nested_host_adapters(on_host: VMOnHost) -> Iterator[Finding]:
    """What the adapters of a nested host must allow for the VMs inside it."""
    if not on_host.vm.expose_virtualization_extensions:
        return
    for adapter in on_host.vm.network_adapters:
        if adapter.connected and not adapter.mac_address_spoofing:
            yield _spoofing_off(on_host, adapter)
        if adapter.vlan.operation_mode == "Access":
            yield _access_port(on_host, adapter)


def _spoofing_off(on_host: VMOnHost, adapter: NetworkAdapterState) -> Finding:
    message = tr(
        "does not allow MAC address spoofing: VMs bridged through an External switch on it get a link but no traffic"
    )
    evidence = evidence_from(
        "Get-VMNetworkAdapter", MacAddressSpoofing="Off", SwitchName=adapter.switch_name
    )
    allow = {"VMName": on_host.vm.name, "Name": adapter.name, "MacAddressSpoofing": "On"}
    return _adapter_finding(
        on_host,
        adapter,
        VM_MAC_SPOOFING_OFF,
        message,
        evidence=evidence,
        fix=Cmdlet("Set-VMNetworkAdapter", allow),
    )


def _access_port(on_host: VMOnHost, adapter: NetworkAdapterState) -> Finding:
    vlan = adapter.vlan.access_vlan_id
    message = tr(
        "is an access port of VLAN {vlan}: tagged frames of VMs inside are dropped", vlan=vlan
    )
    evidence = evidence_from("Get-VMNetworkAdapterVlan", OperationMode="Access", AccessVlanId=vlan)
    trunk = {
        "VMName": on_host.vm.name,
        "VMNetworkAdapterName": adapter.name,
        "Trunk": SwitchParameter.ON,
        "AllowedVlanIdList": str(vlan),
        "NativeVlanId": vlan,
    }
    return _adapter_finding(
        on_host,
        adapter,
        VM_VLAN_ACCESS,
        message,
        evidence=evidence,
        fix=Cmdlet("Set-VMNetworkAdapterVlan", trunk),
    )


def _adapter_finding(
    on_host: VMOnHost,
    adapter: NetworkAdapterState,
    rule: Rule,
    message: str,
    *,
    evidence: str,
    fix: Cmdlet,
) -> Finding:
    subject = f"VM {on_host.vm.name}, adapter {adapter.name}"
    return host_finding(
        on_host.state, rule, message, subject=subject, evidence=evidence, fix=(fix,)
    )
