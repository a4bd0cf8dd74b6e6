"""The verdict: can this host run nested hosts?"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import ENABLE_NESTED
from nestlab.dataclass import dataclass, replace
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import display_name, host_finding
from nestlab.rules.host.firmware_rules import VIRTUALIZATION_NOT_KNOWN
from nestlab.rules.host.memory import MEMORY_NOT_KNOWN
from nestlab.rules.host.processor import BUILD_NOT_KNOWN, PROCESSOR_NOT_KNOWN
from nestlab.rules.host.role_rules import HYPER_V_NOT_READABLE
from nestlab.rules.host.virtual_host import EXTENSIONS_NOT_KNOWN
from nestlab.rules.rule import NOTHING_TO_DO, Rule, Scope, detects
from nestlab.texts import tr


@dataclass(frozen=True)
class Capability:
    """A host, and the findings that decide whether it can run nested hosts.

    The findings are in the order in which conditions have to be met, so the fix of the first one
    comes first.
    """

    state: HostState
    findings: tuple[Finding, ...]

    @property
    def decisive(self) -> list[Finding]:
        """The findings that rule nesting out, or leave the question open."""
        return [f for f in self.findings if f.severity == "error" or f.code in UNDECIDED]


UNDECIDED = frozenset(
    rule.code
    for rule in (
        PROCESSOR_NOT_KNOWN,
        BUILD_NOT_KNOWN,
        VIRTUALIZATION_NOT_KNOWN,
        EXTENSIONS_NOT_KNOWN,
        HYPER_V_NOT_READABLE,
        MEMORY_NOT_KNOWN,
    )
)
"""Codes of findings that leave the question open."""

CANNOT_NEST = Rule(
    code="cannot-nest",
    severity="error",
    looks_at=(Scope.HOST,),
    meaning="The host cannot run nested hosts as it is.",
    why="At least one condition is not met; the other findings say which.",
    fix="Resolve the first error: errors are in the order in which the conditions must be met.",
    example="sim:ws2019-amd",
    source=ENABLE_NESTED,
)


CAN_NEST = Rule(
    code="can-nest",
    severity="info",
    looks_at=(Scope.HOST,),
    meaning="The host can run nested hosts.",
    why="All conditions that can be read are met.",
    fix=NOTHING_TO_DO,
    example="processor-supported",
    source=ENABLE_NESTED,
)


NESTING_NOT_KNOWN = Rule(
    code="nesting-not-known",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="It is not known whether the host can run nested hosts.",
    why="Some conditions could not be read.",
    fix="Read what is missing with an account that has the rights.",
    example="sim:azure-trusted-launch",
    source=ENABLE_NESTED,
    formerly=("not-known",),
)


@detects(CANNOT_NEST, CAN_NEST, NESTING_NOT_KNOWN)
def verdict(capability: Capability) -> Iterator[Finding]:
    """The verdict in one line: whether a host can run nested hosts."""
    state, decisive = capability.state, capability.decisive
    if not decisive:
        yield _can_nest(capability)
        return
    name, reasons = display_name(state), "; ".join(finding.message for finding in decisive)
    rule = CANNOT_NEST
    message = tr("{host} cannot run nested hosts as it is: {reasons}", host=name, reasons=reasons)
    if all(finding.severity != "error" for finding in decisive):
        rule = NESTING_NOT_KNOWN
        message = tr(
            "it is not known whether {host} can run nested hosts: {reasons}",
            host=name,
            reasons=reasons,
        )
    first = next((finding for finding in decisive if finding.hint), decisive[0])
    found = host_finding(
        state, rule, message, hint=first.hint, fix=first.fix, runs_on=first.runs_on
    )
    yield replace(found, source=first.source)


def _can_nest(capability: Capability) -> Finding:
    good = [finding for finding in capability.findings if finding.severity == "info"]
    gaps = [f.message for f in capability.findings if f.code.endswith("-not-known")]
    evidence = "; ".join(f.code for f in good if not f.code.endswith("-not-known"))
    name = display_name(capability.state)
    message = tr("{host} can run nested hosts", host=name)
    if gaps:
        message = tr(
            "{host} can run nested hosts, as far as could be read: {gaps}",
            host=name,
            gaps="; ".join(gaps),
        )
    return host_finding(capability.state, CAN_NEST, message, evidence=evidence)
