"""The report of a host: the verdict first, then all findings in groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.model.finding import Finding, Findings
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.rules.evidence import refusal_of, vms_of
from nestlab.rules.host.memory import VMRestart
from nestlab.rules.host.nested_host_adapters import VM_MAC_SPOOFING_OFF, VM_VLAN_ACCESS
from nestlab.rules.host.processor import processor_support
from nestlab.rules.host.verdict import Capability
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.host.vm_resource_rules import VM_MEMORY_FIXED
from nestlab.rules.host.vm_state_rules import VM_RUNNING
from nestlab.rules.rule_registry import REGISTRY
from nestlab.texts import mark, translate
from nestlab.visible import visible


@dataclass(frozen=True)
class HostReport:
    """The capabilities of a host: the verdict, and findings in groups, the most severe first."""

    host: str
    verdict: Finding
    groups: tuple[tuple[str, Findings], ...]

    @property
    def findings(self) -> Findings:
        """All findings, the verdict first."""
        return Findings([self.verdict, *(finding for _, group in self.groups for finding in group)])

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        groups = [{"name": name, **group.to_dict()} for name, group in self.groups]
        return {"host": self.host, "verdict": self.verdict.to_dict(), "groups": groups}

    def __repr__(self) -> str:
        return visible(
            f"<HostReport {self.host}: {self.verdict.code}, {len(self.findings) - 1} findings>"
        )

    def _repr_html_(self) -> str:
        return self.findings._repr_html_()


GROUPS = (
    mark("Processor and firmware"),
    mark("Windows and role"),
    mark("Memory"),
    mark("Network"),
    mark("VMs"),
)
"""The groups of a report, in the order in which they are shown."""


def host_report(state: HostState) -> HostReport:
    """Return what a host can do for nested virtualization, in groups."""
    found: dict[str, list[Finding]] = {name: [] for name in GROUPS}
    for detector in (*REGISTRY.capability, *REGISTRY.host):
        found[detector.group].extend(detector(state))
    found["VMs"].extend(vm_findings(state))
    groups = tuple((translate(name), Findings(findings)) for name, findings in found.items())
    return HostReport(state.host, _verdict(state, capability_findings(state)), groups)


def host_findings(state: HostState) -> Findings:
    """Return what a host can do for nested virtualization, the verdict first."""
    capability = capability_findings(state)
    further = [finding for detector in REGISTRY.host for finding in detector(state)]
    verdict = _verdict(state, capability)
    return Findings([verdict, *capability, *further, *vm_findings(state)])


def capability_findings(state: HostState) -> tuple[Finding, ...]:
    """Return the findings that decide whether a host can run nested hosts."""
    return tuple(finding for detector in REGISTRY.capability for finding in detector(state))


def _verdict(state: HostState, capability: tuple[Finding, ...]) -> Finding:
    return next(REGISTRY.verdict(Capability(state, capability)))


def vm_findings(state: HostState) -> Iterator[Finding]:
    """Yield for every VM its summary, then the other findings about it."""
    counts = Counter(vm.name.casefold() for vm in vms_of(state))
    host_supports_nesting = all(finding.severity != "error" for finding in processor_support(state))
    for vm in vms_of(state):
        found = _summary_and_findings(state, vm, host_supports_nesting=host_supports_nesting)
        if counts[vm.name.casefold()] > 1:  # a cmdlet with this name would change all of them
            found = [replace(finding, fix=(), runs_on="") for finding in found]
        yield from found


def _summary_and_findings(
    state: HostState, vm: VirtualMachineState, *, host_supports_nesting: bool
) -> list[Finding]:
    found = list(findings_about_vm(state, vm))
    blocking = tuple(finding for finding in found if finding.code not in _NOT_BLOCKING)
    on_host, (summary, without_nesting) = VMOnHost(state, vm, blocking), REGISTRY.vm_summary
    return [*(summary if host_supports_nesting else without_nesting)(on_host), *found]


_NOT_BLOCKING = frozenset(
    rule.code for rule in (VM_RUNNING, VM_MAC_SPOOFING_OFF, VM_VLAN_ACCESS, VM_MEMORY_FIXED)
)
"""Codes of findings about a VM that do not prevent it from being a nested host."""


def findings_about_vm(state: HostState, vm: VirtualMachineState) -> Iterator[Finding]:
    """Yield the findings about a VM as a nested host: blockers, and what matters for one."""
    on_host = VMOnHost(state, vm)
    for detector in REGISTRY.vm:
        if not any(refusal_of(state, cmdlet) for cmdlet in detector.reads):
            yield from detector(on_host)


def restart_findings(state: HostState, needed: Mapping[str, int]) -> Iterator[Finding]:
    """Yield why VMs that are shut down for a change would not start again.

    `needed` maps the name of each VM to the bytes of memory that it needs.
    """
    yield from REGISTRY.restart(VMRestart(state, needed))
