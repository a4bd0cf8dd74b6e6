"""Rules about the checks of a topology."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from nestlab.enumerations import one_of
from nestlab.errors import UnknownEndpoint
from nestlab.model.finding import Finding
from nestlab.model.topology import Topology
from nestlab.rules.rule import NESTLAB, Rule, Scope, detects
from nestlab.rules.topology.stopped_vms import (
    CHECK_OF_STOPPED_VM,
    needs_stopped_vm,
    stopped_vms,
)
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.rules.topology.undetermined_checks import CHECK_UNDETERMINED, undetermined
from nestlab.texts import tr, tr_count

if TYPE_CHECKING:
    from nestlab.reachability import Trace

UNKNOWN_ENDPOINT = Rule(
    code="unknown-endpoint",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A check names an endpoint that the topology does not have, or that several of its machines share.",
    why="The check cannot be traced or verified.",
    fix="Use a VM name, a machine path, host, internet or an IP address.",
    example="vms: [{name: web1}]\nchecks: [{from: web2, to: internet, expect: unreachable}]",
    source=NESTLAB,
    one_cause=True,
)


@detects(UNKNOWN_ENDPOINT)
def unknown_endpoint(index: TopologyIndex) -> Iterator[Finding]:
    """An endpoint that the topology does not have, or that several of its machines share."""
    if not index.topology.checks:
        return
    by_name: dict[str, list[str]] = {}
    for place, vm in index.vms:
        by_name.setdefault(vm.name.casefold(), []).append(place.subject)
    paths = {place.subject.casefold() for place, _ in index.vms}
    for position, check in enumerate(index.topology.checks):
        for key, name in (("from", check.source), ("to", check.target)):
            problem = _problem(name, by_name, paths)
            if problem:
                subject = f"check {position + 1}"
                yield index.finding(
                    UNKNOWN_ENDPOINT,
                    subject,
                    ("checks", position, key),
                    problem[0],
                    hint=problem[1],
                )


def _problem(
    name: str, by_name: Mapping[str, list[str]], paths: Collection[str]
) -> tuple[str, str] | None:
    """Return message and hint for an endpoint; None if it exists."""
    folded = name.casefold()
    if folded in ("host", "internet") or folded in paths or _is_address(name):
        return None
    machines = by_name.get(folded, [])
    if len(machines) == 1:
        return None
    if machines:
        return (
            tr("the endpoint {name!r} is the name of several machines", name=name),
            tr("Write the machine path: {machines}.", machines=one_of(machines)),
        )
    from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

    subjects = [subject for found in by_name.values() for subject in found]
    near = get_close_matches(
        name, subjects if "/" in name else [subject.rpartition("/")[2] for subject in subjects], n=1
    )
    guess = tr("Did you mean {name!r}?", name=near[0]) if near else ""
    return (
        tr("the endpoint {name!r} is not a machine of this topology", name=name),
        " ".join(
            filter(
                None,
                (
                    guess,
                    tr("Endpoints are VM names, machine paths, host, internet and IP addresses."),
                ),
            )
        ),
    )


NAME_AT_TWO_LEVELS = Rule(
    code="name-at-two-levels",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A check names a VM on the host, and a VM inside another VM has the same name.",
    why="The name refers to the VM on the host, which may not be the one that was intended.",
    fix="If the inner VM was meant, write its machine path.",
    example="vms:\n  - {name: web1}\n  - {name: HV1, memory_startup: 8GB, guest: {os: windows, credential: lab}, nested: {vms: [{name: web1, memory_startup: 1GB}]}}\nchecks: [{from: web1, to: internet, expect: unreachable}]",
    source=NESTLAB,
    one_cause=True,
)


@detects(NAME_AT_TWO_LEVELS)
def name_at_two_levels(index: TopologyIndex) -> Iterator[Finding]:
    """A check with a name that a VM on the host and one inside another VM both have."""
    if not index.topology.checks:
        return
    inner: dict[str, list[str]] = {}
    for place, vm in index.vms:
        if len(place.path) > 1:
            inner.setdefault(vm.name.casefold(), []).append(place.subject)
    on_host = {vm.name.casefold() for place, vm in index.vms if len(place.path) == 1}
    for position, check in enumerate(index.topology.checks):
        for key, name in (("from", check.source), ("to", check.target)):
            others = inner.get(name.casefold(), []) if name.casefold() in on_host else []
            if others:
                message = tr_count(
                    "the endpoint {name!r} is the VM on the host; there is {machines} as well",
                    "the endpoint {name!r} is the VM on the host; there are {machines} as well",
                    len(others),
                    name=name,
                    machines=", ".join(others),
                )
                hint = tr(
                    "If another was meant, write its machine path: {machines}.",
                    machines=one_of(others),
                )
                keys = ("checks", position, key)
                yield index.finding(
                    NAME_AT_TWO_LEVELS, f"check {position + 1}", keys, message, hint=hint
                )


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


CHECK_CONTRADICTED = Rule(
    code="check-contradicted",
    severity="error",
    looks_at=(Scope.TOPOLOGY, Scope.MATCH),
    meaning="The topology contradicts one of its own checks.",
    why="The lab would be built and its check would fail.",
    fix="Run `nestlab trace` to see every hop, then correct the topology or the expectation.",
    example="vms: [{name: a}]\nchecks: [{from: a, to: internet, expect: reachable}]",
    source=NESTLAB,
)


@detects(CHECK_CONTRADICTED, CHECK_UNDETERMINED, CHECK_OF_STOPPED_VM)
def check_not_shown_to_hold(index: TopologyIndex) -> Iterator[Finding]:
    """A check that the file contradicts, that needs a VM that is off, or that is undetermined."""
    stopped = stopped_vms(index)
    option = "" if index.with_nats is None else "--host"
    on_host = dict(traced_checks(index, index.with_observed)) if index.with_observed else {}
    for position, of_file in traced_checks(index, index.traced):
        answer = on_host.get(position, of_file)
        found = needs_stopped_vm(index, position, answer, stopped)
        if found is not None:
            yield found
        elif of_file.status != "undetermined":
            if _contradicts(index, position, of_file):
                yield _contradicted(index, position, of_file, option)
        elif answer.status == "undetermined":
            yield undetermined(index, position, answer)


def contradicted_checks(
    index: TopologyIndex, topology: Topology, option: str = ""
) -> Iterator[Finding]:
    """Yield a finding for each check of a file that a trace of `topology` contradicts.

    `topology` is that of the file, or one that an option of `nestlab trace` has changed.
    """
    for position, answer in traced_checks(index, topology):
        if answer.status != "undetermined" and _contradicts(index, position, answer):
            yield _contradicted(index, position, answer, option)


def traced_checks(index: TopologyIndex, topology: Topology) -> Iterator[tuple[int, Trace]]:
    """Yield the position of each check of a file, and its trace over `topology`.

    Checks with an unknown endpoint are left out: that is another finding.
    """
    checks = index.topology.checks
    if not checks:
        return
    from nestlab.reachability import from_topology, trace  # noqa: PLC0415  # only topologies with checks pay for it

    network = from_topology(topology)
    for position, check in enumerate(checks):
        try:
            yield position, trace(network, check.source, check.target, with_fixes=False)
        except UnknownEndpoint:
            continue


def _contradicts(index: TopologyIndex, position: int, answer: Trace) -> bool:
    return (answer.status == "reachable") != index.topology.checks[position].reachable


def _contradicted(index: TopologyIndex, position: int, answer: Trace, option: str = "") -> Finding:
    check = index.topology.checks[position]
    message = (
        tr(
            "expects {target} to be reachable from {source}, and the trace says unreachable",
            target=check.target,
            source=check.source,
        )
        if check.reachable
        else tr(
            "expects {target} to be unreachable from {source}, and the trace says reachable",
            target=check.target,
            source=check.source,
        )
    )

    keys = ("checks", position)
    hint = tr(
        "{command} shows every hop from {source} to {target}; correct the topology, or the expectation.",
        command=" ".join(filter(None, ("nestlab", "trace", option))),
        source=check.source,
        target=check.target,
    )
    return index.finding(
        CHECK_CONTRADICTED,
        f"check {position + 1}",
        keys,
        message,
        hint=hint,
        evidence=answer.drop.explanation if answer.drop else "",
    )


DETECTORS = (unknown_endpoint, name_at_two_levels, check_not_shown_to_hold)
