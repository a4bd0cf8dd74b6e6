"""The rules that the verdict stands on, in a table, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.constants import ENABLE_NESTED
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import computer_name, said, unread_about
from nestlab.rules.host.boot_security import boot_configuration_allows_nesting
from nestlab.rules.host.memory import memory_is_enough
from nestlab.rules.host.processor import (
    AMD,
    data_execution_prevention,
    firmware_offers_virtualization,
    preview_needs_opt_out,
    processor_supports_nesting,
)
from nestlab.rules.host.windows import (
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
# What leaves the question open.
NOT_KNOWN = (
    "processor-not-known",
    "build-not-known",
    "virtualization-not-known",
    "extensions-not-known",
    "hyper-v-not-readable",
    "memory-not-known",
)


def verdict(state: HostState, findings: list[Finding]) -> Finding:
    """Return the one line that answers the question, from the findings of the capability rules.

    These stand in the order in which things have to be right: the way out of the first one is the
    first to go.
    """
    name = computer_name(state)
    decisive = [
        finding for finding in findings if finding.severity == "error" or finding.code in NOT_KNOWN
    ]
    if not decisive:
        gaps = "; ".join(
            finding.message for finding in findings if finding.code.endswith("-not-known")
        )
        message = f"{name} can carry nested hosts" + (
            f", as far as could be read: {gaps}" if gaps else ""
        )
        evidence = "; ".join(
            finding.code
            for finding in findings
            if finding.severity == "info" and not finding.code.endswith("-not-known")
        )
        return said(state, "can-nest", "info", message, evidence=evidence, source=ENABLE_NESTED)
    reasons = "; ".join(finding.message for finding in decisive)
    first = next((finding for finding in decisive if finding.hint), decisive[0])
    if all(finding.severity != "error" for finding in decisive):
        message = f"whether {name} can carry nested hosts is not known: {reasons}"
        return said(
            state,
            "not-known",
            "warning",
            message,
            hint=first.hint,
            source=first.source,
            runs_on=first.runs_on,
        )
    message = f"{name} cannot carry nested hosts as it is: {reasons}"
    return said(
        state,
        "cannot-nest",
        "error",
        message,
        hint=first.hint,
        source=first.source,
        fix=first.fix,
        runs_on=first.runs_on,
    )
