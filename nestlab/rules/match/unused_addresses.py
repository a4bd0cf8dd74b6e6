"""Addresses that a machine has and that its Windows does not use."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from nestlab.constants import ADDRESS_STATES
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.state import IPInterfaceState, management_alias
from nestlab.model.topology import SwitchType
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.address_owner import owner_text
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

ADDRESS_DUPLICATED = Rule(
    code="address-duplicated",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="Windows on a machine of the topology has marked one of its addresses as a duplicate: another machine on the network had it first.",
    why="Windows does not use such an address: the machine neither sends nor receives anything with it.",
    fix="Give one of the two machines another address; in Windows, `arp -a` on a third machine of that network shows the MAC address of the one that uses it.",
    example="Get-NetIPAddress: AddressState = Duplicate",
    source=ADDRESS_STATES,
)


@detects(ADDRESS_DUPLICATED)
def address_duplicated(match: HostMatch) -> Iterator[Finding]:
    """An address of the file, on a host or a guest, that Windows has marked Duplicate."""
    for interface in match.state.ip_interfaces:
        for address in interface.duplicates:
            subject, keys = _declared(match, address)
            alias = interface.interface_alias
            who = owner_text(match, alias, address)
            message = tr(
                "has {address} on {alias}, which its Windows does not use: {owner}",
                address=address.ip,
                alias=alias,
                owner=who,
            )
            evidence = evidence_from(
                "Get-NetIPAddress",
                InterfaceAlias=alias,
                IPAddress=address.ip,
                AddressState="Duplicate",
            )
            hint = (
                tr("The file does not give it to this machine: `nestlab apply` removes it.")
                if _is_removed(match, interface, address)
                else None
            )
            yield match.finding(
                ADDRESS_DUPLICATED, subject, keys, message, hint=hint, evidence=evidence
            )


def _is_removed(match: HostMatch, interface: IPInterfaceState, address: IPv4Interface) -> bool:
    """Whether a plan removes an address: a further one on an adapter that is set by the file.

    On the host's adapter of an External switch, which has taken over settings, others are kept.
    """
    if interface.dhcp:
        return False
    own = {each.address for each in match.index.holders if each.machine == match.place.path}
    if address in own or own.isdisjoint(interface.ip_addresses):
        return False
    internal = (
        place.switch.name
        for place in match.own_switches
        if place.switch.switch_type is SwitchType.INTERNAL
    )
    aliases = {management_alias(match.state, name) for name in internal}
    return bool(match.place.path) or interface.interface_alias in aliases


def _declared(match: HostMatch, address: IPv4Interface) -> tuple[str, KeyPath]:
    """Return the owner of an address in the file, and its keys; the machine if it has no owner."""
    return next(
        (
            (holder.subject, holder.keys)
            for holder in match.index.holders
            if holder.machine == match.place.path and holder.address.ip == address.ip
        ),
        (match.place.subject, match.place.keys),
    )
