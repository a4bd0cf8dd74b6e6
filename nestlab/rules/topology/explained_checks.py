"""Checks that fail or are undetermined because of another error in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.origin import KeyPath
from nestlab.rules.topology.dhcp_rules import DHCP_WITHOUT_SERVER
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.reachability_checks import CHECK_CONTRADICTED
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.rules.topology.undetermined_checks import CHECK_UNDETERMINED

if TYPE_CHECKING:
    from nestlab.reachability import Network, Trace

_OF_CHECKS = (CHECK_CONTRADICTED.code, CHECK_UNDETERMINED.code)
_OF_NETWORKS = frozenset({"switches", "network_adapters", "uplinks", "routes", "forwarding"})


def without_explained_checks(
    findings: Iterable[Finding], index: TopologyIndex, unanswered: Collection[str] = ()
) -> Iterable[Finding]:
    """Return findings without those of checks that another finding about a network explains.

    Such a finding is an error about the machine that the packet comes from, goes to, or is dropped
    on: whether the check holds is known once it is corrected. A check that is undetermined because
    of an adapter whose DHCP request is not answered is explained by that finding. `unanswered` are
    the subjects of such findings on the host.
    """
    return _remaining(list(findings), index, unanswered) if index.topology.checks else findings


def _remaining(
    found: list[Finding], index: TopologyIndex, unanswered: Collection[str]
) -> Iterator[Finding]:
    places = {place.keys: place for place in index.machines}
    wrong = {
        _machine(item, places)
        for item in found
        if item.severity == "error" and not _OF_NETWORKS.isdisjoint(item.keys or ())
    }
    silent = {*unanswered, *(item.subject for item in found if _is_unanswered(item))}
    if not (wrong or silent) or not any(item.code in _OF_CHECKS for item in found):
        yield from found
        return
    from nestlab.reachability import from_topology  # noqa: PLC0415  # only topologies with checks pay for it

    network = from_topology(index.traced)
    for item in found:
        if item.code not in _OF_CHECKS:
            yield item
        elif wrong.isdisjoint(_involved(item, index, network)):
            is_open = item.code == CHECK_UNDETERMINED.code
            if not (is_open and _unknown_adapter(item, index, network) in silent):
                yield item


def _is_unanswered(finding: Finding) -> bool:
    return finding.code == DHCP_WITHOUT_SERVER.code and finding.severity == "warning"


def _unknown_adapter(finding: Finding, index: TopologyIndex, network: Network) -> str:
    """Return the subject of the adapter that makes a check undetermined; empty if there is none."""
    answer = _traced(finding, index, network)
    unknown = answer.drop.unknown if answer.drop is not None else None
    if unknown is None or not unknown.port.vm:
        return ""
    machine = unknown.port.wire.machine if unknown.port.wire is not None else ()
    return f"adapter {path_text((*machine, unknown.port.vm))}/{unknown.name}"


def _traced(finding: Finding, index: TopologyIndex, network: Network) -> Trace:
    from nestlab.reachability import trace  # noqa: PLC0415  # as above

    check = index.topology.checks[int((finding.keys or (0, 0))[1])]
    return trace(network, check.source, check.target, with_fixes=False)


def _machine(finding: Finding, places: Mapping[KeyPath, MachinePlace]) -> str:
    """Return the innermost machine that the keys of a finding are in; `places` are all by keys."""
    keys = finding.keys or ()
    around = (keys[:end] for end in range(len(keys), -1, -1))
    return path_text(next(places[each] for each in around if each in places).path).casefold()


def _involved(finding: Finding, index: TopologyIndex, network: Network) -> Iterator[str]:
    """Yield the machines of a check: its ends, and where the packet is dropped."""
    check = index.topology.checks[int((finding.keys or (0, 0))[1])]
    ends = {check.source.casefold(), check.target.casefold()}
    for place in index.machines:
        path = path_text(place.path).casefold()
        if path in ends or path.rpartition("/")[2] in ends:
            yield path
    answer = _traced(finding, index, network)
    if answer.drop is not None:
        yield answer.drop.at.machine.casefold()
