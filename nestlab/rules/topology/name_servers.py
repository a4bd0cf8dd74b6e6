"""The rule about guests that reach other networks and have no DNS server in the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network

from nestlab.constants import LAB_SERVICES
from nestlab.dataclass import dataclass
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.broadcast_domain import BroadcastDomain
from nestlab.rules.topology.gateway_rules import dhcp_gateways
from nestlab.rules.topology.topology_index import TopologyIndex

_ALL = IPv4Network("0.0.0.0/0")

GUEST_WITHOUT_NAME_SERVER = Rule(
    code="guest-without-name-server",
    severity="warning",
    looks_at=(Scope.TOPOLOGY, Scope.NESTING),
    meaning="A guest that reaches other networks, or is behind NAT, has no DNS server that answers it.",
    why="IP addresses are reachable, but names do not resolve: updates, package managers and domains need names.",
    fix="Set a DNS server that it reaches: dns_servers in the file. Then test TCP and UDP port 53 as well as ping.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]\nvms: [{name: a, guest: {os: windows, credential: lab}, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}]",
    source=LAB_SERVICES,
    one_cause=True,
    variants=(Variant("info", "in a file: the lab is built, and its checks use addresses"),),
)
_IN_FILE = GUEST_WITHOUT_NAME_SERVER.at("info")


@detects(GUEST_WITHOUT_NAME_SERVER)
def no_dns_servers(index: TopologyIndex) -> Iterator[Finding]:
    """A guest whose gateway leads out of the lab, and no DNS server: one finding for each VM.

    A DHCP scope of the file gives the gateway and no DNS server. What serves DHCP on a physical
    network or an existing switch is not known, and may give one.
    """
    found_gateways = _Gateways(index)
    for place, vm in index.vms:
        gateways = found_gateways.by_machine.get(place.path, [])
        is_known = all(each.gateway for each in gateways)
        if vm.guest.os == "none" or not is_known or _has_name_server(vm):
            continue
        first = next((each for each in gateways if found_gateways.leads_out(each)), None)
        if first is None:
            continue
        source = (
            f"gets the gateway {first.gateway} from a DHCP scope"
            if first.by_dhcp
            else f"has the gateway {first.gateway}"
        )
        yield index.finding(
            _IN_FILE,
            place.subject,
            first.keys,
            f"{source} and no DNS server: IP addresses are reachable, but names do not resolve",
            hint=f"Add dns_servers: [1.1.1.1] to its adapter{_with_credential(vm)}, or the address of another DNS server that it reaches. If it needs no names, leave it so.",
        )


def _with_credential(vm: VM) -> str:
    """Return what a guest of Windows needs besides, so that the setting can be made in it."""
    if vm.guest.os != "windows" or vm.guest.credential:
        return ""
    return ", and guest: {os: windows, credential: NAME} so that nestlab can set it"


def _has_name_server(vm: VM) -> bool:
    return any(adapter.dns_servers for adapter in vm.network_adapters) or any(
        switch.dns_servers or any(own.dns_servers for own in switch.management_adapters)
        for switch in vm.switches
    )


@dataclass(frozen=True)
class _DefaultGateway:
    """A default gateway of a VM; None where what serves DHCP is not known."""

    machine: MachinePath
    domain: BroadcastDomain | None
    gateway: IPv4Address | None
    keys: KeyPath
    by_dhcp: bool = False


@dataclass(frozen=True)
class _Gateways:
    """The default gateways of all machines, and which of them lead out of the lab."""

    index: TopologyIndex

    @cached_property
    def by_machine(self) -> dict[MachinePath, list[_DefaultGateway]]:
        """The gateways of each machine."""
        found: dict[MachinePath, list[_DefaultGateway]] = defaultdict(list)
        for holder in self.index.holders:
            if holder.gateway is not None:
                gateway = _DefaultGateway(
                    holder.machine, holder.domain, holder.gateway, holder.owner.keys
                )
                found[holder.machine].append(gateway)
        for place, address in dhcp_gateways(self.index):
            domain = self.index.domain(place)
            gateway = _DefaultGateway(place.machine, domain, address, place.keys, by_dhcp=True)
            found[place.machine].append(gateway)
        return dict(found)

    @cached_property
    def _forwarding(self) -> dict[MachinePath, list[IPv4Network]]:
        """The networks that each machine forwards from: those of its NATs, or all."""
        found: dict[MachinePath, list[IPv4Network]] = defaultdict(list)
        for place in self.index.switches:
            if place.switch.nat:
                found[place.machine].append(place.switch.nat)
        for machine in self.index.machines:
            if machine.machine.forwarding:
                found[machine.path].append(_ALL)
        return dict(found)

    def leads_out(
        self, gateway: _DefaultGateway, seen: frozenset[MachinePath] = frozenset()
    ) -> bool:
        """Whether packets to a gateway get to a physical network or an existing switch."""
        domain, address = gateway.domain, gateway.gateway
        if domain is None or gateway.machine in seen:
            return False
        if domain.physical or domain.untagged in self.index.existing_networks or address is None:
            return True
        holder = self.index.by_address.get((domain, int(address)))
        if holder is None:
            return False
        next_machine = holder.machine
        if not any(address in network for network in self._forwarding.get(next_machine, ())):
            return False
        # The host's own way to the physical network is not in the file.
        return next_machine == HOST or any(
            self.leads_out(each, seen | {gateway.machine})
            for each in self.by_machine.get(next_machine, ())
        )
