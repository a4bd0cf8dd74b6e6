"""Checks that the topology contradicts, or leaves open, because of another error in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.rules.topology.reachability_checks import CHECK_CONTRADICTED, CHECK_UNDETERMINED
from nestlab.rules.topology.topology_index import TopologyIndex

_OF_CHECKS = (CHECK_CONTRADICTED.code, CHECK_UNDETERMINED.code)
_OF_NETWORKS = frozenset({"switches", "network_adapters", "uplinks", "routes", "forwarding"})


def without_explained_checks(
    findings: Iterable[Finding], index: TopologyIndex
) -> Iterator[Finding]:
    """Yield findings without those of checks that an error about a network explains.

    That error is one of a machine that the packet comes from, goes to, or is dropped on. Whether
    the check holds is seen once it is corrected.
    """
    found = list(findings)
    wrong = {
        _machine(item, index)
        for item in found
        if item.severity == "error" and not _OF_NETWORKS.isdisjoint(item.keys or ())
    }
    for item in found:
        is_check = bool(wrong) and item.code in _OF_CHECKS
        if not is_check or wrong.isdisjoint(_involved(item, index)):
            yield item


def _machine(finding: Finding, index: TopologyIndex) -> str:
    keys = finding.keys or ()
    around = (place for place in index.machines if keys[: len(place.keys)] == place.keys)
    return path_text(max(around, key=lambda place: len(place.keys)).path).casefold()


def _involved(finding: Finding, index: TopologyIndex) -> Iterator[str]:
    """Yield the machines of a check: its ends, and where the packet is dropped."""
    from nestlab.reachability import from_topology, trace  # noqa: PLC0415  # only topologies with checks pay for it

    check = index.topology.checks[int((finding.keys or (0, 0))[1])]
    ends = {check.source.casefold(), check.target.casefold()}
    for place in index.machines:
        path = path_text(place.path).casefold()
        if path in ends or path.rpartition("/")[2] in ends:
            yield path
    answer = trace(from_topology(index.topology), check.source, check.target)
    if answer.drop is not None:
        yield answer.drop.at.machine.casefold()
