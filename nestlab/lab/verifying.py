"""Verifying the checks of a topology: by real pings, or by tracing the observed network."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import ip_address
from types import MappingProxyType

from nestlab.apply import Sessions, StartedVM
from nestlab.dataclass import replace
from nestlab.enumerations import all_of
from nestlab.errors import GuestCredentialRefused, UnknownEndpoint
from nestlab.lab.missing_machines import why_missing
from nestlab.lab.pinging import Pinger, PingResult
from nestlab.lab.verify_report import CheckResult, Verdict, VerifyReport
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Check, Topology
from nestlab.plan import no_heartbeat_reasons
from nestlab.reachability import Network, Trace, from_states, from_topology, trace
from nestlab.reachability.endpoints import resolve
from nestlab.texts import mark, tr, tr_count, translate
from nestlab.transport.session import Cancel

States = Mapping[MachinePath, HostState]


def needs_all_vms(topology: Topology, states: States) -> bool:
    """Whether the checks may involve VMs that are not connected to the topology's own switches.

    A check to an address may concern any VM, and so may a static route of the host, whose next hop
    may be any VM.
    """
    host = states[HOST]
    declared = from_topology(topology)
    ends = {end for check in topology.checks for end in (check.source, check.target)}
    routes = (route for interface in host.ip_interfaces for route in interface.routes)
    return any(to.prefixlen for to, _ in routes) or not all(
        _has_endpoint(declared, end) and not _is_address(end) for end in ends
    )


def _is_address(end: str) -> bool:
    try:
        ip_address(end)
    except ValueError:
        return False
    return True


def verify(
    topology: Topology,
    states: States,
    sessions: Sessions,
    cancel: Cancel | None = None,
    *,
    not_up: Collection[StartedVM] = (),
    refused: Mapping[MachinePath, GuestCredentialRefused] = MappingProxyType({}),
) -> VerifyReport:
    """Return the results of the topology's checks on the live machines.

    The host and Windows guests send pings; checks from other machines are traced over the observed
    network. A declared address is not an observed one: a result that depends on settings of guests
    that could not be observed (Linux, an empty disk) is undetermined, as is an unanswered ping to
    such a guest. The results name declared machines that do not exist, that are `not_up` yet, or
    that have `refused` their credential. Raises UnknownEndpoint for an endpoint that is not in the
    topology.
    """
    observed = from_states(topology, states)
    pinger = Pinger(topology, states, observed, sessions, cancel)
    results = (
        _missing(topology, states, observed, check) or _result(observed, pinger, check)
        for check in topology.checks
    )
    paths = [vm.path for vm in not_up]
    return VerifyReport(
        topology.name,
        tuple(
            each if each.passed else _with_causes(each, topology, paths, refused)
            for each in results
        ),
    )


def _with_causes(
    result: CheckResult,
    topology: Topology,
    not_up: Collection[MachinePath],
    refused: Mapping[MachinePath, GuestCredentialRefused],
) -> CheckResult:
    """Return a result that names its machines that are not up, or refuse their credential.

    A nested host that refuses its credential hides the machines in it as well.
    """
    ends = {end.casefold() for end in (result.check.source, result.check.target)}
    paths = [
        path
        for path, _ in topology.machines()
        if path and {path_text(path).casefold(), path[-1].casefold()} & ends
    ]
    outer = [path[:depth] for path in paths for depth in range(1, len(path) + 1)]
    texts = [
        f"{refused[p].message} {refused[p].hint}" for p in dict.fromkeys(outer) if p in refused
    ]
    systems = {path: vm.guest.os for path, vm in topology.machines() if isinstance(vm, VM)}
    texts.append(_not_up_text({path: systems[path] for path in not_up if path in paths}))
    return replace(result, explanation=" ".join(filter(None, (*texts, result.explanation))))


def _not_up_text(systems: Mapping[MachinePath, str]) -> str:
    """Return a sentence that names guests without a heartbeat; empty if there is none.

    `systems` has the operating system of each in the file, by its path.
    """
    if not systems:
        return ""
    return tr_count(
        "{names} has no heartbeat yet: check on the console whether it has started. {reasons}",
        "{names} have no heartbeat yet: check on the console whether they have started. {reasons}",
        len(systems),
        names=all_of([*map(path_text, systems)]),
        reasons=no_heartbeat_reasons(systems.values()),
    )


def _result(observed: Network, pinger: Pinger, check: Check) -> CheckResult:
    traced = trace(observed, check.source, check.target, with_fixes=False)
    ping = pinger.ping(check)
    if ping.answered is None:
        status, why = _verdict_of(traced)
        return CheckResult(
            check=check,
            status=status,
            method="trace",
            explanation=" ".join(filter(None, (ping.not_sent_because, why))),
        )
    if ping.answered and ping.address_conflict:
        why = tr(
            "It answered, but {conflict}: give one of them another address.",
            conflict=ping.address_conflict,
        )
        return CheckResult(check=check, status="undetermined", method="ping", explanation=why)
    if ping.answered:
        return CheckResult(check=check, status="reachable", method="ping")
    status = "unreachable" if ping.target_observed else "undetermined"
    return CheckResult(
        check=check,
        status=status,
        method="ping",
        explanation=_not_running(observed, check.target) or _unanswered(traced, ping, check.target),
    )


def _verdict_of(traced: Trace) -> tuple[Verdict, str]:
    """Return the status that a trace proves, and why.

    A trace that depends on declared settings proves nothing.
    """
    drop = traced.drop.explanation if traced.drop else ""
    if traced.as_declared:
        found = {
            "reachable": mark("Traced: reachable, if the settings are as declared."),
            "unreachable": mark("Traced: not reachable, if the settings are as declared."),
        }.get(traced.status, mark("Traced: not known, even if the settings are as declared."))
        return "undetermined", " ".join(
            [
                translate(found),
                *filter(None, [drop]),
                *traced.assumptions,
            ]
        )
    if traced.status == "unstable":
        return "undetermined", drop
    return traced.status, drop


def _not_running(observed: Network, target: str) -> str:
    """Return that the target of a ping is not running; empty otherwise."""
    stack = resolve(observed, target).stack
    if stack is None or observed.stacks[stack].running:
        return ""
    return tr("{label} is not running.", label=observed.stacks[stack].label)


def _unanswered(traced: Trace, ping: PingResult, target: str) -> str:
    """Return why a ping was not answered, as far as that is known, with what to check first."""
    if not ping.target_observed:
        text = tr(
            "{target} could not be observed: its address is the declared one. First check on its console whether it is set.",
            target=target,
        )
        if traced.drop is not None:
            why = traced.drop.explanation
            text += " " + tr("With that address, a trace gives: {why}", why=why)
    elif traced.drop is not None:
        text = traced.drop.explanation
    else:
        text = tr(
            "According to the observed network {target} should answer. First check the firewall of {target}, and whether it has finished starting.",
            target=target,
        )
    return " ".join(
        [
            text,
            *(
                tr("Assumed: {assumption}", assumption=assumption)
                for assumption in traced.assumptions
            ),
        ]
    )


def _missing(
    topology: Topology, states: States, observed: Network, check: Check
) -> CheckResult | None:
    """Return the result of a check with a declared machine that is not on the host.

    None if both are.
    """
    declared = from_topology(topology)
    absent = [
        endpoint
        for endpoint in (check.source, check.target)
        if not _has_endpoint(observed, endpoint) and _has_endpoint(declared, endpoint)
    ]
    if not absent:
        return None
    why = why_missing(topology, states, absent)
    return CheckResult(check=check, status="undetermined", method="missing", explanation=why)


def _has_endpoint(network: Network, endpoint: str) -> bool:
    try:
        resolve(network, endpoint)
    except UnknownEndpoint:
        return False
    return True
