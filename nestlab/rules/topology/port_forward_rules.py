"""Rules about port forwards in a topology."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from nestlab.constants import STATIC_MAPPING
from nestlab.model.finding import Finding
from nestlab.model.machine_path import path_text
from nestlab.model.topology import DhcpRange, PortForward, Switch
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.places import AdapterPlace, MachinePlace, SwitchPlace
from nestlab.rules.topology.stopped_vms import stopped_vms
from nestlab.rules.topology.topology_index import AddressHolder, TopologyIndex
from nestlab.texts import tr

PORT_FORWARD_WITHOUT_MACHINE = Rule(
    code="port-forward-without-machine",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A port forward leads to an address that no machine of the topology has, or that one has only if it gets it from DHCP or by hand.",
    why="Add-NetNatStaticMapping accepts any internal address. Where no machine has it, nothing answers on the external port.",
    fix="Forward to the address of a machine, or give that address to the machine that is to answer.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24, port_forwards: [{protocol: tcp, external_port: 8080, to: '10.0.0.50:80'}]}]\nvms: [{name: web1, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}]",
    source=STATIC_MAPPING,
    variants=(Variant("info", "where a machine may have it whose address is not in the file"),),
)


@detects(PORT_FORWARD_WITHOUT_MACHINE)
def port_forward_without_machine(index: TopologyIndex) -> Iterator[Finding]:
    """A port forward, inside its NAT, to an address that no machine has, or may not have."""
    for machine in index.machines:
        for place in machine.switches:
            nat = place.switch.nat
            for position, forward in enumerate(place.switch.port_forwards):
                if nat is None or place.switch.existing or forward.to_address not in nat:
                    continue  # other findings
                keys = (*place.keys, "port_forwards", position)
                there = _leads_to(machine, place, forward.to_address)
                if not _has_machine(index, there, forward.to_address):
                    message, hint, known = _texts(index, there, forward)
                    rule = PORT_FORWARD_WITHOUT_MACHINE
                    yield index.finding(
                        rule if known else rule.at("info"), place.subject, keys, message, hint=hint
                    )


def _leads_to(machine: MachinePlace, nat: SwitchPlace, address: IPv4Address) -> SwitchPlace:
    """Return the switch of the machine on whose network an address is, else that of the NAT.

    A NAT may cover the networks of several switches.
    """
    return next((each for each in machine.switches if _is_on(each.switch, address)), nat)


def _is_on(switch: Switch, address: IPv4Address) -> bool:
    own = switch.ip_address
    return own is not None and switch.has_management_adapter and address in own.network


def _has_machine(index: TopologyIndex, there: SwitchPlace, address: IPv4Address) -> bool:
    """Whether a machine has the address; anywhere, if it is on no network of the NAT's machine."""
    holders = (
        index.by_domain.get(index.own_domain(there), ())
        if _is_on(there.switch, address)
        else index.holders
    )
    return any(holder.address.ip == address for holder in holders)


def _texts(
    index: TopologyIndex, there: SwitchPlace, forward: PortForward
) -> tuple[str, str | None, bool]:
    """Return message and hint, and whether it is known that no machine has the address."""
    what = tr(
        "forwards {protocol} port {port} to {address}",
        protocol=forward.protocol,
        port=forward.external_port,
        address=forward.to_address,
    )
    if there.switch.existing:
        message = tr(
            "{forwards}; whether a machine has that address is not known: {switch} exists, and the file does not list what is on it",
            forwards=what,
            switch=there.name,
        )
        return message, tr("Check on the host which machine has that address."), False
    near = _nearest(index, there)
    other = (
        tr("forward to {address}, which {adapter} has", address=near.address.ip, adapter=near.name)
        if near is not None
        else tr("forward to an address that a machine has")
    )
    unplugged = _not_connected(index, forward.to_address)
    if unplugged is not None:
        message = tr(
            "{forwards}, which {adapter} has, but it is not connected: nothing answers",
            forwards=what,
            adapter=unplugged.name,
        )
        hint = tr(
            "Write connected: true for {adapter}, or {other}.", adapter=unplugged.name, other=other
        )
        return message, hint, True
    possible = next(_possible(index, there, forward.to_address), None)
    if possible is not None:
        return *_texts_of_possible(index, there, forward, what, possible), False
    return *_texts_without_machine(index, there, forward, what, other), True


def _texts_of_possible(
    index: TopologyIndex,
    there: SwitchPlace,
    forward: PortForward,
    what: str,
    possible: AdapterPlace,
) -> tuple[str, str]:
    """Return message and hint where an adapter may have the address; `what` is the forward."""
    message = (
        tr(
            "{forwards}; whether a machine has that address is not known: {adapter} gets its address from DHCP",
            forwards=what,
            adapter=possible.name,
        )
        if possible.adapter.dhcp
        else tr(
            "{forwards}; whether a machine has that address is not known: {adapter} has none in the file",
            forwards=what,
            adapter=possible.name,
        )
    )
    leased = _range_with(_ranges(index, there), forward.to_address)
    if leased:
        return message, tr(
            "If {adapter} is to answer, give it a static address outside the range {first}-{last}, and forward to that.",
            adapter=possible.name,
            first=leased.first,
            last=leased.last,
        )
    return message, tr(
        "If {adapter} is to answer, give it {address}.",
        adapter=possible.name,
        address=_address(there.switch, forward),
    )


def _texts_without_machine(
    index: TopologyIndex, there: SwitchPlace, forward: PortForward, what: str, other: str
) -> tuple[str, str]:
    """Return message and hint where no machine on the network has the address."""
    elsewhere = (each for each in index.holders if each.address.ip == forward.to_address)
    distant = next(elsewhere, None)
    message = (
        tr(
            "{forwards}, which {adapter} has on another network or in another VLAN: nothing answers",
            forwards=what,
            adapter=distant.name,
        )
        if distant is not None
        else tr("{forwards}, which no machine of the topology has: nothing answers", forwards=what)
    )
    hint = tr(
        "{other}, or give the machine that is to answer {address}.",
        other=f"{other[0].upper()}{other[1:]}",
        address=_address(there.switch, forward),
    )
    return message, hint


def _not_connected(index: TopologyIndex, address: IPv4Address) -> AdapterPlace | None:
    """Return the adapter with this address that the file does not connect."""
    for place in index.adapters:
        own = place.adapter.ip_address
        if own is not None and own.ip == address and not place.adapter.connected:
            return place
    return None


def _address(switch: Switch, forward: PortForward) -> str:
    own = switch.ip_address
    if own is None or forward.to_address not in own.network:
        return tr("that address")
    return f"ip_address: {forward.to_address}/{own.network.prefixlen}"


def _possible(
    index: TopologyIndex, there: SwitchPlace, address: IPv4Address
) -> Iterator[AdapterPlace]:
    """Yield the adapters on the network whose address is not in the file, and that may have it.

    A DHCP server of the file gives addresses of its range only. An address outside the networks of
    the NAT's machine is behind a router, where any adapter may be.
    """
    on_link = _is_on(there.switch, address)
    domain = index.own_domain(there)
    ranges = _ranges(index, there)
    for place in index.adapters:
        if place.adapter.ip_address or (on_link and index.domain(place) != domain):
            continue
        if not place.adapter.dhcp or not ranges or _range_with(ranges, address) is not None:
            yield place


def _ranges(index: TopologyIndex, there: SwitchPlace) -> list[DhcpRange]:
    """Return the ranges that the DHCP servers of the file lease on the network of a switch."""
    domain = index.own_domain(there)
    return [each.scope for each in index.dhcp_servers if each.domain == domain]


def _range_with(ranges: list[DhcpRange], address: IPv4Address) -> DhcpRange | None:
    return next((each for each in ranges if each.first <= address <= each.last), None)


def _nearest(index: TopologyIndex, there: SwitchPlace) -> AddressHolder | None:
    """Return the first VM with an address on the network that the file does not declare Off."""
    holders = index.by_domain.get(index.own_domain(there), ())
    stopped = stopped_vms(index)
    return next(
        (
            each
            for each in holders
            if isinstance(each.owner, AdapterPlace)
            and path_text(each.machine).casefold() not in stopped
        ),
        None,
    )


PORT_FORWARD_WRONG = Rule(
    code="port-forward-wrong",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A port forward has no NAT, leads outside its internal network, or uses an external port twice.",
    why="Add-NetNatStaticMapping refuses it, or the connection reaches no machine.",
    fix="Give the switch a nat, an internal address that it covers, and an external port of its own.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24, port_forwards: [{protocol: TCP, external_port: 8080, to: '10.9.0.5:80'}]}]",
    source=STATIC_MAPPING,
)


@detects(PORT_FORWARD_WRONG)
def port_forward_wrong(index: TopologyIndex) -> Iterator[Finding]:
    """A port forward without a NAT, to an address outside of it, or with a port that is taken."""
    for place in index.with_switches:
        taken: dict[tuple[str, int], SwitchPlace] = {}
        for switch in place.switches:
            nat = switch.switch.nat
            for position, forward in enumerate(switch.switch.port_forwards):
                external = (forward.protocol, forward.external_port)
                if nat is None:
                    message, hint = (
                        tr("forwards a port but has no nat"),
                        tr("Add nat: the internal network."),
                    )
                elif forward.to_address not in nat:
                    message, hint = (
                        tr(
                            "forwards to {address}, which is not in its internal network {nat}",
                            address=forward.to_address,
                            nat=nat,
                        ),
                        tr("Choose an address in {nat}.", nat=nat),
                    )
                elif external in taken:
                    message = tr(
                        "forwards {protocol} port {port}, which {switch} already does",
                        protocol=forward.protocol,
                        port=forward.external_port,
                        switch=taken[external].name,
                    )
                    hint = tr(
                        "Choose another external_port: one external port leads to one internal endpoint."
                    )
                else:
                    taken[external] = switch
                    continue
                keys = (*switch.keys, "port_forwards", position)
                yield index.finding(PORT_FORWARD_WRONG, switch.subject, keys, message, hint=hint)


DETECTORS = (port_forward_without_machine,)
