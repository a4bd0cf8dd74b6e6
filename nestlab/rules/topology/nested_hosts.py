"""Rules about nested hosts in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    ENABLE_NESTED,
    MEMORY_ALIGNMENT,
    MEMORY_MINIMUM,
    MEMORY_STEP,
    NESTED_MEMORY_MINIMUM,
    NESTED_VERSION_MINIMUM,
    OPERATING_SYSTEM_MEMORY,
    POWERSHELL_DIRECT,
    REQUIREMENTS,
    SERVER_HARDWARE,
    UPGRADE_VERSION,
    WHAT_IS_NESTED,
    version_of,
)
from nestlab.model.finding import Finding
from nestlab.model.size import Size
from nestlab.model.topology import VM, SwitchType, VMState
from nestlab.rules.topology.topology_index import Survey


def extensions_not_exposed(survey: Survey) -> Iterator[Finding]:
    """A nested host whose extensions are switched off on purpose: its hypervisor cannot start."""
    for place, vm in survey.nested_hosts:
        if not vm.exposes_extensions:
            yield survey.finding(
                "extensions-not-exposed",
                "error",
                place.subject,
                (*place.keys, "expose_virtualization_extensions"),
                "is a nested host, and its virtualization extensions are not exposed",
                hint="Remove expose_virtualization_extensions, or set it to true.",
                source=ENABLE_NESTED,
            )


def nested_needs_windows(survey: Survey) -> Iterator[Finding]:
    """Only Windows carries Hyper-V."""
    for place, vm in survey.nested_hosts:
        if vm.guest.os != "windows":
            found = (
                "no guest operating system"
                if vm.guest.os == "none"
                else f"a {vm.guest.os.capitalize()} guest"
            )
            yield survey.finding(
                "nested-needs-windows",
                "error",
                place.subject,
                (*place.keys, "guest"),
                f"is a nested host with {found}; Hyper-V needs Windows",
                hint="Set guest: {os: windows, credential: ...}, or remove nested.",
                source=ENABLE_NESTED,
            )


def version_too_old(survey: Survey) -> Iterator[Finding]:
    """Nested virtualization needs configuration version 8.0."""
    for place, vm in survey.nested_hosts:
        if vm.version and version_of(vm.version) < NESTED_VERSION_MINIMUM:
            yield survey.finding(
                "version-too-old",
                "error",
                place.subject,
                (*place.keys, "version"),
                f"is a nested host of configuration version {vm.version}; nested virtualization needs 8.0 (9.3 on AMD)",
                hint="Leave version out, so that the host's default is taken, or write a newer one.",
                source=UPGRADE_VERSION,
            )


def nested_memory_low(survey: Survey) -> Iterator[Finding]:
    """Hyper-V in the nested host asks for 4 GB."""
    for place, vm in survey.nested_hosts:
        if vm.memory_startup < NESTED_MEMORY_MINIMUM:
            yield survey.finding(
                "nested-memory-low",
                "warning",
                place.subject,
                (*place.keys, "memory_startup"),
                f"is a nested host with {vm.memory_startup} of memory; Hyper-V asks for {NESTED_MEMORY_MINIMUM}",
                hint=f"Set memory_startup to {NESTED_MEMORY_MINIMUM}, plus what its VMs need.",
                source=REQUIREMENTS,
            )


def nested_dynamic_memory(survey: Survey) -> Iterator[Finding]:
    """While Hyper-V runs in a VM, the VM's memory does not float."""
    for place, vm in survey.nested_hosts:
        if vm.dynamic_memory:
            yield survey.finding(
                "nested-dynamic-memory",
                "warning",
                place.subject,
                (*place.keys, "dynamic_memory"),
                "is a nested host with dynamic memory; its memory stays as it was when its hypervisor started",
                hint="Remove dynamic_memory and set memory_startup to what it needs with its VMs.",
                evidence=f"{vm.dynamic_memory.minimum} to {vm.dynamic_memory.maximum}, {vm.memory_startup} at start",
                source=WHAT_IS_NESTED,
            )


def memory_overcommitted(survey: Survey) -> Iterator[Finding]:
    """The VMs of a nested host have to start in the memory the nested host has."""
    for place, vm in survey.nested_hosts:
        running = [inner for inner in vm.vms if inner.state is VMState.RUNNING]
        needed = Size(sum(inner.memory_startup for inner in running))
        if running and needed + OPERATING_SYSTEM_MEMORY > vm.memory_startup:
            yield survey.finding(
                "memory-overcommitted",
                "error",
                place.subject,
                (*place.keys, "memory_startup"),
                f"has {vm.memory_startup} of memory; its running VMs need {needed} and Windows itself {OPERATING_SYSTEM_MEMORY}",
                hint="Give it more memory_startup, its VMs less, or leave some of them Off.",
                evidence=" + ".join(f"{inner.name} {inner.memory_startup}" for inner in running),
                source=SERVER_HARDWARE,
            )


def spoofing_required(survey: Survey) -> Iterator[Finding]:
    """Bridged L2 frames carry other MAC addresses than the nested host's adapter, whose port drops them unless allowed."""
    users = {
        (adapter.machine[:-1], adapter.adapter.switch.casefold())
        for adapter in survey.adapters
        if adapter.adapter.switch
    }
    for place in survey.switches:
        switch = place.switch
        below = survey.adapter(place.machine, switch.net_adapter)
        if (
            switch.switch_type is not SwitchType.EXTERNAL
            or below is None
            or below.adapter.mac_address_spoofing
        ):
            continue
        if (place.machine, switch.name.casefold()) in users:
            yield survey.finding(
                "spoofing-required",
                "error",
                below.subject,
                (*below.keys, "mac_address_spoofing"),
                f"carries {place.subject} with VMs on it, and does not allow MAC address spoofing: their frames are dropped",
                hint="Set mac_address_spoofing: true on this adapter; or give the nested host an Internal switch with nat.",
                source=ENABLE_NESTED,
            )


def credential_missing(survey: Survey) -> Iterator[Finding]:
    """PowerShell Direct into a guest needs the guest's credential."""
    for place, vm in survey.vms:
        if vm.guest.os != "windows" or vm.guest.credential:
            continue
        addressed = any(adapter.ip_address for adapter in vm.network_adapters)
        if vm.nested is None and not addressed:
            continue
        what = "its role, switches and VMs" if vm.nested is not None else "its addresses"
        yield survey.finding(
            "credential-missing",
            "error" if vm.nested is not None else "warning",
            place.subject,
            (*place.keys, "guest"),
            f"names no credential for its Windows guest, so {what} cannot be set up",
            hint="Add guest: {os: windows, credential: NAME}; the password itself stays in the keyring.",
            source=POWERSHELL_DIRECT,
        )


def nothing_to_boot(survey: Survey) -> Iterator[Finding]:
    """Without an installed disk Windows never answers: nothing inside a nested host can be made, nothing in a guest set."""
    for place, vm in survey.vms:
        if vm.disk is not None and vm.disk.size is None:
            continue
        if vm.nested is not None:
            what = "is a nested host with {}: no Windows starts in it, and nothing inside it can be made"
        elif vm.guest.os == "windows" and vm.state is VMState.RUNNING and _is_set_inside(vm):
            what = "has {}, and Windows in it is to be set: it never answers until it is installed"
        else:
            continue
        yield survey.finding(
            "nothing-to-boot",
            "warning",
            place.subject,
            (*place.keys, "disk"),
            what.format("an empty disk" if vm.disk else "no disk"),
            hint="Set disk: {parent: ...} to an image with Windows installed, or {path: ...} to an installed disk.",
            source=POWERSHELL_DIRECT,
        )


def _is_set_inside(vm: VM) -> bool:
    adapters = vm.network_adapters
    return (
        bool(vm.routes)
        or vm.forwarding
        or any(a.ip_address or a.gateway or a.dns_servers or a.dhcp for a in adapters)
    )


def memory_not_possible(survey: Survey) -> Iterator[Finding]:
    """Hyper-V refuses memory that is no multiple of 2 MB, and less than 32 MB."""
    for place, vm in survey.vms:
        dynamic = vm.dynamic_memory
        values: list[tuple[tuple[str, ...], Size]] = [(("memory_startup",), vm.memory_startup)]
        values += (
            [
                (("dynamic_memory", "minimum"), dynamic.minimum),
                (("dynamic_memory", "maximum"), dynamic.maximum),
            ]
            if dynamic
            else []
        )
        for keys, value in values:
            below = value // MEMORY_STEP * MEMORY_STEP
            if value < MEMORY_MINIMUM:
                message, hint = (
                    f"has {value} of {keys[-1]}; a VM has at least {Size(MEMORY_MINIMUM)}",
                    f"Set it to {Size(MEMORY_MINIMUM)} or more.",
                )
            elif value != below:
                message = f"has {value} of {keys[-1]}, which is no multiple of 2MB"
                hint = f"Set {Size(below)} or {Size(below + MEMORY_STEP)}: Hyper-V refuses anything between."
            else:
                continue
            yield survey.finding(
                "memory-not-possible",
                "error",
                place.subject,
                (*place.keys, *keys),
                message,
                hint=hint,
                source=MEMORY_ALIGNMENT,
            )
