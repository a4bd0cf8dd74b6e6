"""Rules about the features of Windows Server that a file names for guests."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED, POWERSHELL_DIRECT
from nestlab.model.finding import Finding
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

FEATURES_NEED_WINDOWS = Rule(
    code="features-need-windows",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="Features of Windows Server are named for a guest whose system is not Windows, or not in the file.",
    why="Install-WindowsFeature runs in Windows Server, and nestlab reaches it over PowerShell Direct with a credential.",
    fix="Write guest: {os: windows, credential: NAME, ...}; or remove features.",
    example="vms: [{name: web1, disk: {path: 'D:\\web1.vhdx'}, guest: {os: linux, features: [DNS]}}]",
    source=POWERSHELL_DIRECT,
)


@detects(FEATURES_NEED_WINDOWS)
def features_need_windows(index: TopologyIndex) -> Iterator[Finding]:
    """Features for a guest without Windows."""
    for place, vm in index.vms:
        if not vm.guest.features or vm.guest.os == "windows":
            continue
        message = (
            tr("has features of Windows Server, and its guest is Linux")
            if vm.guest.os == "linux"
            else tr("has features of Windows Server and no guest.os, so they are not installed")
        )
        hint = (
            tr("Remove features: packages of Linux come with its image.")
            if vm.guest.os == "linux"
            else None
        )
        keys = (*place.keys, "guest", "features")
        yield index.finding(FEATURES_NEED_WINDOWS, place.subject, keys, message, hint=hint)


HYPER_V_AS_FEATURE = Rule(
    code="hyper-v-as-feature",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The Hyper-V role is named among the features of a guest that is not a nested host.",
    why="It needs virtualization extensions, which nestlab exposes to nested hosts; Install-WindowsFeature refuses it otherwise.",
    fix="Write nested: {} for the VM, and remove Hyper-V from features.",
    example="vms: [{name: hv1, disk: {path: 'D:\\hv1.vhdx'}, guest: {os: windows, credential: lab, features: [Hyper-V]}}]",
    source=ENABLE_NESTED,
)


@detects(HYPER_V_AS_FEATURE)
def hyper_v_as_feature(index: TopologyIndex) -> Iterator[Finding]:
    """The Hyper-V role as a feature, in a VM that is not declared as a nested host."""
    for place, vm in index.vms:
        named = [name.casefold() for name in vm.guest.features]
        if "hyper-v" in named and vm.nested is None and not vm.exposes_extensions:
            keys = (*place.keys, "guest", "features", named.index("hyper-v"))
            message = tr("is not a nested host, and Hyper-V is among its features")
            yield index.finding(HYPER_V_AS_FEATURE, place.subject, keys, message)


DETECTORS = (features_need_windows, hyper_v_as_feature)
"""The detectors of this module, in the order of their findings."""
