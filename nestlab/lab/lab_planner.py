"""The plans of a lab, from what was observed: findings first, then steps."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from nestlab.errors import PlanRefused
from nestlab.lab.completeness import require_complete
from nestlab.model import Findings, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology
from nestlab.observe import Chains, Scope
from nestlab.plan import Plan, make_plan, plan_destroy, without_remainder
from nestlab.rules import match_findings, validate

States = Mapping[MachinePath, HostState]
_CANNOT_CHANGE = ("cannot-change", "remainder-in-the-way")


@dataclass(frozen=True)
class LabPlanner:
    """What is asked of the plans of a topology, as given to `Lab.plan` and `Lab.plan_destroy`."""

    topology: Topology
    prune: bool = False
    recreate: Collection[str] = ()
    cut_off: bool = False

    @property
    def needs_disk_uses(self) -> bool:
        """Whether it matters which disks are the parents of others.

        That is so where disks may be deleted, or a VM takes a disk that is there.
        """
        vms = (machine for _, machine in self.topology.machines() if isinstance(machine, VM))
        names_disks = any(vm.disk is not None and vm.disk.path for vm in vms)
        return self.prune or bool(self.recreate) or names_disks

    @property
    def scope(self) -> Scope:
        """The VMs of the host that a plan reads: what is left over may have any VM on it."""
        return "all" if self.prune else "own"

    def chains(self) -> Chains | None:
        """Return what keeps the parents of disks that were read; None where they do not matter."""
        return Chains() if self.needs_disk_uses else None

    def plan_checked(self, states: States) -> Plan:
        """Plan as a user asks for it; raises PlanRefused where findings forbid it."""
        left = without_remainder(self.topology, states) if self.prune else states
        findings = validate(self.topology) + match_findings(self.topology, left)
        if not findings.ok:
            raise PlanRefused(findings)
        warnings = (finding for finding in findings if finding.severity == "warning")
        return replace(self.plan(states), warnings=tuple(warnings))

    def plan(self, states: States) -> Plan:
        """Plan in the middle of a run; raises PlanRefused where the states are not complete."""
        require_complete(states)
        return make_plan(self.topology, states, prune=self.prune, recreate=self.recreate)

    def plan_destroy(self, states: States) -> Plan:
        """Plan the removal of what the topology created; raises PlanRefused."""
        require_complete(states)
        return plan_destroy(self.topology, states, cut_off=self.cut_off)

    def cannot_change_findings(self, states: States) -> Findings:
        """Return what of the VMs that are there cannot become what the file says."""
        try:
            make_plan(self.topology, states)
        except PlanRefused as refused:
            return Findings(item for item in refused.findings if item.code in _CANNOT_CHANGE)
        return Findings()
