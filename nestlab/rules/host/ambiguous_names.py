"""A rule about names that several VMs of a host have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nestlab.constants import DUPLICATE_NAMES_ISSUE
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import evidence_from, host_finding, vms_of
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

AMBIGUOUS_NAME = Rule(
    code="ambiguous-name",
    severity="warning",
    looks_at=(Scope.HOST,),
    meaning="Several VMs of the host have the same name.",
    why="Hyper-V allows it, but the -Name parameter of a cmdlet then addresses all of them.",
    fix="Rename one: Get-VM -Id '<Id>' | Rename-VM -NewName '<name>'.",
    example="Get-VM: Id = id-twin, id-Twin",
    source=DUPLICATE_NAMES_ISSUE,
)


@detects(AMBIGUOUS_NAME, group="VMs")
def ambiguous_names(state: HostState) -> Iterator[Finding]:
    """Several VMs with the same name: the -Name parameter of a cmdlet addresses all of them."""
    counts = Counter(vm.name.casefold() for vm in vms_of(state))
    first = {vm.name.casefold(): vm.name for vm in reversed(vms_of(state))}
    for folded, count in counts.items():
        if count > 1:
            ids = ", ".join(vm.id for vm in vms_of(state) if vm.name.casefold() == folded)
            message = tr(
                "{count} VMs have this name; a cmdlet with this name addresses all of them",
                count=count,
            )
            yield host_finding(
                state,
                AMBIGUOUS_NAME,
                message,
                subject=f"VM {first[folded]}",
                evidence=evidence_from("Get-VM", Id=ids),
            )
