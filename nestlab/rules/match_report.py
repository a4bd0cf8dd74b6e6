"""Checks a topology against the machines that will run it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.model.finding import Findings
from nestlab.model.machine_path import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.rules.host_report import capability_findings
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Detector
from nestlab.rules.rule_registry import REGISTRY
from nestlab.rules.shared_causes import combined
from nestlab.rules.topology.topology_index import TopologyIndex


def match_findings(
    topology: Topology,
    states: Mapping[MachinePath, HostState],
    unmarked: Mapping[str, str] | None = None,
) -> Findings:
    """Return what prevents a topology from running on the machines that were observed.

    Machines without a state are skipped: a nested host is checked once it answers. Observe the
    states with the topology's disk paths, so that a missing parent is detected. `unmarked` maps
    objects that nestlab did not create, such as ``VM HV1/web1``, to how they differ from the file;
    empty if they do not.
    """
    index = TopologyIndex(topology)
    found = (
        finding
        for match in _matches(index, states, unmarked or {})
        for detector in _detectors(match)
        for finding in detector(match)
    )
    return Findings(combined(found, index, REGISTRY.rules))


def _detectors(match: HostMatch) -> tuple[Detector[HostMatch], ...]:
    return (*(REGISTRY.match if match.place.is_host else ()), *REGISTRY.each_machine)


def _matches(
    index: TopologyIndex,
    states: Mapping[MachinePath, HostState],
    unmarked: Mapping[str, str],
) -> Iterator[HostMatch]:
    """Yield the machines of the topology whose state was observed: hosts and guests."""
    for place in index.machines:
        if place.path in states:
            state = states[place.path]
            capability = () if place.path else capability_findings(state)
            yield HostMatch(index, place, state, capability, unmarked, states)
