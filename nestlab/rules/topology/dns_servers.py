"""The rule about DNS servers that are not a machine of the file, or that serve no DNS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from nestlab.constants import LAB_SERVICES
from nestlab.dataclass import dataclass, field
from nestlab.model.broadcast_domain import BroadcastDomain, physical_domain
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.rules.free_addresses import AddressRange
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.topology.places import AdapterPlace, ManagementAdapterPlace, SwitchPlace
from nestlab.rules.topology.stopped_vms import stopped_vms
from nestlab.rules.topology.topology_index import AddressHolder, TopologyIndex
from nestlab.texts import mark, tr, translate

_Owner = SwitchPlace | ManagementAdapterPlace | AdapterPlace

DNS_SERVER_WITHOUT_MACHINE = Rule(
    code="dns-server-without-machine",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A DNS server of the file is an address that no machine has, or one of a machine that answers DNS only if a DNS server is installed in it.",
    why="IP addresses are reachable, but names do not resolve. NAT of Windows forwards no DNS queries: the address of the host on a switch with nat is a gateway, and no DNS server.",
    fix="Write the address of a DNS server that the machine reaches, such as 1.1.1.1 where it reaches the internet.",
    example="switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]\nvms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1, dns_servers: [10.0.0.77]}]}]",
    source=LAB_SERVICES,
    variants=(
        Variant(
            "info",
            "if a machine has the address, or may have it, and whether it serves DNS is not in the file",
        ),
    ),
)
_OTHER = mark(
    "write the address of a DNS server that the machine reaches, such as 1.1.1.1 where it reaches the internet"
)
_ON_ITS_NETWORK = mark(
    "write the address of a DNS server on its own network, beyond which it reaches nothing; without names, remove dns_servers"
)
_NOTE = DNS_SERVER_WITHOUT_MACHINE.at("info")


@detects(DNS_SERVER_WITHOUT_MACHINE)
def dns_server_without_machine(index: TopologyIndex) -> Iterator[Finding]:
    """A DNS server whose address no machine has, or a host or a VM that is off.

    Machines on a physical network or an existing switch are not known. Running VMs are not
    reported: a DNS server may be installed in them.
    """
    servers = _Servers(index)
    for owner, machine, key, addresses in _owners(index):
        for address in dict.fromkeys(addresses):
            found = servers.problem(owner, machine, address)
            if found is not None:
                keys = (*owner.keys, *key)
                yield index.finding(found.rule, owner.subject, keys, found.message, hint=found.hint)


def _owners(
    index: TopologyIndex,
) -> Iterator[tuple[_Owner, MachinePath, KeyPath, tuple[IPv4Address, ...]]]:
    """Yield who has DNS servers in the file: adapters, and DHCP scopes for their clients.

    The keys are those below the adapter's.
    """
    key = "dns_servers"
    for place in index.switches:
        yield place, place.machine, (key,), place.switch.dns_servers
        if place.switch.dhcp:
            yield place, place.machine, ("dhcp", key), place.switch.dhcp.dns_servers
    for own in index.management_adapters:
        yield own, own.on.machine, (key,), own.adapter.dns_servers
    for each in index.adapters:
        yield each, each.machine, (key,), each.adapter.dns_servers
        if each.adapter.dhcp_server:
            yield each, each.machine, ("dhcp_server", key), each.adapter.dhcp_server.dns_servers


class _DnsProblem(NamedTuple):
    rule: Rule
    message: str
    hint: str


@dataclass(frozen=True)
class _Servers:
    """Who has the addresses of DNS servers."""

    index: TopologyIndex
    _not_wrong: set[tuple[BroadcastDomain | None, int, bool]] = field(default_factory=set)
    """What has no problem: an address in a domain, and whether the machine may leave that."""

    def problem(
        self, owner: _Owner, machine: MachinePath, address: IPv4Address
    ) -> _DnsProblem | None:
        """Return what is known to be wrong with a DNS server of an adapter, or None."""
        domain = self._domain(owner)
        may_leave = self._may_leave(machine, domain)
        asked = domain, int(address), may_leave  # the machines of a network often have the same
        if asked in self._not_wrong:
            return None
        found = self._problem(owner, address, domain, may_leave=may_leave)
        if found is None:
            self._not_wrong.add(asked)
        return found

    def _problem(
        self,
        owner: _Owner,
        address: IPv4Address,
        domain: BroadcastDomain | None,
        *,
        may_leave: bool,
    ) -> _DnsProblem | None:
        if address.is_loopback or address.is_link_local:
            return None
        holder = self.index.by_address.get((domain, int(address))) if domain else None
        holder = holder or self._anywhere.get(int(address))
        other = translate(_OTHER if may_leave else _ON_ITS_NETWORK)
        if holder is not None:
            return self._of_holder(holder, other)
        domains = self._domains_with(address)
        there = {domain} if domain and domain in domains else domains
        if not there:
            return None if may_leave else _no_way(address)
        if any(map(self._is_open, there)):
            return None
        return self._without_machine(owner, address, there, other)

    def _domain(self, owner: _Owner) -> BroadcastDomain | None:
        holder = self.index.by_owner.get(owner.keys)
        if holder is not None:
            return holder.domain
        return self.index.domain(owner) if isinstance(owner, AdapterPlace) else None

    @cached_property
    def _anywhere(self) -> dict[int, AddressHolder]:
        return {each.number: each for each in reversed(self.index.holders)}

    def _domains_with(self, address: IPv4Address) -> set[BroadcastDomain]:
        """Return the domains that a network of the file with this address is in."""
        number = int(address)
        return {
            domain
            for mask, networks in self._networks.items()
            for domain in networks.get(number & mask, ())
        }

    @cached_property
    def _networks(self) -> dict[int, dict[int, set[BroadcastDomain]]]:
        """The domains of the networks of the file, by their mask and their address, as numbers."""
        found: dict[int, dict[int, set[BroadcastDomain]]] = {}
        for network, domain in self._domains_of_networks():
            of_mask = found.setdefault(int(network.netmask), {})
            of_mask.setdefault(int(network.network_address), set()).add(domain)
        return found

    def _domains_of_networks(self) -> Iterator[tuple[IPv4Network, BroadcastDomain]]:
        yield from {(each.address.network, each.domain) for each in self.index.holders}
        for uplink in self.index.topology.uplinks:
            if uplink.network:
                yield uplink.network, physical_domain(uplink.net_adapter)

    def _is_open(self, domain: BroadcastDomain) -> bool:
        """Whether machines that are not in the file may be in a domain."""
        return domain.physical or domain.untagged in self.index.existing_networks

    @cached_property
    def _off(self) -> dict[str, str]:
        return stopped_vms(self.index)

    def _of_holder(self, holder: AddressHolder, other: str) -> _DnsProblem | None:
        if isinstance(holder.owner, AdapterPlace):
            off = self._off.get(path_text(holder.machine).casefold())
            if off is None:
                return None
            message = tr(
                "has the DNS server {address}, which {adapter} has: {vm} is declared Off, and nothing answers",
                address=holder.address.ip,
                adapter=holder.name,
                vm=off,
            )
            return _DnsProblem(
                _NOTE,
                message,
                tr("Write state: Running for {vm}, or {other}.", vm=off, other=other),
            )
        machine = path_text(holder.machine) if holder.machine else tr("the host")
        message = tr(
            "has the DNS server {address}, which is {machine} itself ({adapter}): NAT forwards no DNS queries, and whether a DNS server is installed there is not in the file",
            address=holder.address.ip,
            machine=machine,
            adapter=holder.name,
        )
        return _DnsProblem(
            _NOTE,
            message,
            tr(
                "If {machine} has the DNS Server role, leave it so. Else {other}.",
                machine=machine,
                other=other,
            ),
        )

    def _without_machine(
        self, owner: _Owner, address: IPv4Address, domains: set[BroadcastDomain], other: str
    ) -> _DnsProblem:
        """Return the problem of an address in networks that are all in the file."""
        hint = tr(
            "{other}. Or give the DNS server of the lab this address.",
            other=f"{other[0].upper()}{other[1:]}",
        )
        first = next(self._possible(owner, address, domains), None)
        if first is None:
            return _DnsProblem(
                DNS_SERVER_WITHOUT_MACHINE,
                tr(
                    "has the DNS server {address}, which no machine on its network has",
                    address=address,
                ),
                hint,
            )
        message = (
            tr(
                "has the DNS server {address}, and whether a machine has that address is not known: {adapter} gets its address from DHCP",
                address=address,
                adapter=first.name,
            )
            if first.adapter.dhcp
            else tr(
                "has the DNS server {address}, and whether a machine has that address is not known: {adapter} has none in the file",
                address=address,
                adapter=first.name,
            )
        )
        return _DnsProblem(_NOTE, message, hint)

    def _possible(
        self, owner: _Owner, address: IPv4Address, domains: set[BroadcastDomain]
    ) -> Iterator[AdapterPlace]:
        """Yield the other adapters whose address is not in the file, and that may have one.

        A DHCP server of the file gives addresses of its range only.
        """
        for domain in domains:
            ranges = self._ranges.get(domain, ())
            leased = any(each.has(address) for each in ranges)
            for place in self.index.adapters_by_domain.get(domain, ()):
                is_asking = place.adapter.dhcp and bool(ranges)
                if place != owner and not place.adapter.ip_address and (leased or not is_asking):
                    yield place

    @cached_property
    def _ranges(self) -> dict[BroadcastDomain, list[AddressRange]]:
        found: dict[BroadcastDomain, list[AddressRange]] = defaultdict(list)
        for place in self.index.dhcp_servers:
            if place.domain is not None:
                found[place.domain].append(AddressRange(place.scope.first, place.scope.last))
        return dict(found)

    @cached_property
    def _with_gateway(self) -> set[MachinePath]:
        return {each.machine for each in self.index.default_gateways}

    def _may_leave(self, machine: MachinePath, domain: BroadcastDomain | None) -> bool:
        """Whether it may reach other networks; gateway-missing reports those behind a NAT."""
        if machine == HOST or machine in self._with_gateway or domain is None:
            return True
        place = self.index.by_path[machine]
        is_open = self._is_open(domain) or domain in self._translated
        return is_open or bool(place.machine.routes) or len(place.adapters) > 1

    @cached_property
    def _translated(self) -> set[BroadcastDomain]:
        return {self.index.own_domain(place) for place in self.index.switches if place.switch.nat}


def _no_way(address: IPv4Address) -> _DnsProblem:
    message = tr(
        "has the DNS server {address}, which is on no network of it, and it has no gateway",
        address=address,
    )
    hint = tr(
        "Give it a gateway that leads to {address}, or the address of a DNS server on its own network; without names, remove dns_servers.",
        address=address,
    )
    return _DnsProblem(DNS_SERVER_WITHOUT_MACHINE, message, hint)


DETECTORS = (dns_server_without_machine,)
