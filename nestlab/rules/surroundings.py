"""Rules about what a host carries already: its NATs, its Default Switch, its VMs, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.model.finding import Finding, Severity
from nestlab.model.machine import path_text
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.capability import AMD, unread_about
from nestlab.rules.facts import (
    AMD_VERSION_MINIMUM,
    DEFAULT_SWITCH_ID,
    ENABLE_NESTED,
    NAT_NETWORK,
    NESTED_MEMORY_MINIMUM,
    NESTED_VERSION_MINIMUM,
    REQUIREMENTS,
    SEVERAL_NATS_BUILD_MINIMUM,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)

_NO_PARENT = ("", "00000000-0000-0000-0000-000000000000")


def nat_slot(state: HostState) -> Iterator[Finding]:
    """Which NATs are there, and whether another one would be accepted."""
    subject = path_text(state.machine)
    refusal = unread_about(state, "netnat")
    if refusal:
        hint = 'New-NetNat needs a local Administrator; "Invalid class" means that this Windows has no NAT.'
        yield Finding("nat-not-known", "warning", subject, "the NATs of the host could not be read", hint, refusal, NAT_NETWORK)
    for nat in state.nats:
        old = state.computer.build < SEVERAL_NATS_BUILD_MINIMUM
        end = "before build 20348 a second one is refused" if old else "a second one is not documented as supported"
        message = f"NAT {nat.name} translates {nat.internal_prefix}; {end}"
        hint = "Put NAT into the nested hosts, or choose inner networks that do not overlap this one."
        yield Finding("nat-present", "warning" if old else "info", subject, message, hint, f"build {state.computer.build}", NAT_NETWORK)


def default_switch(state: HostState) -> Iterator[Finding]:
    """The client's own switch changes its range at every boot."""
    for switch in state.hyper_v.switches if state.hyper_v else ():
        if switch.id.casefold() == DEFAULT_SWITCH_ID or (switch.name == "Default Switch" and state.computer.product_type == 1):
            message = "the Default Switch changes its addresses at every restart and cannot be modified or removed"
            hint = "Make an Internal switch of your own with a NAT for static addresses."
            yield Finding("default-switch", "info", f"switch {switch.name}", message, hint, f"Id {switch.id}", NAT_NETWORK)


def ambiguous_names(state: HostState) -> Iterator[Finding]:
    """Hyper-V allows two VMs with one name; a -Name then means both."""
    names = [vm.name for vm in state.hyper_v.vms] if state.hyper_v else []
    folded = [name.casefold() for name in names]
    for index, name in enumerate(names):
        if folded.count(name.casefold()) > 1 and folded.index(name.casefold()) == index:
            count = folded.count(name.casefold())
            message = f"{count} VMs have this name; a cmdlet that names it means all of them"
            yield Finding(
                "ambiguous-name", "warning", f"VM {name}", message, "Rename one: Get-VM shows their Ids, Rename-VM takes the VM itself."
            )


def could_not_be_read(state: HostState) -> Iterator[Finding]:
    """What is not known is said, never passed over."""
    for item in state.unread:
        if "netnat" in item.what.casefold():
            continue  # `nat_slot` says what it means
        message = f"{item.what} could not be read, so what depends on it is not known"
        yield Finding(
            "unread", "warning", path_text(state.machine), message, "See the host's own words; often the account lacks rights.", item.error
        )


def vm_readiness(state: HostState) -> Iterator[Finding]:
    """For every VM: is it a nested host, could it become one, and what is in the way."""
    is_amd = bool(state.processors) and state.processors[0].manufacturer == AMD
    for vm in state.hyper_v.vms if state.hyper_v else ():
        # For a VM that is no nested host these are notes; for one that is, they are in its way now.
        severity: Severity = "warning" if vm.expose_virtualization_extensions else "info"
        in_the_way = list(_obstacles(vm, severity, AMD_VERSION_MINIMUM if is_amd else NESTED_VERSION_MINIMUM))
        yield _summary(vm, [finding for finding in in_the_way if finding.code != "vm-running"])
        yield from in_the_way


def _summary(vm: VirtualMachineState, in_the_way: list[Finding]) -> Finding:
    evidence = f"ExposeVirtualizationExtensions {vm.expose_virtualization_extensions}, state {vm.state}, version {vm.version}"
    subject = f"VM {vm.name}"
    if vm.expose_virtualization_extensions:
        return Finding(
            "vm-exposes-extensions",
            "info",
            subject,
            "exposes virtualization extensions: it can be a nested host",
            "",
            evidence,
            ENABLE_NESTED,
        )
    if in_the_way:
        count = "one thing stands" if len(in_the_way) == 1 else f"{len(in_the_way)} things stand"
        return Finding(
            "vm-not-ready", "info", subject, f"exposes no extensions; {count} in the way of exposing them", "", evidence, ENABLE_NESTED
        )
    rest = "nothing stands" if vm.state == "Off" else "nothing but its power state stands"
    return Finding("vm-ready", "info", subject, f"exposes no extensions; {rest} in the way of exposing them", "", evidence, ENABLE_NESTED)


def _obstacles(vm: VirtualMachineState, severity: Severity, minimum: tuple[int, int]) -> Iterator[Finding]:
    subject, needed = f"VM {vm.name}", f"{minimum[0]}.{minimum[1]}"
    if vm.state == "Saved":
        message, hint = (
            "is saved; its processor only changes while it is Off",
            "Start it and shut it down, or discard the saved state: Remove-VMSavedState.",
        )
        yield Finding("vm-saved", severity, subject, message, hint, "State Saved", ENABLE_NESTED)
    elif vm.state != "Off" and not vm.expose_virtualization_extensions:
        message, hint = f"is {vm.state}; the extensions are exposed only while it is Off", "Shut it down first."
        yield Finding("vm-running", "info", subject, message, hint, f"State {vm.state}", ENABLE_NESTED)
    if version_of(vm.version) < minimum:
        message = f"has configuration version {vm.version or 'not known'}; nested virtualization needs {needed}"
        hint = "Shut it down and run Update-VMVersion; there is no way back."
        yield Finding("vm-version-too-old", severity, subject, message, hint, f"Version {vm.version}", UPGRADE_VERSION)
    if vm.dynamic_memory_enabled:
        message, hint = "has dynamic memory; it stays as it was when its hypervisor started", "Turn dynamic memory off for a nested host."
        evidence = f"{vm.memory_minimum} to {vm.memory_maximum}; older pages said that the VM does not boot, today's that the memory does not change"
        yield Finding("vm-dynamic-memory", severity, subject, message, hint, evidence, WHAT_IS_NESTED)
    if vm.memory_startup < NESTED_MEMORY_MINIMUM:
        message, hint = (
            f"starts with {vm.memory_startup} of memory; Hyper-V inside asks for {NESTED_MEMORY_MINIMUM}",
            "Raise its startup memory.",
        )
        yield Finding("vm-memory-low", severity, subject, message, hint, f"MemoryStartup {vm.memory_startup}", REQUIREMENTS)
    if vm.parent_checkpoint_id not in _NO_PARENT:
        message = "has a checkpoint; applying it takes the setting back, and checkpoints of a nested host were once said to fail"
        yield Finding(
            "vm-checkpoint",
            severity,
            subject,
            message,
            "Remove the checkpoints first.",
            f"ParentCheckpointId {vm.parent_checkpoint_id}",
            ENABLE_NESTED,
        )


SURROUNDING_RULES: tuple[Callable[[HostState], Iterator[Finding]], ...] = (
    nat_slot,
    default_switch,
    ambiguous_names,
    could_not_be_read,
    vm_readiness,
)
