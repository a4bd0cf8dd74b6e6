"""Rules about the VMs of a host: is each a nested host, could it become one, and what is in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    ENABLE_NESTED,
    NESTED_MEMORY_MINIMUM,
    NESTED_VERSION_MINIMUM,
    OLD_GUEST_PROCESSORS_MAXIMUM,
    REQUIREMENTS,
    SAME_NAMES,
    SET_VLAN,
    STATUS_SCRIPT,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding, Severity
from nestlab.model.size import Size
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.evidence import read, refused, said, vms_of, while_off
from nestlab.rules.host.processor import is_amd, processor_supports_nesting
from nestlab.rules.host.vm_summary import summary, would_not_start

_Obstacles = Iterator[Finding]


def ambiguous_names(state: HostState) -> Iterator[Finding]:
    """Hyper-V allows two VMs with one name; a -Name then means both."""
    counts = Counter(vm.name.casefold() for vm in vms_of(state))
    first = {vm.name.casefold(): vm.name for vm in reversed(vms_of(state))}
    for folded, count in counts.items():
        if count > 1:
            ids = ", ".join(vm.id for vm in vms_of(state) if vm.name.casefold() == folded)
            message = f"{count} VMs have this name; a cmdlet that names it means all of them"
            hint = "Rename one: Get-VM -Id '<Id>' | Rename-VM -NewName '<name>'."
            yield said(
                state,
                "ambiguous-name",
                "warning",
                message,
                subject=f"VM {first[folded]}",
                hint=hint,
                evidence=read("Get-VM", Id=ids),
                source=SAME_NAMES,
            )


def vm_readiness(state: HostState) -> Iterator[Finding]:
    """For every VM: is it a nested host, could it become one, and what is in the way."""
    counts = Counter(vm.name.casefold() for vm in vms_of(state))
    platform_nests = not any(
        finding.severity == "error" for finding in processor_supports_nesting(state)
    )
    for vm in vms_of(state):
        in_the_way = list(obstacles(state, vm))
        found = [finding for finding in in_the_way if finding.code not in _NO_OBSTACLE]
        said_of_it = [
            summary(state, vm, found) if platform_nests else would_not_start(state, vm),
            *in_the_way,
        ]
        if counts[vm.name.casefold()] > 1:  # a cmdlet by name would change all of them
            said_of_it = [replace(finding, fix=(), runs_on="") for finding in said_of_it]
        yield from said_of_it


_NO_OBSTACLE = ("vm-running", "vm-mac-spoofing-off", "vm-vlan-access", "vm-memory-fixed")


def obstacles(state: HostState, vm: VirtualMachineState) -> Iterator[Finding]:
    """Yield what stands in the way of nesting in one VM, or goes with it where it is a nested host already."""
    # For a VM that is no nested host these are notes; for one that is, they are in its way now.
    severity: Severity = "warning" if vm.expose_virtualization_extensions else "info"
    for cmdlets, rule in _VM_RULES:
        if not any(refused(state, cmdlet) for cmdlet in cmdlets):
            yield from rule(state, vm, severity)


def _power(state: HostState, vm: VirtualMachineState, severity: Severity) -> _Obstacles:
    subject, evidence, rule = f"VM {vm.name}", read("Get-VM", State=vm.state), "State Off"
    if vm.state == "Saved":
        message = "is saved; its processor only changes while it is Off"
        hint = "Start it and shut it down. Or discard the saved state: what its guest had in memory is lost then."
        fix = (Cmdlet("Remove-VMSavedState", {"VMName": vm.name}),)
        yield said(
            state,
            "vm-saved",
            severity,
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
            fix=fix,
        )
    elif vm.state != "Off" and not vm.expose_virtualization_extensions:
        message, hint = (
            f"is {vm.state}; the extensions are exposed only while it is Off",
            "Shut it down first.",
        )
        paused = (Cmdlet("Resume-VM", {"Name": vm.name}),) if vm.state == "Paused" else ()
        fix = (*paused, Cmdlet("Stop-VM", {"Name": vm.name}))
        yield said(
            state,
            "vm-running",
            "info",
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
            fix=fix,
        )


def _version(state: HostState, vm: VirtualMachineState, severity: Severity) -> _Obstacles:
    amd = is_amd(state)
    minimum = AMD_VERSION_MINIMUM if amd else NESTED_VERSION_MINIMUM
    needed = f"{minimum[0]}.{minimum[1]}"
    subject, evidence = f"VM {vm.name}", read("Get-VM", Version=vm.version)
    if not version_of(vm.version)[0]:
        message = f"its configuration version is not known; nested virtualization needs {needed}"
        yield said(
            state,
            "vm-version-not-known",
            severity,
            message,
            subject=subject,
            evidence=evidence,
            source=UPGRADE_VERSION,
        )
    elif version_of(vm.version) < minimum:
        message = f"has configuration version {vm.version}; nested virtualization needs {needed}"
        hint = "Shut it down and update it; there is no way back, and older hosts do not run it any more."
        fix = while_off(
            vm, Cmdlet("Update-VMVersion", {"Name": vm.name, "Force": SwitchParameter.ON})
        )
        supported = (
            [version_of(version) for version in state.hyper_v.vm_host.supported_versions]
            if state.hyper_v
            else []
        )
        if supported and max(supported) < minimum:
            hint, fix = (
                f"Upgrade Windows on the host first: it supports no version as new as {needed}.",
                (),
            )
        rule = f"{'AMD' if amd else 'Intel'}: {needed} or later"
        yield said(
            state,
            "vm-version-too-old",
            severity,
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=UPGRADE_VERSION,
            fix=fix,
        )
    elif amd and version_of(vm.version) < AMD_VERSION_UNDISPUTED:
        message = f"has configuration version {vm.version}; the pages disagree whether AMD needs 9.3 or 10.0"
        hint = "If it does not start with the extensions: Update-VMVersion. There is no way back."
        rule = "AMD: 9.3 or later; revisions of 2021 to 2023 said 10.0"
        yield said(
            state,
            "vm-version-disputed",
            "warning",
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=ENABLE_NESTED,
        )


def _memory(state: HostState, vm: VirtualMachineState, severity: Severity) -> _Obstacles:
    subject = f"VM {vm.name}"
    evidence = read(
        "Get-VMMemory", DynamicMemoryEnabled=vm.dynamic_memory_enabled, Startup=vm.memory_startup
    )
    static = {
        "VMName": vm.name,
        "DynamicMemoryEnabled": False,
        "StartupBytes": Size(max(vm.memory_startup, NESTED_MEMORY_MINIMUM)),
    }
    if vm.dynamic_memory_enabled:
        message = "has dynamic memory; while Hyper-V runs inside, it stays as it was at the start"
        evidence += f", Minimum = {vm.memory_minimum}, Maximum = {vm.memory_maximum}"
        rule = "static memory; sources disagree: previews of 2015 said that the VM does not boot, today's page that the memory does not change"
        yield said(
            state,
            "vm-dynamic-memory",
            severity,
            message,
            subject=subject,
            hint="Turn dynamic memory off for a nested host, while it is off.",
            evidence=evidence,
            rule=rule,
            source=WHAT_IS_NESTED,
            fix=while_off(vm, Cmdlet("Set-VMMemory", static)),
        )
    elif vm.expose_virtualization_extensions and vm.state != "Off":
        message = "its memory can neither float nor be resized while Hyper-V runs inside"
        hint = "Shut it down, Set-VMMemory, start it again."
        yield said(
            state,
            "vm-memory-fixed",
            "info",
            message,
            subject=subject,
            hint=hint,
            evidence=evidence,
            source=WHAT_IS_NESTED,
        )
    if vm.memory_startup < NESTED_MEMORY_MINIMUM:
        message = f"starts with {vm.memory_startup} of memory; Hyper-V inside asks for {NESTED_MEMORY_MINIMUM}"
        rule = f"Startup {NESTED_MEMORY_MINIMUM} or more"
        yield said(
            state,
            "vm-memory-low",
            severity,
            message,
            subject=subject,
            hint="Raise its startup memory, while it is off.",
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
            fix=while_off(vm, Cmdlet("Set-VMMemory", static)),
        )


def _processors(state: HostState, vm: VirtualMachineState, severity: Severity) -> _Obstacles:
    logical = sum(processor.number_of_logical_processors for processor in state.processors)
    subject, evidence = f"VM {vm.name}", read("Get-VMProcessor", Count=vm.processor_count)
    if logical and vm.processor_count > logical:
        message = f"has {vm.processor_count} virtual processors; the host has {logical} logical ones, so it does not start"
        fix = while_off(vm, Cmdlet("Set-VMProcessor", {"VMName": vm.name, "Count": logical}))
        rule = f"at most {logical}"
        yield said(
            state,
            "vm-processors",
            severity,
            message,
            subject=subject,
            evidence=evidence,
            rule=rule,
            source=REQUIREMENTS,
            fix=fix,
        )
    elif vm.processor_count > OLD_GUEST_PROCESSORS_MAXIMUM:
        message = f"has {vm.processor_count} virtual processors; with Windows Server 2019 or older inside, at most {OLD_GUEST_PROCESSORS_MAXIMUM} work"
        fix = while_off(
            vm,
            Cmdlet("Set-VMProcessor", {"VMName": vm.name, "Count": OLD_GUEST_PROCESSORS_MAXIMUM}),
        )
        yield said(
            state,
            "vm-processors",
            severity,
            message,
            subject=subject,
            evidence=evidence,
            source=ENABLE_NESTED,
            fix=fix,
        )


def _checkpoints(state: HostState, vm: VirtualMachineState, severity: Severity) -> _Obstacles:
    if not vm.parent_checkpoint_id.strip("0-"):
        return
    message = "has a checkpoint; applying it takes the setting back, and checkpoints of a nested host were once said to fail"
    rule = "no checkpoint; sources disagree: previews of 2015 said that they fail, today's pages are silent"
    yield said(
        state,
        "vm-checkpoint",
        severity,
        message,
        subject=f"VM {vm.name}",
        hint="Remove the checkpoints first: their disks are merged, the VM stays as it is now.",
        evidence=read("Get-VM", ParentCheckpointId=vm.parent_checkpoint_id),
        rule=rule,
        source=STATUS_SCRIPT,
        fix=(Cmdlet("Remove-VMSnapshot", {"VMName": vm.name, "Confirm": SwitchParameter.OFF}),),
    )


def _adapters(state: HostState, vm: VirtualMachineState, _severity: Severity) -> _Obstacles:
    if not vm.expose_virtualization_extensions:
        return
    for adapter in vm.network_adapters:
        where = {"VMName": vm.name, "Name": adapter.name}
        subject = f"VM {vm.name}, adapter {adapter.name}"
        if adapter.connected and not adapter.mac_address_spoofing:
            message = "does not allow MAC address spoofing: VMs bridged through an External switch on it get link and no traffic"
            yield said(
                state,
                "vm-mac-spoofing-off",
                "info",
                message,
                subject=subject,
                hint="Allow it where an External switch inside rides on this adapter, which cannot be read from here; NAT inside does not need it. It changes while the VM runs.",
                evidence=read(
                    "Get-VMNetworkAdapter", MacAddressSpoofing="Off", SwitchName=adapter.switch_name
                ),
                source=ENABLE_NESTED,
                fix=(Cmdlet("Set-VMNetworkAdapter", {**where, "MacAddressSpoofing": "On"}),),
            )
        if adapter.vlan.operation_mode == "Access":
            vlan = adapter.vlan.access_vlan_id
            message = f"is an access port of VLAN {vlan}: tagged frames of VMs inside are dropped"
            trunk = {
                "VMName": vm.name,
                "VMNetworkAdapterName": adapter.name,
                "Trunk": SwitchParameter.ON,
            }
            yield said(
                state,
                "vm-vlan-access",
                "info",
                message,
                subject=subject,
                hint="Where VMs inside tag their frames, make it a trunk with their VLANs.",
                evidence=read(
                    "Get-VMNetworkAdapterVlan", OperationMode="Access", AccessVlanId=vlan
                ),
                source=SET_VLAN,
                fix=(
                    Cmdlet(
                        "Set-VMNetworkAdapterVlan",
                        {**trunk, "AllowedVlanIdList": str(vlan), "NativeVlanId": vlan},
                    ),
                ),
            )


_VM_RULES: tuple[
    tuple[tuple[str, ...], Callable[[HostState, VirtualMachineState, Severity], _Obstacles]], ...
] = (
    (("Get-VMProcessor",), _power),
    ((), _version),
    (("Get-VMProcessor", "Get-VMMemory"), _memory),
    (("Get-VMProcessor",), _processors),
    ((), _checkpoints),
    (("Get-VMProcessor", "Get-VMNetworkAdapter"), _adapters),
)
"""Each rule with what it reads beside Get-VM: where that was refused it says nothing, and the VM's summary that it is not known."""
