"""Check a topology without a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from nestlab.model.finding import Finding, Findings
from nestlab.model.machine_path import MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.rules.match.dhcp_conflicts import dhcp_unanswered
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule_registry import REGISTRY
from nestlab.rules.shared_causes import combined
from nestlab.rules.topology.explained_checks import without_explained_checks
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr


def validate(
    topology: Topology, observed: Iterable[MachinePath] | Mapping[MachinePath, HostState] = ()
) -> Findings:
    """Return all findings about a topology, the most severe first.

    `observed` are the machines whose state is known, and checked by `match_findings`: what depends
    on their Windows is left out. With their states, the checks take into account the NATs of others
    that translate networks of the topology, and its existing switches as they were observed.
    """
    states = observed if isinstance(observed, Mapping) else {}
    with_nats = _with_nats(topology, states)
    with_observed = _with_observed(topology, states)
    index = TopologyIndex(topology, frozenset(observed), with_nats, with_observed)
    detected = chain.from_iterable(detector(index) for detector in REGISTRY.topology)
    found = without_explained_checks(detected, index, _unanswered(index, states))
    findings = Findings(combined(found, index, REGISTRY.rules))
    return Findings(findings, _verdict(topology, findings))


def _verdict(topology: Topology, findings: Findings) -> str:
    """Return what the findings mean for a lab of this topology, as a sentence."""
    if findings.errors:
        return tr("{topology} cannot be built as declared.", topology=topology.name)
    if findings.counts()["warning"]:
        return tr("{topology} can be built; read the warnings first.", topology=topology.name)
    return tr("Nothing in the file prevents {topology} from being built.", topology=topology.name)


def _unanswered(index: TopologyIndex, states: Mapping[MachinePath, HostState]) -> set[str]:
    """Return the subjects of adapters whose DHCP requests were observed to be unanswered."""
    if not index.topology.checks:
        return set()
    matches = (
        HostMatch(index, place, states[place.path])
        for place in index.machines
        if place.path in states
    )
    return {finding.subject for match in matches for finding in dhcp_unanswered(match)}


def _with_nats(topology: Topology, states: Mapping[MachinePath, HostState]) -> Topology | None:
    """Return the topology with the NATs of others on its machines; None if it has none of them."""
    if not topology.checks or not any(state.nats for state in states.values()):
        return None
    from nestlab.reachability import with_nats_of_others  # noqa: PLC0415  # only hosts with NATs pay for it

    found = with_nats_of_others(topology, states)
    return None if found == topology else found


def _with_observed(topology: Topology, states: Mapping[MachinePath, HostState]) -> Topology | None:
    """Return the topology with its existing switches as observed; None if there are none."""
    machines = topology.hosts() if topology.checks and states else ()
    if not any(switch.existing for _, machine in machines for switch in machine.switches):
        return None
    from nestlab.reachability import with_observed_switches  # noqa: PLC0415  # as above

    return with_observed_switches(topology, states)


def validate_readable_part(path: str | Path) -> Findings:
    """Return the findings about a file that cannot be read as a whole.

    A finding is returned if it occurs with every sample in place of the values that cannot be read.
    If there are no samples for them, it is returned if it occurs both without these values and
    without the list items that contain them. Any other finding may be due to the omissions.
    """
    from nestlab.topology_file.loading_and_saving import load_parts  # noqa: PLC0415  # only a file with problems needs it

    parts = load_parts(path)
    if parts is None:
        return Findings()
    found = validate(parts.values)
    if parts.filled:
        with_samples = [frozenset(validate(part)) for part in parts.filled]
        return Findings(item for item in found if all(item in other for other in with_samples))
    without = {_identity(item) for item in validate(parts.items)} if parts.items else set()
    return Findings(item for item in found if _identity(item) in without)


def _identity(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.severity, finding.location
