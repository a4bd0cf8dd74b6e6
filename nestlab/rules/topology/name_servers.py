"""The rule about guests that reach other networks and have no DNS server in the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Network

from nestlab.constants import LAB_SERVICES
from nestlab.model.broadcast_domain import BroadcastDomain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.topology import VM
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.topology_index import DefaultGateway, TopologyIndex
from nestlab.texts import tr

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

    A DHCP scope of the file assigns the gateway, and DNS servers only if it has dns_servers. The
    DHCP server of a physical network or an existing switch is not known, and may assign one.
    """
    ways_out = _WaysOut(index)
    messages: dict[tuple[int, bool], str] = {}
    for place, vm in index.vms:
        gateways = ways_out.of_machine.get(place.path)
        if not gateways or vm.guest.os == "none" or _has_name_server(vm):
            continue
        if place.path in ways_out.with_name_servers:
            continue
        first = next(filter(ways_out.leads_out, gateways), None)
        if first is None:
            continue
        same = int(first.address or 0), first.by_dhcp  # most guests of a network
        if same not in messages:
            messages[same] = _no_server(first)
        yield index.finding(
            _IN_FILE, place.subject, first.owner.keys, messages[same], hint=_add_server(vm, first)
        )


def _gives_name_server(gateway: DefaultGateway) -> bool:
    """Whether the DHCP scope that gives a gateway gives DNS servers, too, or may give them."""
    if gateway.address is None:
        return True
    return gateway.server is not None and bool(gateway.server.scope.dns_servers)


def _no_server(gateway: DefaultGateway) -> str:
    """Return the message about a guest that has this gateway."""
    if gateway.by_dhcp:
        return tr(
            "gets the gateway {gateway} from a DHCP scope and no DNS server: IP addresses are reachable, but names do not resolve",
            gateway=gateway.address,
        )
    return tr(
        "has the gateway {gateway} and no DNS server: IP addresses are reachable, but names do not resolve",
        gateway=gateway.address,
    )


def _add_server(vm: VM, gateway: DefaultGateway) -> str:
    """Return the hint, with what a Windows guest needs so that nestlab can configure it."""
    if gateway.server is not None:
        return tr(
            "Add dns_servers: [1.1.1.1] to {key} of {switch}, or the address of another DNS server that its clients reach. If they need no names, leave it so.",
            key=gateway.server.server.key,
            switch=gateway.server.name,
        )
    if vm.guest.os != "windows" or vm.guest.credential:
        return tr(
            "Add dns_servers: [1.1.1.1] to its adapter, or the address of another DNS server that it reaches. If it needs no names, leave it so."
        )
    return tr(
        "Add dns_servers: [1.1.1.1] to its adapter, and guest: {os: windows, credential: NAME} so that nestlab can set it, or the address of another DNS server that it reaches. If it needs no names, leave it so."
    )


def _has_name_server(vm: VM) -> bool:
    servers = [adapter.dns_servers for adapter in vm.network_adapters]
    for switch in vm.switches if vm.nested is not None else ():
        servers += [switch.dns_servers, *(own.dns_servers for own in switch.management_adapters)]
    return any(servers)


class _WaysOut:
    """Which default gateways lead out of the lab."""

    def __init__(self, index: TopologyIndex) -> None:
        self.index = index
        self.of_machine: dict[MachinePath, list[DefaultGateway]] = defaultdict(list)
        self.with_name_servers: set[MachinePath] = set()
        for gateway in index.default_gateways:
            self.of_machine[gateway.machine].append(gateway)
            if _gives_name_server(gateway):
                self.with_name_servers.add(gateway.machine)
        self._known: dict[tuple[BroadcastDomain, int], bool] = {}

    @cached_property
    def _forwarding(self) -> dict[MachinePath, list[IPv4Network]]:
        """The networks that each machine forwards from: those of its NATs, or all."""
        found: dict[MachinePath, list[IPv4Network]] = defaultdict(list)
        for place in self.index.switches:
            if place.switch.nat:
                found[place.machine].append(place.switch.nat)
        for machine in self.index.machines:
            if machine.machine.forwards:
                found[machine.path].append(_ALL)
        return dict(found)

    def leads_out(self, gateway: DefaultGateway) -> bool:
        """Whether packets to a gateway get to a physical network or an existing switch."""
        if gateway.address is None or gateway.machine in self._forwarding:
            return self._leads_out(gateway, frozenset())
        # There is no path through a machine that does not forward.
        place = gateway.domain, int(gateway.address)
        known = self._known.get(place)
        if known is None:
            known = self._known[place] = self._leads_out(gateway, frozenset())
        return known

    def _leads_out(self, gateway: DefaultGateway, seen: frozenset[MachinePath]) -> bool:
        if gateway.machine in seen:
            return False
        if gateway.address is None:
            return True  # only such networks have an unknown DHCP server
        after = self._after(gateway.domain, int(gateway.address))
        if isinstance(after, bool):
            return after
        return any(
            self._leads_out(each, seen | {gateway.machine})
            for each in self.of_machine.get(after, ())
        )

    def _after(self, domain: BroadcastDomain, address: int) -> bool | MachinePath:
        """Return whether a packet gets out at a gateway, or the machine that forwards it."""
        if self.index.is_open(domain):
            return True
        holder = self.index.by_address.get((domain, address))
        if holder is None:
            return False
        networks = self._forwarding.get(holder.machine, ())
        if not any(holder.address.ip in network for network in networks):
            return False
        # The host's own route to the physical network is not in the file.
        return True if holder.machine == HOST else holder.machine


DETECTORS = (no_dns_servers,)
