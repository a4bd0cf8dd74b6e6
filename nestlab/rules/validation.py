"""Check a topology without a host."""

from __future__ import annotations

from nestlab.model.finding import Findings
from nestlab.model.topology import Topology
from nestlab.rules.rule_registry import REGISTRY
from nestlab.rules.shared_causes import combined
from nestlab.rules.topology.topology_index import TopologyIndex


def validate(topology: Topology) -> Findings:
    """Return all findings about a topology, the most severe first."""
    index = TopologyIndex(topology)
    found = (finding for detector in REGISTRY.topology for finding in detector(index))
    return Findings(combined(found, index, REGISTRY.rules))
