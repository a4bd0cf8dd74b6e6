"""The rules: findings about a topology and about a host, one small generator each."""

from nestlab.rules.host.memory import MemoryBudget, WhatIf, memory_budget, what_if
from nestlab.rules.host.vm_blockers import obstacles
from nestlab.rules.host_report import HostReport, host_findings, host_report
from nestlab.rules.match.physical_network import fit_findings
from nestlab.rules.nesting.guest_access import guests_answer
from nestlab.rules.nesting.nesting_rules import level_findings
from nestlab.rules.validation import validate

__all__ = [
    "HostReport",
    "MemoryBudget",
    "WhatIf",
    "fit_findings",
    "guests_answer",
    "host_findings",
    "host_report",
    "level_findings",
    "memory_budget",
    "obstacles",
    "validate",
    "what_if",
]
