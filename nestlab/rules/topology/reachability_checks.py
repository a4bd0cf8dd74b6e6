"""Rules about the checks of a topology."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from ipaddress import IPv4Address

from nestlab.errors import UnknownEndpoint
from nestlab.model.finding import Finding
from nestlab.rules.topology.topology_index import Survey


def unknown_endpoint(survey: Survey) -> Iterator[Finding]:
    """A check between endpoints that the topology does not have."""
    by_name: dict[str, list[str]] = {}
    for place, vm in survey.vms:
        by_name.setdefault(vm.name.casefold(), []).append(place.subject)
    paths = {place.subject.casefold() for place, _ in survey.vms}
    for index, check in enumerate(survey.topology.checks):
        for key, name in (("from", check.source), ("to", check.target)):
            problem = _problem(name, key, by_name, paths)
            if problem:
                subject = f"check {index + 1}"
                yield survey.finding(
                    "unknown-endpoint",
                    "error",
                    subject,
                    ("checks", index, key),
                    problem[0],
                    hint=problem[1],
                )


def _problem(
    name: str, key: str, by_name: Mapping[str, list[str]], paths: Collection[str]
) -> tuple[str, str] | None:
    """Return what is wrong with an endpoint, and the way out; None where it is one."""
    folded = name.casefold()
    if folded in ("host", "internet") or folded in paths or _is_address(name):
        return None
    machines = by_name.get(folded, [])
    if len(machines) == 1:
        return None
    if machines:
        return (
            f"goes {key} {name!r}, a name that several machines have",
            f"Write the machine path: {' or '.join(machines)}.",
        )
    subjects = [subject for found in by_name.values() for subject in found]
    near = get_close_matches(
        name, subjects if "/" in name else [subject.rpartition("/")[2] for subject in subjects], n=1
    )
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return (
        f"goes {key} {name!r}, which is no machine of this topology",
        f"{guess}Endpoints are VM names, machine paths, host, internet and IP addresses.",
    )


def name_at_two_levels(survey: Survey) -> Iterator[Finding]:
    """A check with a name that a VM on the host has and one inside another VM, too: it means the one on the host."""
    inner: dict[str, list[str]] = {}
    for place, vm in survey.vms:
        if len(place.path) > 1:
            inner.setdefault(vm.name.casefold(), []).append(place.subject)
    on_host = {vm.name.casefold() for place, vm in survey.vms if len(place.path) == 1}
    for index, check in enumerate(survey.topology.checks):
        for key, name in (("from", check.source), ("to", check.target)):
            others = inner.get(name.casefold(), []) if name.casefold() in on_host else []
            if others:
                message = f"goes {key} {name!r}, the VM on the host; there {'is' if len(others) == 1 else 'are'} {', '.join(others)} as well"
                hint = f"If another was meant, write its machine path: {' or '.join(others)}."
                yield survey.finding(
                    "name-at-two-levels",
                    "info",
                    f"check {index + 1}",
                    ("checks", index, key),
                    message,
                    hint=hint,
                )


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True


def check_contradicted(survey: Survey) -> Iterator[Finding]:
    """A check that the topology itself contradicts."""
    if not survey.topology.checks:
        return
    from nestlab.reachability import from_topology, trace  # noqa: PLC0415  # only topologies with checks pay for it

    network = from_topology(survey.topology)
    for index, check in enumerate(survey.topology.checks):
        try:
            answer = trace(network, check.source, check.target)
        except UnknownEndpoint:
            continue
        if answer.status == "undetermined" or (answer.status == "reachable") == check.reachable:
            continue
        wanted = "reachable" if check.reachable else "unreachable"
        yield survey.finding(
            "check-contradicted",
            "error",
            f"check {index + 1}",
            ("checks", index),
            f"expects {check.target} to be {wanted} from {check.source}, and the trace says {answer.status}",
            hint=f"nestlab trace shows every hop of {check.source} to {check.target}; correct the topology, or the expectation.",
            evidence=answer.drop.explanation if answer.drop else "",
        )
