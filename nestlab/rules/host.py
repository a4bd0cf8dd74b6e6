"""The rules of a host, in two tables: what it can, and what it carries already."""

from __future__ import annotations

from nestlab.model.finding import Finding, Findings
from nestlab.model.state import HostState
from nestlab.rules.capability import CAPABILITY_RULES, verdict
from nestlab.rules.surroundings import SURROUNDING_RULES


def host_findings(state: HostState) -> Findings:
    """Return what a host can for nested virtualization, the verdict first, each with the value read and its source."""
    capability = capability_findings(state)
    around = [finding for rule in SURROUNDING_RULES for finding in rule(state)]
    return Findings([verdict(state, capability), *capability, *around])


def capability_findings(state: HostState) -> list[Finding]:
    """Return the findings that the verdict stands on."""
    return [finding for rule in CAPABILITY_RULES for finding in rule(state)]
