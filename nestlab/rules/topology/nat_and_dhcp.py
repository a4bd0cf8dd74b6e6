"""Rules about NAT, port forwards and DHCP in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

from nestlab.constants import NAT_NETWORK, STATIC_MAPPING
from nestlab.model.finding import Finding
from nestlab.model.topology import SwitchType
from nestlab.rules.free_networks import UMBRELLAS, free_network, umbrella_of
from nestlab.rules.topology.topology_index import MachinePlace, Survey, SwitchPlace


def nat_needs_internal(survey: Survey) -> Iterator[Finding]:
    """NAT is an Internal switch, the machine's address on it, and New-NetNat."""
    for place in survey.switches:
        if place.switch.nat and place.switch.switch_type is not SwitchType.INTERNAL:
            yield survey.finding(
                "nat-needs-internal",
                "error",
                place.subject,
                (*place.keys, "nat"),
                f"is {place.switch.switch_type} and has nat; the machine translates only for an Internal switch",
                hint="Set switch_type: Internal and give the switch an ip_address in the inner network.",
                source=NAT_NETWORK,
            )


def nat_without_address(survey: Survey) -> Iterator[Finding]:
    """The machine needs an address in the inner network: it is the gateway of the VMs behind the NAT."""
    for place in survey.switches:
        switch = place.switch
        if switch.nat is None or switch.switch_type is not SwitchType.INTERNAL:
            continue
        if switch.ip_address is not None and switch.ip_address.ip in switch.nat:
            continue
        first = next(iter(switch.nat.hosts()), switch.nat.network_address)
        found = (
            f"the address {switch.ip_address}, which is not in it"
            if switch.ip_address
            else "no ip_address"
        )
        yield survey.finding(
            "nat-without-address",
            "error",
            place.subject,
            (*place.keys, "ip_address" if switch.ip_address else "nat"),
            f"translates {switch.nat} and has {found}: the VMs behind it have no gateway",
            hint=f"Add ip_address: {first}/{switch.nat.prefixlen}.",
            source=NAT_NETWORK,
        )


def nat_overlap(survey: Survey) -> Iterator[Finding]:
    """New-NetNat refuses an inner network that overlaps another one of the machine: "The parameter is incorrect."."""
    for place in survey.machines:
        networks = list(_networks(place, survey))
        for index, (name, network, switch) in enumerate(networks):
            if switch is None:
                continue
            for other_index, (other_name, other, other_switch) in enumerate(networks):
                said_later = (
                    other_switch is not None and other_index > index
                )  # of two NATs, the second says it
                if (
                    other_name == name
                    or said_later
                    or not network.overlaps(other)
                    or _is_behind(place, switch, other_name, other)
                ):
                    continue
                free = free_network(network, [known for _, known, _ in networks])
                yield survey.finding(
                    "nat-overlap",
                    "error",
                    switch.subject,
                    (*switch.keys, "nat"),
                    f"translates {network}, which overlaps {other} of {other_name} on the same machine",
                    hint=f"Choose inner networks that do not overlap any other network of the machine{f', {free} for example' if free else ''}.",
                    source=NAT_NETWORK,
                )


def _is_behind(place: MachinePlace, nat: SwitchPlace, name: str, network: IPv4Network) -> bool:
    """Whether this is the network of another Internal switch that the same NAT translates: its prefix may cover several."""
    other = next((switch.switch for switch in place.switches if switch.subject == name), None)
    if (
        other is None
        or other.nat is not None
        or other.switch_type is not SwitchType.INTERNAL
        or nat.switch.nat is None
    ):
        return False
    own = nat.switch.ip_address
    return network.subnet_of(nat.switch.nat) and (own is None or not own.network.overlaps(network))


def _networks(
    place: MachinePlace, survey: Survey
) -> Iterator[tuple[str, IPv4Network, SwitchPlace | None]]:
    """Yield every network of a machine with its name; the switch where it is a NAT's inner network."""
    for switch in place.switches:
        if switch.switch.nat:
            yield switch.subject, switch.switch.nat, switch
        elif switch.switch.ip_address and switch.switch.has_management_adapter:
            yield switch.subject, switch.switch.ip_address.network, None
    for adapter in place.adapters:
        if adapter.adapter.ip_address:
            yield adapter.subject, adapter.adapter.ip_address.network, None
    if not place.path:
        for uplink in survey.topology.uplinks:
            network = uplink.ip_address.network if uplink.ip_address else uplink.network
            if network:
                yield f"uplink {uplink.net_adapter}", network, None


def several_nats(survey: Survey) -> Iterator[Finding]:
    """The documentation knows one NAT a machine."""
    for place in survey.machines:
        switches = [switch for switch in place.switches if switch.switch.nat]
        shared = (
            umbrella_of(found.switch.nat for found in switches if found.switch.nat)
            if switches
            else None
        )
        private = shared is not None and any(shared.subnet_of(umbrella) for umbrella in UMBRELLAS)
        one = (
            f"nat: {shared} on {switches[0].subject} covers them all, without nat on the others"
            if private
            else "one larger inner network"
        )
        for switch in switches[1:]:
            yield survey.finding(
                "several-nats",
                "warning",
                switch.subject,
                (*switch.keys, "nat"),
                f"is a further NAT of {place.name}, after {switches[0].subject}; one a machine is supported, and before build 20348 the second is refused",
                hint=f"Let the switches share one NAT: {one}. Or put one NAT into each nested host.",
                evidence=", ".join(str(found.switch.nat) for found in switches),
                source=NAT_NETWORK,
            )


def port_forward_wrong(survey: Survey) -> Iterator[Finding]:
    """A static mapping needs a NAT, an inner address that the NAT covers, and an outer port of its own."""
    for place in survey.machines:
        taken: dict[tuple[str, int], str] = {}
        for switch in place.switches:
            nat = switch.switch.nat
            for index, forward in enumerate(switch.switch.port_forwards):
                outer = (forward.protocol, forward.external_port)
                if nat is None:
                    message, hint = "forwards a port and has no nat", "Add nat: the inner network."
                elif forward.to_address not in nat:
                    message, hint = (
                        f"forwards to {forward.to_address}, which is not in its inner network {nat}",
                        f"Choose an address in {nat}.",
                    )
                elif outer in taken:
                    message = f"forwards {forward.protocol} port {forward.external_port}, which {taken[outer]} already does"
                    hint = (
                        "Choose another external_port: one outer port leads to one inner endpoint."
                    )
                else:
                    taken[outer] = switch.subject
                    continue
                keys = (*switch.keys, "port_forwards", index)
                yield survey.finding(
                    "port-forward-wrong",
                    "error",
                    switch.subject,
                    keys,
                    message,
                    hint=hint,
                    source=STATIC_MAPPING,
                )


def dhcp_wrong(survey: Survey) -> Iterator[Finding]:
    """A DHCP scope lies in the network of the machine's own adapter on that switch."""
    for place in survey.switches:
        scope, address = place.switch.dhcp, place.switch.ip_address
        if scope is None:
            continue
        if address is None or not place.switch.has_management_adapter:
            message, hint = (
                "serves DHCP and the machine has no address on it",
                "Make it Internal and add ip_address.",
            )
        elif scope.first not in address.network or scope.last not in address.network:
            message = f"serves {scope.first}-{scope.last}, which is not inside its network {address.network}"
            hint = f"Choose a range in {address.network}."
        elif scope.first <= address.ip <= scope.last:
            message, hint = (
                f"serves {scope.first}-{scope.last}, which contains the machine's own {address.ip}",
                "Leave that address out of the range.",
            )
        else:
            continue
        yield survey.finding(
            "dhcp-wrong", "error", place.subject, (*place.keys, "dhcp"), message, hint=hint
        )


def dhcp_nobody(survey: Survey) -> Iterator[Finding]:
    """An adapter that asks for an address where nobody gives one: WinNAT has no DHCP."""
    serving = {
        survey.climbed(place.machine, place.switch.name, 0)
        for place in survey.switches
        if place.switch.dhcp
    }
    for place in survey.adapters:
        if not place.adapter.dhcp:
            continue
        domain = survey.domain(place)
        if domain is None or domain in serving or domain[1].startswith("wire "):
            continue
        yield survey.finding(
            "dhcp-nobody",
            "warning",
            place.subject,
            (*place.keys, "dhcp"),
            "asks for an address by DHCP, and nothing on its network serves DHCP; NAT does not",
            hint="Give it an ip_address, or add dhcp: {range: ...} to the switch of a Windows Server.",
            source=NAT_NETWORK,
        )
