"""The rules: findings about a topology, a host, a topology on a host, and the guests of a host."""

from nestlab.rules.capacity_estimate import CapacityEstimate, capacity_estimate
from nestlab.rules.code_explanations import all_rules, explain
from nestlab.rules.guest_report import guest_access_findings, nesting_findings
from nestlab.rules.host_report import (
    HostReport,
    findings_about_vm,
    host_findings,
    host_report,
    restart_findings,
)
from nestlab.rules.match_report import match_findings
from nestlab.rules.memory_budget import MemoryBudget, memory_budget
from nestlab.rules.rule import Rule
from nestlab.rules.shared_causes import together
from nestlab.rules.tried_fixes import trace
from nestlab.rules.validation import validate, validate_readable_part

__all__ = [
    "CapacityEstimate",
    "HostReport",
    "MemoryBudget",
    "Rule",
    "all_rules",
    "capacity_estimate",
    "explain",
    "findings_about_vm",
    "guest_access_findings",
    "host_findings",
    "host_report",
    "match_findings",
    "memory_budget",
    "nesting_findings",
    "restart_findings",
    "together",
    "trace",
    "validate",
    "validate_readable_part",
]
