"""NATs of the host that conflict with NATs of the topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import NAT_NETWORK, STATIC_MAPPING
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.hidden_nats import hidden_nat_owners
from nestlab.model.ownership import is_owned_by_name, lab_of_name
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import NatState
from nestlab.model.topology import VM
from nestlab.rules.evidence import why_unread
from nestlab.rules.free_networks import PRIVATE_RANGES, covering_network
from nestlab.rules.host.existing_nats import (
    NAT_MAY_BE_HIDDEN,
    NAT_NOT_KNOWN,
    WITHOUT_A_NAT,
    hidden_nat_evidence,
    hidden_nat_hint,
    takes_one_nat,
)
from nestlab.rules.match.address_conflicts import networks_of_others, proposed_network
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.nat_of_others import is_translated, removal_of, translated_by
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.nat_rules import SEVERAL_NATS, one_nat_for
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import mark, tr, translate

NAT_TAKEN = Rule(
    code="nat-taken",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The host has a NAT that keeps this one from being created.",
    why="New-NetNat refuses an overlapping prefix, and before build 20348 any second NAT.",
    fix="Choose another internal network, put NAT into the nested hosts, or remove the existing NAT.",
    example="Get-NetNat: DockerNAT 10.9.0.0/24, build 17763",
    source=NAT_NETWORK,
)


NAT_BESIDE_ANOTHER = Rule(
    code="nat-beside-another",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="The host already has a NAT; this would be another one.",
    why="One NAT for each machine is documented as supported; from build 20348 on several were seen to work.",
    fix="It was seen to work where the networks do not overlap; one NAT per machine is what is supported.",
    example="Get-NetNat: DockerNAT 10.9.0.0/24, build 20348",
    source=NAT_NETWORK,
)


@detects(NAT_NOT_KNOWN, NAT_TAKEN, NAT_BESIDE_ANOTHER)
def conflicts_with_existing_nats(match: HostMatch) -> Iterator[Finding]:
    """NATs of the machine that this topology does not own, and NATs that could not be read.

    New-NetNat refuses an overlap everywhere, and a second NAT before build 20348.
    """
    foreign = [
        nat for nat in match.state.nats if not is_owned_by_name(nat.name, match.topology_name)
    ]
    # WinNAT comes with Hyper-V, which the plan installs in a nested host first.
    refusal = why_unread(match.state, "netnat") if match.hyper_v is not None else ""
    for place in match.own_switches:
        if place.switch.nat is None:
            continue
        for nat in foreign:
            yield _conflict(match, place, place.switch.nat, nat)
        if refusal:
            message = tr(
                "needs a NAT, and the NATs of {machine} could not be read",
                machine=match.machine_name,
            )
            hint, keys = tr("New-NetNat needs a local Administrator."), (*place.keys, "nat")
            yield match.finding(
                NAT_NOT_KNOWN, place.subject, keys, message, hint=hint, evidence=refusal
            )


@detects(NAT_TAKEN)
def guest_nat_taken(match: HostMatch) -> Iterator[Finding]:
    """A NAT in a guest that is a router, where the topology's own would be refused."""
    vm, machine = match.place.machine, match.machine_name
    if not isinstance(vm, VM) or vm.nat is None:
        return
    for nat in match.state.nats:
        overlaps, takes_one = (
            nat.internal_prefix.overlaps(vm.nat.inside),
            takes_one_nat(match.state),
        )
        if is_owned_by_name(nat.name, match.topology_name) or not (overlaps or takes_one):
            continue
        text = (_OVERLAPS_ONLY_NAT if takes_one else _OVERLAPS) if overlaps else _SECOND
        wanted, prefix = vm.nat.inside, nat.internal_prefix
        message = translate(text, wanted=wanted, prefix=prefix, nat=nat.name, machine=machine)
        first = tr("Use that NAT and leave nat out here")
        hint = tr("{first}; or {otherwise}.", first=first, otherwise=removal_of(nat))
        keys, evidence = (*match.place.keys, "nat"), f"Get-NetNat: {nat.name} {prefix}"
        yield match.finding(
            NAT_TAKEN, match.place.subject, keys, message, hint=hint, evidence=evidence
        )


@detects(NAT_MAY_BE_HIDDEN)
def refused_by_a_hidden_nat(match: HostMatch) -> Iterator[Finding]:
    """A NAT to be created that would be refused if Get-NetNat does not show an existing one.

    Only before build 20348, where a second NAT is always refused.
    """
    state = match.state
    if state.nats or state.hyper_v is None or why_unread(state, "netnat"):
        return
    if not takes_one_nat(state) or not hidden_nat_owners(state):
        return
    for place in match.own_switches:
        if place.switch.nat is None:
            continue
        message = tr(
            "needs a NAT, and this Windows takes one: if Docker, WSL or connection sharing hold one that Get-NetNat does not show, New-NetNat is refused on {machine}, whatever its prefix",
            machine=match.machine_name,
        )
        keys = (*place.keys, "nat")
        yield match.finding(
            NAT_MAY_BE_HIDDEN,
            place.subject,
            keys,
            message,
            hint=hidden_nat_hint(state),
            evidence=f"{hidden_nat_evidence(state)}; build {state.computer.build}",
        )


def creation_obstacle(match: HostMatch, wanted: IPv4Network) -> str:
    """Return why New-NetNat is or may be refused on a machine, as a sentence.

    Empty if no obstacle is known.
    """
    for nat in match.state.nats:
        if not is_owned_by_name(nat.name, match.topology_name) and (
            takes_one_nat(match.state) or nat.internal_prefix.overlaps(wanted)
        ):
            return tr(
                "New-NetNat is refused as long as there is the NAT {nat}: first do what {code} says.",
                nat=nat.name,
                code=NAT_TAKEN.code,
            )
    if next(refused_by_a_hidden_nat(match), None) is not None:
        return tr(
            "Applying the topology again creates what is missing, unless this Windows refuses the NAT: {code} says what to do then.",
            code=NAT_MAY_BE_HIDDEN.code,
        )
    return ""


@detects(SEVERAL_NATS)
def second_nat_of_topology(match: HostMatch) -> Iterator[Finding]:
    """A second NAT of the topology on a machine that allows one, before build 20348."""
    build = match.state.computer.build
    translating = [place for place in match.place.switches if place.switch.nat]
    if not takes_one_nat(match.state):
        return
    for place in translating[1:]:
        message = tr(
            "is an additional NAT of {machine}, after {switch}; this Windows refuses the second one",
            machine=match.machine_name,
            switch=translating[0].name,
        )
        yield match.finding(
            SEVERAL_NATS.at("error"),
            place.subject,
            (*place.keys, "nat"),
            message,
            hint=one_nat_for(match.index, match.place, networks_of_others(match)),
            evidence=tr("build {build}", build=build),
        )


PORT_FORWARD_TAKEN = Rule(
    code="port-forward-taken",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="Another NAT of the host already forwards this port.",
    why="Add-NetNatStaticMapping refuses a port of the external address that is in use.",
    fix="Choose another external_port, or remove the existing mapping.",
    example="Get-NetNatStaticMapping: DockerNAT TCP 8080",
    source=STATIC_MAPPING,
)


@detects(PORT_FORWARD_TAKEN)
def port_forward_taken(match: HostMatch) -> Iterator[Finding]:
    """A port forward whose external port is used by a NAT that this topology does not own."""
    taken = {
        (protocol.casefold(), port): nat
        for nat in match.state.nats
        if not is_owned_by_name(nat.name, match.topology_name)
        for protocol, port, _, _ in nat.static_mappings
    }
    for place in match.place.switches:
        for position, forward in enumerate(place.switch.port_forwards):
            nat = taken.get((forward.protocol.casefold(), forward.external_port))
            if nat is not None:
                external = f"{forward.protocol.upper()} {forward.external_port}"
                keys = (*place.keys, "port_forwards", position)
                message = tr(
                    "forwards {port}, which the NAT {nat} of {machine} already does",
                    port=external,
                    nat=nat.name,
                    machine=match.machine_name,
                )
                yield match.finding(
                    PORT_FORWARD_TAKEN,
                    place.subject,
                    keys,
                    message,
                    evidence=f"Get-NetNatStaticMapping: {nat.name} {external}",
                )


DETECTORS = (
    conflicts_with_existing_nats,
    refused_by_a_hidden_nat,
    second_nat_of_topology,
    port_forward_taken,
)


def _conflict(match: HostMatch, place: SwitchPlace, wanted: IPv4Network, nat: NatState) -> Finding:
    rule, message, hint = _conflict_with(match, place, wanted, nat)
    build = match.state.computer.build
    evidence = f"Get-NetNat: {nat.name} {nat.internal_prefix}, build {build}"
    remove = Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF})
    is_foreign = not lab_of_name(nat.name)
    is_removable = is_foreign and rule is NAT_TAKEN and not is_translated(match, place, wanted, nat)
    fix, keys = (remove,) if is_removable else (), (*place.keys, "nat")
    return match.finding(rule, place.subject, keys, message, hint=hint, evidence=evidence, fix=fix)


def _conflict_with(
    match: HostMatch, place: SwitchPlace, wanted: IPv4Network, nat: NatState
) -> tuple[Rule, str, str]:
    """Return rule, message and hint for a wanted prefix and a NAT that exists."""
    machine, takes_one = match.machine_name, takes_one_nat(match.state)
    remove = removal_of(nat)
    hint = tr("{first}; or {otherwise}.", first=translate(WITHOUT_A_NAT), otherwise=remove)
    if is_translated(match, place, wanted, nat):
        return NAT_TAKEN, *translated_by(match, place, wanted, nat)
    if nat.internal_prefix.overlaps(wanted):
        text = _OVERLAPS_ONLY_NAT if takes_one else _OVERLAPS
        if not takes_one:
            hint = tr(
                "Choose another internal network{proposal}; or {otherwise}.",
                proposal=proposed_network(match, place),
                otherwise=remove,
            )
        prefix = nat.internal_prefix
        message = translate(text, wanted=wanted, prefix=prefix, nat=nat.name, machine=machine)
        return NAT_TAKEN, message, hint
    if takes_one:
        message = translate(_SECOND, nat=nat.name, machine=machine)
        first = f"{translate(WITHOUT_A_NAT)}{_shared(wanted, nat)}"
        return NAT_TAKEN, message, tr("{first}; or {otherwise}.", first=first, otherwise=remove)
    message = tr(
        "would be another NAT in addition to {nat} of {machine}; one per machine is documented as supported",
        nat=nat.name,
        machine=machine,
    )
    return NAT_BESIDE_ANOTHER, message, NAT_BESIDE_ANOTHER.fix_text


_SECOND = mark("needs a second NAT in addition to {nat} of {machine}, which this Windows refuses")
_OVERLAPS = mark(
    "translates {wanted}, which overlaps {prefix} of the NAT {nat} on {machine}: it would be refused"
)
_OVERLAPS_ONLY_NAT = mark(
    "translates {wanted}, which overlaps {prefix} of the NAT {nat} on {machine}: it would be refused, and this Windows takes one NAT"
)


def _shared(wanted: IPv4Network, nat: NatState) -> str:
    """Return, as the end of a sentence, a network that would let that NAT serve both."""
    both = covering_network((wanted, nat.internal_prefix))
    if not any(both.subnet_of(private) for private in PRIVATE_RANGES):
        return ""
    return tr(
        "; or recreate {nat} for {network}, which covers both, and leave nat out here",
        nat=nat.name,
        network=both,
    )
