"""The rules: findings about a topology, a host, a topology on a host, and the guests of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nestlab.rules.capacity_estimate import CapacityEstimate
    from nestlab.rules.code_explanations import all_rules, explain
    from nestlab.rules.guest_report import guest_access_findings, nesting_findings
    from nestlab.rules.host_report import (
        HostReport,
        findings_about_vm,
        host_findings,
        restart_findings,
    )
    from nestlab.rules.match_report import match_findings
    from nestlab.rules.memory_budget import MemoryBudget
    from nestlab.rules.rule import Rule
    from nestlab.rules.shared_causes import together
    from nestlab.rules.tried_fixes import trace
    from nestlab.rules.validation import validate, validate_readable_part

__getattr__ = lazy_exports(
    __name__,
    {
        "CapacityEstimate": "capacity_estimate",
        "HostReport": "host_report",
        "MemoryBudget": "memory_budget",
        "Rule": "rule",
        "all_rules": "code_explanations",
        "explain": "code_explanations",
        "findings_about_vm": "host_report",
        "guest_access_findings": "guest_report",
        "host_findings": "host_report",
        "match_findings": "match_report",
        "nesting_findings": "guest_report",
        "restart_findings": "host_report",
        "together": "shared_causes",
        "trace": "tried_fixes",
        "validate": "validation",
        "validate_readable_part": "validation",
    },
)
"""A plan imports neither explanations nor reports."""

__all__ = [
    "CapacityEstimate",
    "HostReport",
    "MemoryBudget",
    "Rule",
    "all_rules",
    "explain",
    "findings_about_vm",
    "guest_access_findings",
    "host_findings",
    "match_findings",
    "nesting_findings",
    "restart_findings",
    "together",
    "trace",
    "validate",
    "validate_readable_part",
]
