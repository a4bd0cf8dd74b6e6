"""The rules that the verdict stands on, in a table, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.facts import ENABLE_NESTED
from nestlab.rules.memory import memory_is_enough
from nestlab.rules.processor import (
    AMD,
    data_execution_prevention,
    firmware_offers_virtualization,
    preview_needs_opt_out,
    processor_supports_nesting,
)
from nestlab.rules.reporting import computer_name, said, unread_about
from nestlab.rules.windows import (
    boot_configuration_allows_nesting,
    configuration_versions,
    edition_has_hyper_v,
    host_is_virtual,
    role_is_installed,
)

__all__ = ["AMD", "CAPABILITY_RULES", "NOT_KNOWN", "unread_about", "verdict"]

CAPABILITY_RULES: tuple[Callable[[HostState], Iterator[Finding]], ...] = (
    processor_supports_nesting,
    firmware_offers_virtualization,
    data_execution_prevention,
    preview_needs_opt_out,
    host_is_virtual,
    edition_has_hyper_v,
    role_is_installed,
    boot_configuration_allows_nesting,
    configuration_versions,
    memory_is_enough,
)
# Warnings that leave the question open.
NOT_KNOWN = ("processor-not-known", "build-not-known", "extensions-not-known", "hyper-v-not-readable")


def verdict(state: HostState, findings: list[Finding]) -> Finding:
    """Return the one line that answers the question, from the findings of the capability rules."""
    errors = [finding for finding in findings if finding.severity == "error"]
    unknown = [finding for finding in findings if finding.code in NOT_KNOWN]
    name = computer_name(state)
    if errors:
        first = errors[0]
        message = f"{name} cannot carry nested hosts as it is: {'; '.join(finding.message for finding in (*errors, *unknown))}"
        return said(state, "cannot-nest", "error", message, hint=first.hint, source=first.source, fix=first.fix, runs_on=first.runs_on)
    if unknown:
        message = f"whether {name} can carry nested hosts is not known: {'; '.join(finding.message for finding in unknown)}"
        return said(state, "not-known", "warning", message, hint=unknown[0].hint, source=unknown[0].source, runs_on=unknown[0].runs_on)
    evidence = "; ".join(finding.code for finding in findings if finding.severity == "info")
    return said(state, "can-nest", "info", f"{name} can carry nested hosts", evidence=evidence, source=ENABLE_NESTED)
