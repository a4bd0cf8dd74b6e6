"""The rules: findings about a topology and about a host, one small generator each."""

from nestlab.rules.fit_network import fit_findings
from nestlab.rules.host import HostReport, host_findings, host_report
from nestlab.rules.levels import level_findings
from nestlab.rules.memory import MemoryBudget, WhatIf, memory_budget, what_if
from nestlab.rules.silence import guests_answer
from nestlab.rules.validation import validate
from nestlab.rules.virtual_machines import obstacles

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
