"""NATs of others that translate what is behind a switch of the topology."""

from __future__ import annotations

from ipaddress import IPv4Network

from nestlab.model.ownership import is_marked, is_owned_by_name, lab_of_name
from nestlab.model.spelling import same_name
from nestlab.model.state import NatState
from nestlab.rules.host.existing_nats import takes_one_nat
from nestlab.rules.match.address_conflicts import proposed_network
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.topology.places import SwitchPlace
from nestlab.texts import tr


def covering_nat(match: HostMatch, wanted: IPv4Network) -> NatState | None:
    """Return a NAT of others that translates a whole network of the topology, or None."""
    return next(
        (
            nat
            for nat in match.state.nats
            if not is_owned_by_name(nat.name, match.topology_name)
            and wanted.subnet_of(nat.internal_prefix)
        ),
        None,
    )


def is_translated(match: HostMatch, place: SwitchPlace, wanted: IPv4Network, nat: NatState) -> bool:
    """Whether a NAT of others translates what is behind a switch that the topology has created."""
    found = (each for each in match.switches if same_name(each.name, place.switch.name))
    is_created = any(is_marked(each.notes, match.topology_name) for each in found)
    return is_created and wanted.subnet_of(nat.internal_prefix)


def removal_of(nat: NatState) -> str:
    """Return, as part of a hint, how a NAT of others is removed: one of a lab with that lab."""
    lab = lab_of_name(nat.name)
    if not lab:
        return tr("remove {nat}, which cuts off what is behind it", nat=nat.name)
    return tr(
        "remove the lab {lab} that it belongs to: nestlab destroy, or nestlab workshop down, with its file",
        lab=lab,
    )


def translated_by(
    match: HostMatch, place: SwitchPlace, wanted: IPv4Network, nat: NatState
) -> tuple[str, str]:
    """Return message and hint about a NAT of others that makes the topology's NAT unnecessary."""
    message = tr(
        "translates {wanted}, which the NAT {nat} of {machine} translates already ({prefix}): New-NetNat would be refused",
        wanted=wanted,
        nat=nat.name,
        machine=match.machine_name,
        prefix=nat.internal_prefix,
    )
    leave_out = tr(
        "Leave nat out here, since {nat} does the same for this network; a trace of the file alone does not know that.",
        nat=nat.name,
    )
    if takes_one_nat(match.state):
        return message, leave_out
    another = tr(
        "Or choose another internal network{proposal}.", proposal=proposed_network(match, place)
    )
    return message, f"{leave_out} {another}"
