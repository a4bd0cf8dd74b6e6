"""The report of a host: the verdict first, then all findings, in groups that people look for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nestlab.model.finding import Finding, Findings
from nestlab.model.state import HostState
from nestlab.rules.host import boot_security as protection
from nestlab.rules.host import host_network, memory, processor, windows
from nestlab.rules.host import vm_blockers as virtual_machines
from nestlab.rules.host.host_environment import SURROUNDING_RULES, could_not_be_read
from nestlab.rules.host.verdict import CAPABILITY_RULES, verdict
from nestlab.visible import visible

Rule = Callable[[HostState], Iterator[Finding]]

GROUPS: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    (
        "Processor and firmware",
        (
            processor.processor_supports_nesting,
            processor.firmware_offers_virtualization,
            processor.data_execution_prevention,
            processor.preview_needs_opt_out,
        ),
    ),
    (
        "Windows and role",
        (
            windows.host_is_virtual,
            windows.edition_has_hyper_v,
            windows.role_is_installed,
            protection.boot_configuration_allows_nesting,
            windows.configuration_versions,
            windows.account_has_rights,
            protection.virtualization_based_security,
            protection.protection_is_known,
            could_not_be_read,
        ),
    ),
    ("Memory", (memory.memory_is_enough, memory.logical_processors, memory.disk_space_is_left)),
    (
        "Network",
        (
            host_network.nat_slot,
            host_network.nat_may_be_hidden,
            host_network.default_switch,
            host_network.wireless_adapters,
            host_network.bridging_is_possible,
            host_network.mac_address_pool,
            host_network.jumbo_frames,
        ),
    ),
    ("VMs", (virtual_machines.ambiguous_names, virtual_machines.vm_readiness)),
)
"""Which rule belongs where."""


@dataclass(frozen=True)
class HostReport:
    """What a host can: the verdict, and the findings in groups, each in the order of gravity."""

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


def host_report(state: HostState) -> HostReport:
    """Return what a host can for nested virtualization, each finding with the value read, the rule and its source."""
    groups = tuple(
        (name, Findings(finding for rule in rules for finding in rule(state)))
        for name, rules in GROUPS
    )
    return HostReport(state.host, verdict(state, capability_findings(state)), groups)


def host_findings(state: HostState) -> Findings:
    """Return what a host can for nested virtualization, the verdict first, each with the value read and its source."""
    capability = capability_findings(state)
    around = [finding for rule in SURROUNDING_RULES for finding in rule(state)]
    return Findings([verdict(state, capability), *capability, *around])


def capability_findings(state: HostState) -> list[Finding]:
    """Return the findings that the verdict stands on."""
    return [finding for rule in CAPABILITY_RULES for finding in rule(state)]
