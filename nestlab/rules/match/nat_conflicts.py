"""Does this topology fit on that host? NATs, and the networks behind them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import NAT_NETWORK, NAT_TRIPLE, SEVERAL_NATS_BUILD_MINIMUM
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding, Severity
from nestlab.model.origin import Keys
from nestlab.model.ownership import is_marked, is_ours_by_name, nat_name, owner_mark
from nestlab.model.state import IPInterfaceState, NatState, SwitchState
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.free_networks import UMBRELLAS, free_network, umbrella_of
from nestlab.rules.host.verdict import unread_about
from nestlab.rules.match.host_match import Fit
from nestlab.rules.nesting.nesting_context import own_interface

_MULTICAST = IPv4Network("224.0.0.0/4")
_WHOLE_HOST_PREFIX = 32


def nat_refused(fit: Fit) -> Iterator[Finding]:
    """A NAT of somebody else: overlapping is refused everywhere, a second one before build 20348."""
    foreign = [nat for nat in fit.state.nats if not is_ours_by_name(nat.name, fit.name)]
    refusal = unread_about(fit.state, "netnat")
    for place in fit.place.switches:
        if place.switch.nat is None:
            continue
        keys: Keys = (*place.keys, "nat")
        for nat in foreign:
            evidence = (
                f"Get-NetNat: {nat.name} {nat.internal_prefix}, build {fit.state.computer.build}"
            )
            code, severity, message, hint = _beside(fit, place.switch.nat, nat)
            fix = (
                (Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF}),)
                if severity == "error"
                else ()
            )
            yield fit.finding(
                code,
                severity,
                place.subject,
                keys,
                message,
                hint=hint,
                evidence=evidence,
                source=NAT_NETWORK,
                fix=fix,
            )
        if refusal:
            message = f"needs a NAT, and the NATs of {fit.machine} could not be read"
            hint = "New-NetNat needs a local Administrator."
            yield fit.finding(
                "nat-not-known",
                "warning",
                place.subject,
                keys,
                message,
                hint=hint,
                evidence=refusal,
                source=NAT_NETWORK,
            )


def _beside(fit: Fit, wanted: IPv4Network, nat: NatState) -> tuple[str, Severity, str, str]:
    """Return code, severity, message and hint of a wanted prefix beside a NAT that is there."""
    remove = f"remove {nat.name}, which cuts off what is behind it"
    if nat.internal_prefix.overlaps(wanted):
        message = f"translates {wanted}, which overlaps {nat.internal_prefix} of the NAT {nat.name} on {fit.machine}: it would be refused"
        return (
            "nat-taken",
            "error",
            message,
            f"Choose another inner network{_proposed(fit, wanted)}; or {remove}.",
        )
    if fit.state.computer.build < SEVERAL_NATS_BUILD_MINIMUM:
        message = (
            f"needs a second NAT beside {nat.name} of {fit.machine}, which this Windows refuses"
        )
        return (
            "nat-taken",
            "error",
            message,
            f"Put NAT into the nested hosts{_shared(wanted, nat)}; or {remove}.",
        )
    message = f"is a further NAT beside {nat.name} of {fit.machine}; one a machine is what is documented as supported"
    return "nat-beside-another", "warning", message, "It works where the networks do not overlap."


def _proposed(fit: Fit, wanted: IPv4Network) -> str:
    """Return a free network of the same size, as words to go on with; nothing where there is none."""
    found = free_network(wanted, _taken(fit))
    return f", {found} for example" if found else ""


def _taken(fit: Fit) -> Iterator[IPv4Network]:
    """Yield every network that the machine has or reaches, and those that the topology wants on it."""
    yield from (nat.internal_prefix for nat in fit.state.nats)
    for interface in fit.state.ip_interfaces:
        yield from (address.network for address in interface.ip_addresses)
        yield from (to for to, _ in interface.routes if _is_network(to))
    for place in fit.place.switches:
        yield from filter(
            None,
            (
                place.switch.nat,
                place.switch.ip_address.network if place.switch.ip_address else None,
            ),
        )


def _shared(wanted: IPv4Network, nat: NatState) -> str:
    """Return the network in which that NAT could carry both, as words to go on with."""
    both = umbrella_of((wanted, nat.internal_prefix))
    if not any(both.subnet_of(private) for private in UMBRELLAS):
        return ""
    return f"; or make {nat.name} anew for {both}, which covers both, and leave nat out here"


def address_overlap(fit: Fit) -> Iterator[Finding]:
    """A network of the topology that the machine already has, or has a route to, somewhere else."""
    for place in fit.place.switches:
        switch = place.switch
        wanted = switch.nat or (switch.ip_address.network if switch.ip_address else None)
        if wanted is None or (switch.switch_type is not SwitchType.INTERNAL and not switch.nat):
            continue  # an External switch is meant to be in the network of its wire
        keys: Keys = (*place.keys, "nat" if switch.nat else "ip_address")
        for interface in fit.state.ip_interfaces:
            if interface.interface_alias.casefold() in _ours(fit):
                continue
            evidence = f"{interface.interface_alias}: {', '.join(map(str, interface.ip_addresses)) or 'no address'}"
            held = next(
                (address for address in interface.ip_addresses if address.network.overlaps(wanted)),
                None,
            )
            if held is not None:
                # New-NetNat takes a prefix that covers another Internal switch: what is on it is
                # inside, too.
                refused = switch.nat is not None and not (
                    _is_internal(fit, interface) and held.network.subnet_of(wanted)
                )
                message = f"uses {wanted}, which overlaps {held} of {interface.interface_alias!r} on {fit.machine}"
                message += (
                    ": New-NetNat would be refused"
                    if refused
                    else ": packets may leave by the wrong one"
                )
                hint = f"Choose a network that the machine does not have{_proposed(fit, wanted)}."
                yield fit.finding(
                    "address-overlap",
                    "error" if refused else "warning",
                    place.subject,
                    keys,
                    message,
                    hint=hint,
                    evidence=evidence,
                    source=NAT_NETWORK,
                )
            elif route := _overlapping_route(interface, wanted):
                message = f"uses {wanted}, which overlaps the route to {route} over {interface.interface_alias!r} on {fit.machine}"
                hint = f"Choose another network{_proposed(fit, wanted)}, if something behind that route is needed."
                yield fit.finding(
                    "route-overlap",
                    "warning",
                    place.subject,
                    keys,
                    message,
                    hint=hint,
                    evidence=f"Get-NetRoute: {route}",
                    source=NAT_NETWORK,
                )


def _overlapping_route(interface: IPInterfaceState, wanted: IPv4Network) -> IPv4Network | None:
    for to, _ in interface.routes:
        if _is_network(to) and to.overlaps(wanted):
            return to
    return None


def _is_network(to: IPv4Network) -> bool:
    """Whether a route leads to a network: not everywhere, to one machine, or to a group."""
    return to.prefixlen not in (0, _WHOLE_HOST_PREFIX) and not to.overlaps(_MULTICAST)


def _ours(fit: Fit) -> set[str]:
    """Return the folded interface names on this machine that the topology itself makes."""
    marked = {
        switch.name.casefold() for switch in switches(fit) if is_marked(switch.notes, fit.name)
    }
    return {f"vethernet ({name})" for name in marked}


def _is_internal(fit: Fit, interface: IPInterfaceState) -> bool:
    """Whether an adapter is the machine's own on an Internal switch."""
    internal = {
        f"vethernet ({switch.name})".casefold()
        for switch in switches(fit)
        if switch.switch_type == "Internal"
    }
    return interface.interface_alias.casefold() in internal


def switches(fit: Fit) -> tuple[SwitchState, ...]:
    """Return the switches that are on the machine."""
    return fit.hyper_v.switches if fit.hyper_v else ()


def nat_incomplete(fit: Fit) -> Iterator[Finding]:
    """NAT is three things: an Internal switch, the machine's address on it, and New-NetNat.

    One of them is not enough.
    """
    if fit.hyper_v is None or unread_about(fit.state, "netnat"):
        return
    for place in fit.place.switches:
        switch = place.switch
        if switch.nat is None or switch.ip_address is None or not _is_begun(fit, switch):
            continue
        missing = dict(_missing(fit, switch))
        if not missing:
            continue
        message = f"is to translate {switch.nat} and lacks {' and '.join(missing)} on {fit.machine}: the VMs behind it do not get out"
        has = ", ".join(f"{nat.name} {nat.internal_prefix}" for nat in fit.state.nats) or "nothing"
        yield fit.finding(
            "nat-incomplete",
            "warning",
            place.subject,
            (*place.keys, "nat"),
            message,
            hint="Make what is missing; applying the topology again does the same.",
            evidence=f"Get-VMSwitch, Get-NetIPAddress, Get-NetNat: {has}",
            source=NAT_TRIPLE,
            fix=tuple(cmdlet for cmdlets in missing.values() for cmdlet in cmdlets),
        )


def _there(fit: Fit, switch: Switch) -> SwitchState | None:
    return next(
        (known for known in switches(fit) if known.name.casefold() == switch.name.casefold()), None
    )


def _is_begun(fit: Fit, switch: Switch) -> bool:
    """Whether this topology made a part of the three already; what others made is not looked at."""
    there = _there(fit, switch)
    if there is not None:
        return is_marked(there.notes, fit.name)
    return any(
        nat.name.casefold() == nat_name(fit.name, switch.name).casefold() for nat in fit.state.nats
    )


def _missing(fit: Fit, switch: Switch) -> Iterator[tuple[str, tuple[Cmdlet, ...]]]:
    """Yield what of the three is missing, each with the cmdlets that make it, in their order."""
    there = _there(fit, switch)
    by_name = next(
        (
            i
            for i in fit.state.ip_interfaces
            if i.interface_alias.casefold() == switch.management_adapter.casefold()
        ),
        None,
    )
    own = own_interface(fit.state, there) or by_name if there else None
    alias = own.interface_alias if own else switch.management_adapter
    if there is None:
        yield "the switch", tuple(_switch_again(fit, switch))
    address = switch.ip_address
    if address and (own is None or address not in own.ip_addresses):
        given = {
            "InterfaceAlias": alias,
            "IPAddress": str(address.ip),
            "PrefixLength": address.network.prefixlen,
        }
        off = Cmdlet(
            "Set-NetIPInterface",
            {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": "Disabled"},
        )
        asks = (
            own is None or own.dhcp
        )  # New-NetIPAddress fails where it does not reach the persistent setting of DHCP
        yield (
            f"the address {address}",
            (*((off,) if asks else ()), Cmdlet("New-NetIPAddress", given)),
        )
    if switch.nat not in {nat.internal_prefix for nat in fit.state.nats}:
        nat = {
            "Name": nat_name(fit.name, switch.name),
            "InternalIPInterfaceAddressPrefix": str(switch.nat),
        }
        yield f"the NAT for {switch.nat}", (Cmdlet("New-NetNat", nat),)


def _switch_again(fit: Fit, switch: Switch) -> Iterator[Cmdlet]:
    """Yield what makes the switch with this topology's mark, and connects the VMs that are there again."""
    yield Cmdlet(
        "New-VMSwitch",
        {"Name": switch.name, "SwitchType": str(switch.switch_type), "Notes": owner_mark(fit.name)},
    )
    there = {
        vm.name.casefold()
        for vm in (fit.hyper_v.vms if fit.hyper_v else ())
        if is_marked(vm.notes, fit.name)
    }
    for vm, _, _ in fit.vms:
        for adapter in vm.network_adapters:
            if (
                vm.name.casefold() in there
                and (adapter.switch or "").casefold() == switch.name.casefold()
            ):
                yield Cmdlet(
                    "Connect-VMNetworkAdapter",
                    {"VMName": vm.name, "Name": adapter.name, "SwitchName": switch.name},
                )
