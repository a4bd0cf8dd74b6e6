"""Findings that need the states of hosts and of the guests in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.errors import HostError
from nestlab.model.finding import Finding, Findings
from nestlab.model.machine_path import MachinePath
from nestlab.model.repeated_texts import without_repetition
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology
from nestlab.rules.evidence import vms_of
from nestlab.rules.nesting.guest_access import UnansweredGuest
from nestlab.rules.nesting.nesting_context import NestingContext
from nestlab.rules.rule_registry import REGISTRY

States = Mapping[MachinePath, HostState]


def nesting_findings(states: States, topology: Topology | None = None) -> Findings:
    """Return the findings that need the states of both a host and its guests.

    They are about extensions, memory, bridging, addresses, MAC addresses and MTU; with a topology
    also about what blocks its nested hosts.
    """
    found = [
        finding
        for nesting in _contexts(states, topology)
        for detector in REGISTRY.nesting
        for finding in detector(nesting)
    ]
    several = [finding for detector in REGISTRY.several_hosts for finding in detector(states)]
    return Findings([*found, *several])


def guest_access_findings(unanswered: Mapping[MachinePath, HostError]) -> Iterator[Finding]:
    """Yield findings about guests that did not answer, given their errors by machine path.

    Guests with the same hint share one finding.
    """
    found = [
        finding
        for path, error in unanswered.items()
        for finding in REGISTRY.guest(UnansweredGuest(path, error))
    ]
    hints = without_repetition((finding.subject, finding.hint) for finding in found)
    for finding, hint in zip(found, hints, strict=True):
        yield replace(finding, hint=hint)


def _contexts(states: States, topology: Topology | None) -> Iterator[NestingContext]:
    machines = topology.machines() if topology else ()
    declared = {path: vm for path, vm in machines if isinstance(vm, VM)}
    for path, inner in states.items():
        outer = states.get(path[:-1]) if path else None
        if outer is None:
            continue
        for vm in vms_of(outer):
            if vm.name.casefold() == path[-1].casefold():
                yield NestingContext(outer, vm, inner, declared.get(path))
                break
