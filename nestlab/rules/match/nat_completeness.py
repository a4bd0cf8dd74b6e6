"""NATs of the topology that exist only in part."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface

from nestlab.constants import INCOMPLETE_NAT_ISSUE
from nestlab.enumerations import all_of
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.ownership import is_marked, nat_name, owner_mark
from nestlab.model.parameter_values import SwitchParameter
from nestlab.model.state import SwitchState, management_alias
from nestlab.model.state.windows_network import IPInterfaceState, NatState
from nestlab.model.topology import Switch
from nestlab.rules.evidence import why_unread
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.match.nat_conflicts import creation_obstacle
from nestlab.rules.match.nat_of_others import covering_nat
from nestlab.rules.nesting.nesting_context import management_interface
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

NAT_INCOMPLETE = Rule(
    code="nat-incomplete",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="A NAT of the topology exists only in part.",
    why="It needs the Internal switch, the machine's address on it, and New-NetNat. If one is missing, the VMs behind it reach nothing outside.",
    fix="Create what is missing; applying the topology again does the same.",
    example="Get-VMSwitch, Get-NetIPAddress, Get-NetNat: nestlab.nat-lab.LabNet 192.168.100.0/24",
    source=INCOMPLETE_NAT_ISSUE,
)


@detects(NAT_INCOMPLETE)
def nat_incomplete(match: HostMatch) -> Iterator[Finding]:
    """A NAT without one of its parts: the Internal switch, the machine's address, New-NetNat.

    A complete NAT that differs from the file is not reported: the file has a new network.
    """
    if match.hyper_v is None or why_unread(match.state, "netnat"):
        return
    for place in match.own_switches:
        switch = place.switch
        if switch.nat is None or switch.ip_address is None or not _is_partly_created(match, switch):
            continue
        if _is_complete_otherwise(match, switch):
            continue  # the file changes its network or the address, and nothing is missing
        if _is_disabled(match, switch):
            continue  # its addresses are not known; the plan enables it
        missing = dict(_missing(match, switch))
        if not missing:
            continue
        fix = tuple(cmdlet for cmdlets in missing.values() for cmdlet in cmdlets)
        message = tr(
            "is to translate {nat} but lacks {things} on {machine}: the VMs behind it reach nothing outside",
            nat=switch.nat,
            things=all_of(list(missing)),
            machine=match.machine_name,
        )
        has = ", ".join(f"{nat.name} {nat.internal_prefix}" for nat in match.state.nats) or tr(
            "nothing"
        )
        keys = (*place.keys, "nat")
        yield match.finding(
            NAT_INCOMPLETE,
            place.subject,
            keys,
            message,
            hint=creation_obstacle(match, switch.nat) or None
            if any(cmdlet.name == "New-NetNat" for cmdlet in fix)
            else None,
            evidence=f"Get-VMSwitch, Get-NetIPAddress, Get-NetNat: {has}",  # not shown: cmdlets
            fix=fix,
        )


def _existing_switch(match: HostMatch, switch: Switch) -> SwitchState | None:
    return next(
        (known for known in match.switches if known.name.casefold() == switch.name.casefold()), None
    )


def _is_partly_created(match: HostMatch, switch: Switch) -> bool:
    """Whether this topology has created a part of it already."""
    existing = _existing_switch(match, switch)
    if existing is not None:
        return is_marked(existing.notes, match.topology_name)
    return _own_nat(match, switch) is not None


def _own_nat(match: HostMatch, switch: Switch) -> NatState | None:
    name = nat_name(match.topology_name, switch.name).casefold()
    return next((nat for nat in match.state.nats if nat.name.casefold() == name), None)


def _is_complete_otherwise(match: HostMatch, switch: Switch) -> bool:
    """Whether the NAT has all its parts, with another prefix or address than the file says."""
    existing, nat = _existing_switch(match, switch), _own_nat(match, switch)
    if existing is None or nat is None:
        return False
    own = _own_interface(match, switch, existing)
    return own is not None and any(each.ip in nat.internal_prefix for each in own.ip_addresses)


def _is_disabled(match: HostMatch, switch: Switch) -> bool:
    """Whether the machine's own adapter on the switch is disabled: it shows no address."""
    alias = management_alias(match.state, switch.name)
    return any(each.is_disabled for each in match.state.net_adapters if each.name == alias)


def _own_interface(
    match: HostMatch, switch: Switch, existing: SwitchState
) -> IPInterfaceState | None:
    found = management_interface(match.state, existing)
    return found or _by_name(match, switch.management_alias)


def _missing(match: HostMatch, switch: Switch) -> Iterator[tuple[str, tuple[Cmdlet, ...]]]:
    """Yield what is missing, each with the cmdlets that create it, in order.

    A NAT of others that translates the whole network serves the same purpose.
    """
    existing, own = _existing_switch(match, switch), None
    if existing is None:
        yield tr("the switch"), tuple(_recreate_switch(match, switch))
    else:
        own = _own_interface(match, switch, existing)
    address = switch.ip_address
    if address and (own is None or address not in own.ip_addresses):
        alias = own.interface_alias if own else switch.management_alias
        yield tr("the address {address}", address=address), tuple(_set_address(alias, address, own))
    is_there = switch.nat in {nat.internal_prefix for nat in match.state.nats}
    if switch.nat and not is_there and covering_nat(match, switch.nat) is None:
        name, prefix = nat_name(match.topology_name, switch.name), str(switch.nat)
        nat = {"Name": name, "InternalIPInterfaceAddressPrefix": prefix}
        # Set-NetNat cannot change the prefix: a NAT with another prefix is removed first.
        off = {"Name": name, "Confirm": SwitchParameter.OFF}
        removal = (Cmdlet("Remove-NetNat", off),) if _own_nat(match, switch) else ()
        yield tr("the NAT for {nat}", nat=switch.nat), (*removal, Cmdlet("New-NetNat", nat))


def _by_name(match: HostMatch, alias: str) -> IPInterfaceState | None:
    folded = alias.casefold()
    interfaces = match.state.ip_interfaces
    return next((i for i in interfaces if i.interface_alias.casefold() == folded), None)


def _set_address(
    alias: str, address: IPv4Interface, own: IPInterfaceState | None
) -> Iterator[Cmdlet]:
    # New-NetIPAddress fails where it cannot change the persistent setting of DHCP.
    if own is None or own.dhcp:
        off = {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": "Disabled"}
        yield Cmdlet("Set-NetIPInterface", off)
    length = address.network.prefixlen
    static = {"InterfaceAlias": alias, "IPAddress": str(address.ip), "PrefixLength": length}
    yield Cmdlet("New-NetIPAddress", static)


def _recreate_switch(match: HostMatch, switch: Switch) -> Iterator[Cmdlet]:
    """Yield the cmdlets that create the switch and connect the VMs that exist."""
    yield Cmdlet(
        "New-VMSwitch",
        {
            "Name": switch.name,
            "SwitchType": str(switch.switch_type),
            "Notes": owner_mark(match.topology_name),
        },
    )
    existing = {
        vm.name.casefold()
        for vm in (match.hyper_v.vms if match.hyper_v else ())
        if is_marked(vm.notes, match.topology_name)
    }
    for vm, _, _ in match.vms:
        for adapter in vm.network_adapters:
            if (
                vm.name.casefold() in existing
                and (adapter.switch or "").casefold() == switch.name.casefold()
            ):
                yield Cmdlet(
                    "Connect-VMNetworkAdapter",
                    {"VMName": vm.name, "Name": adapter.name, "SwitchName": switch.name},
                )


DETECTORS = (nat_incomplete,)
