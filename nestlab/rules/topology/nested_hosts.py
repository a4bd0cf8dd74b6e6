"""Rules about nested hosts in a topology."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED, NESTED_VERSION_MINIMUM, UPGRADE_VERSION, version_of
from nestlab.model.finding import Finding
from nestlab.model.topology import SwitchType
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

EXTENSIONS_NOT_EXPOSED = Rule(
    code="extensions-not-exposed",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host is declared with its virtualization extensions turned off.",
    why="Without the extensions the hypervisor inside the VM cannot start.",
    fix="Remove expose_virtualization_extensions, or set it to true.",
    example="vms: [{name: HV1, memory_startup: 8GB, expose_virtualization_extensions: false, guest: {os: windows, credential: lab}, nested: {}}]",
    source=ENABLE_NESTED,
)


@detects(EXTENSIONS_NOT_EXPOSED)
def extensions_not_exposed(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host that is declared without its extensions: its hypervisor cannot start."""
    for place, vm in index.nested_hosts:
        if not vm.exposes_extensions:
            yield index.finding(
                EXTENSIONS_NOT_EXPOSED,
                place.subject,
                (*place.keys, "expose_virtualization_extensions"),
                tr("is a nested host, but its virtualization extensions are not exposed"),
            )


NESTED_NEEDS_WINDOWS = Rule(
    code="nested-needs-windows",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A nested host does not have a Windows guest.",
    why="Hyper-V is a role of Windows; no other guest can host VMs that nestlab manages.",
    fix="Set guest: {os: windows, credential: ...}, or remove nested.",
    example="vms: [{name: HV1, memory_startup: 8GB, guest: {os: linux}, nested: {}}]",
    source=ENABLE_NESTED,
)


@detects(NESTED_NEEDS_WINDOWS)
def nested_needs_windows(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host without a Windows guest: only Windows has Hyper-V."""
    for place, vm in index.nested_hosts:
        if vm.guest.os != "windows":
            message = (
                tr("is a nested host without guest.os; Hyper-V needs Windows")
                if vm.guest.os == "none"
                else tr(
                    "is a nested host with a {system} guest; Hyper-V needs Windows",
                    system=vm.guest.os.capitalize(),
                )
            )
            yield index.finding(
                NESTED_NEEDS_WINDOWS,
                place.subject,
                (*place.keys, "guest"),
                message,
            )


VERSION_TOO_OLD = Rule(
    code="version-too-old",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="A nested host has a configuration version that is too old for nested virtualization.",
    why="Hyper-V exposes the extensions only to VMs of configuration version 8.0 or later, on AMD 9.3 or later.",
    fix="Remove version, so that the host's default is used, or write a newer one.",
    example="vms: [{name: HV1, version: '5.0', memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {}}]",
    source=UPGRADE_VERSION,
)


@detects(VERSION_TOO_OLD)
def version_too_old(index: TopologyIndex) -> Iterator[Finding]:
    """A nested host with a configuration version before 8.0."""
    for place, vm in index.nested_hosts:
        if vm.version and version_of(vm.version) < NESTED_VERSION_MINIMUM:
            yield index.finding(
                VERSION_TOO_OLD,
                place.subject,
                (*place.keys, "version"),
                tr(
                    "is a nested host of configuration version {version}; nested virtualization needs 8.0 (9.3 on AMD)",
                    version=vm.version,
                ),
            )


SPOOFING_REQUIRED = Rule(
    code="spoofing-required",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="VMs inside a nested host are bridged through an adapter that does not allow MAC address spoofing.",
    why="Their frames carry other MAC addresses than that adapter, and the port of the outer switch drops them.",
    fix="Set mac_address_spoofing: true on this adapter, or give the nested host an Internal switch with nat.",
    example="switches: [{name: Lab, switch_type: Private}]\nvms: [{name: HV1, memory_startup: 8GB, network_adapters: [{name: Ethernet, switch: Lab}], guest: {os: windows, credential: lab}, disk: {parent: 'D:\\ws2022.vhdx'}, nested: {switches: [{name: Corp, switch_type: External, net_adapter: Ethernet}], vms: [{name: web1, memory_startup: 1GB, network_adapters: [{switch: Corp}]}]}}]",
    source=ENABLE_NESTED,
)


@detects(SPOOFING_REQUIRED)
def spoofing_required(index: TopologyIndex) -> Iterator[Finding]:
    """VMs bridged through an adapter that drops frames of other MAC addresses."""
    users = {
        (adapter.machine[:-1], adapter.adapter.switch.casefold())
        for adapter in index.adapters
        if adapter.adapter.switch
    }
    for place in index.switches:
        switch = place.switch
        used = (place.machine, switch.name.casefold()) in users
        if switch.switch_type is not SwitchType.EXTERNAL or not (used or switch.is_team):
            continue
        message = (
            tr(
                "carries {switch} with VMs on it, but does not allow MAC address spoofing: their frames are dropped",
                switch=place.name,
            )
            if used
            else tr(
                "carries {switch} in a team, where frames leave by any member, but does not allow MAC address spoofing: their frames are dropped",
                switch=place.name,
            )
        )
        for adapter in index.bound_adapters(place):
            if not adapter.adapter.mac_address_spoofing:
                keys = (*adapter.keys, "mac_address_spoofing")
                yield index.finding(SPOOFING_REQUIRED, adapter.subject, keys, message)


DETECTORS = (nested_needs_windows, extensions_not_exposed, version_too_old, spoofing_required)
