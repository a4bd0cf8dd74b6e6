"""An index of a topology: its places, its broadcast domains, and the addresses in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass
from nestlab.model.broadcast_domain import (
    BroadcastDomain,
    physical_domain,
)
from nestlab.model.finding import Finding
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.origin import KeyPath, copy_text
from nestlab.model.topology import ManagementAdapter, NetworkAdapter, Switch, SwitchType
from nestlab.rules.rule import Rule
from nestlab.rules.topology.places import (
    AdapterPlace,
    DhcpServerPlace,
    ManagementAdapterPlace,
    SwitchPlace,
    UplinkPlace,
)
from nestlab.rules.topology.topology_domains import TopologyDomains

AddressOwner = UplinkPlace | SwitchPlace | ManagementAdapterPlace | AdapterPlace
"""What has an address: the adapter of a VM, of a machine on a switch, or behind an uplink."""


@dataclass(frozen=True)
class AddressHolder:
    """An address that must be unique in a broadcast domain, with its machine and its owner.

    `number` is the address as an integer, which is hashed and compared faster.
    """

    machine: MachinePath
    owner: AddressOwner
    address: IPv4Interface
    gateway: IPv4Address | None
    domain: BroadcastDomain
    number: int

    @property
    def subject(self) -> str:
        """The subject of findings about the address."""
        return self.owner.subject

    @property
    def name(self) -> str:
        """The name of what has the address, in sentences."""
        return self.owner.name

    @property
    def keys(self) -> KeyPath:
        """The keys of the address in the file."""
        return (*self.owner.keys, "ip_address")


@dataclass(frozen=True)
class DefaultGateway:
    """A default gateway of a machine, from the file or from DHCP.

    `address` is None if the DHCP server is not known; `server` is the one that assigns it.
    """

    machine: MachinePath
    owner: AddressOwner
    domain: BroadcastDomain
    address: IPv4Address | None
    by_dhcp: bool = False
    server: DhcpServerPlace | None = None


@dataclass(frozen=True)
class TopologyIndex(TopologyDomains):
    """A topology in the form that its rules read: places, broadcast domains and addresses."""

    @cached_property
    def default_gateways(self) -> tuple[DefaultGateway, ...]:
        """The default gateways of all machines: those in the file, then those from DHCP."""
        return (*_gateways_in_file(self), *_gateways_from_dhcp(self))

    @cached_property
    def holders(self) -> tuple[AddressHolder, ...]:
        """All holders of addresses, each with the domain in which its address must be unique."""
        return tuple(_holders(self))

    @cached_property
    def by_domain(self) -> dict[BroadcastDomain, list[AddressHolder]]:
        """The holders of each domain."""
        found: dict[BroadcastDomain, list[AddressHolder]] = defaultdict(list)
        for holder in self.holders:
            found[holder.domain].append(holder)
        return dict(found)

    @cached_property
    def by_owner(self) -> dict[KeyPath, AddressHolder]:
        """The holders by the keys of what has the address."""
        return {holder.owner.keys: holder for holder in self.holders}

    @cached_property
    def by_address(self) -> dict[tuple[BroadcastDomain, int], AddressHolder]:
        """The first holder of each address in a domain; the address is an integer."""
        return {(each.domain, each.number): each for each in reversed(self.holders)}

    @cached_property
    def named_addresses(self) -> frozenset[IPv4Address]:
        """The addresses that other parts of the file name, which cannot change alone."""
        return frozenset(_named_addresses(self))

    @cached_property
    def networks(self) -> frozenset[IPv4Network]:
        """The networks of all machines of the file: of addresses, NATs and uplinks."""
        nats = (place.switch.nat for place in self.switches)
        uplinks = (uplink.network for uplink in self.topology.uplinks)
        adapters = (place.adapter.ip_address for place in self.adapters)
        addresses = (place.switch.ip_address for place in self.switches)
        held = (each.network for each in (*adapters, *addresses) if each)
        return frozenset(filter(None, (*nats, *uplinks, *held)))

    @cached_property
    def _is_unchanged(self) -> bool:
        origin = self.topology.origin
        return origin is not None and origin.topology == self.topology

    @cached_property
    def repeated_copies(self) -> frozenset[KeyPath]:
        """The copies of counted VMs, switches and adapters with the name of an earlier copy."""
        origin = self.topology.origin
        if origin is None or not origin.copies or not self._is_unchanged:
            return frozenset()
        named = [
            *((place.keys, place.machine.name) for place in self.machines),
            *((place.keys, place.switch.name) for place in self.switches),
            *((place.keys, place.adapter.name) for place in self.adapters),
        ]
        first: dict[tuple[KeyPath, int, str], KeyPath] = {}
        repeated: set[KeyPath] = set()
        for keys, name in named:
            copy = origin.copies.get(keys)
            if copy is not None and copy.total > 1:
                known = first.setdefault((keys[:-1], copy.source_index, name.casefold()), keys)
                repeated |= {keys} if known != keys else set()
        return frozenset(repeated)

    def variable_of_copy(self, keys: KeyPath) -> str:
        """Return the name of the variable of the innermost count that a value is in."""
        copies = self.topology.origin.copies if self.topology.origin else {}
        enclosing = (copies.get(keys[:end]) for end in range(len(keys), 0, -1))
        return next((copy.variable for copy in enclosing if copy and copy.total > 1), "n")

    def position_of_copy(self, keys: KeyPath) -> tuple[int, int] | None:
        """Return the line and column of a value that is in a copy; None for any other."""
        origin = self.topology.origin
        if origin is None or not self._is_unchanged or not copy_text(keys, origin.copies):
            return None
        return origin.position(keys)

    def finding(
        self,
        rule: Rule,
        subject: str,
        keys: KeyPath,
        message: str,
        *,
        hint: str | None = None,
        evidence: str = "",
    ) -> Finding:
        """Return a finding, with its location if the topology is unchanged since it was read."""
        origin = self.topology.origin
        return Finding(
            rule.code,
            rule.severity,
            subject,
            message,
            rule.default_hint if hint is None else hint,
            evidence,
            rule.page,
            origin.locate(keys) if origin is not None and self._is_unchanged else "",
            keys=keys,
        )


def _holders(index: TopologyIndex) -> Iterator[AddressHolder]:
    for behind in index.uplinks:
        uplink = behind.uplink
        if uplink.ip_address and not _is_taken_over(index, uplink.net_adapter):
            domain = physical_domain(uplink.net_adapter)
            yield _holder(HOST, behind, uplink.ip_address, uplink.gateway, domain)
    for place in index.switches:
        switch = place.switch
        if switch.ip_address and switch.has_management_adapter:
            domain = index.own_domain(place)
            yield _holder(place.machine, place, switch.ip_address, switch.gateway, domain)
    for further in index.management_adapters:
        own, machine = further.adapter, further.on.machine
        if own.ip_address:
            domain = index.domain_of(further.on, own.vlan)
            yield _holder(machine, further, own.ip_address, own.gateway, domain)
    yield from _adapter_holders(index)


def _holder(
    machine: MachinePath,
    owner: AddressOwner,
    address: IPv4Interface,
    gateway: IPv4Address | None,
    domain: BroadcastDomain,
) -> AddressHolder:
    return AddressHolder(machine, owner, address, gateway, domain, int(address))


def _named_addresses(index: TopologyIndex) -> Iterator[IPv4Address]:
    """Yield gateways, next hops, DNS servers, targets of port forwards and endpoints of checks."""
    for uplink in index.topology.uplinks:
        yield from filter(None, (uplink.gateway,))
    owned: tuple[Switch | ManagementAdapter | NetworkAdapter, ...] = (
        *(place.switch for place in index.switches),
        *(own.adapter for own in index.management_adapters),
        *(place.adapter for place in index.adapters),
    )
    for each in owned:
        yield from filter(None, (each.gateway, *each.dns_servers))
    for place in index.switches:
        yield from (forward.to_address for forward in place.switch.port_forwards)
    for server in index.dhcp_servers:
        yield from filter(None, (server.scope.router, *server.scope.dns_servers))
    for machine in index.machines:
        yield from (route.via for route in machine.machine.routes)
    for check in index.topology.checks:
        for name in (check.source, check.target):
            with suppress(ValueError):
                yield IPv4Address(name)


def _is_taken_over(index: TopologyIndex, net_adapter: str) -> bool:
    """Whether a management adapter on an External switch replaces an adapter of the host.

    Windows moves the address of the adapter that the switch is bound to; the address that the file
    gives to the host's adapter on the switch takes its place, and may be the same.
    """
    wanted = net_adapter.casefold()
    return any(
        switch.ip_address is not None or any(own.ip_address for own in switch.additional_adapters)
        for switch in index.topology.switches
        if switch.switch_type is SwitchType.EXTERNAL
        and wanted in (name.casefold() for name in switch.net_adapters)
    )


def _adapter_holders(index: TopologyIndex) -> Iterator[AddressHolder]:
    for place in index.adapters:
        address, gateway = place.adapter.ip_address, place.adapter.gateway
        if not address:
            continue
        bound = index.external_switches.get(place.keys) if index.external_switches else None
        if bound is None:
            domain = index.domain(place)
        else:
            domain = None if index.is_address_replaced(place) else index.own_domain(bound)
        if domain:
            yield _holder(place.machine, place, address, gateway, domain)


def _gateways_in_file(index: TopologyIndex) -> Iterator[DefaultGateway]:
    for holder in index.holders:
        if holder.gateway is not None:
            yield DefaultGateway(holder.machine, holder.owner, holder.domain, holder.gateway)


def _gateways_from_dhcp(index: TopologyIndex) -> Iterator[DefaultGateway]:
    """Yield the gateways that adapters get by DHCP, even if their address is not known.

    A server of the file assigns the router of its scope; the DHCP server of a physical network is
    not known.
    """
    servers: dict[BroadcastDomain, list[DhcpServerPlace]] = defaultdict(list)
    for served in index.dhcp_servers:
        if served.domain is not None and served.address:
            servers[served.domain].append(served)
    for place in index.adapters:
        if not place.adapter.dhcp or place.adapter.ip_address or index.is_address_replaced(place):
            continue
        bound = index.external_switches.get(place.keys)
        domain = index.own_domain(bound) if bound is not None else index.domain(place)
        if domain is None:
            continue
        known = [each for each in servers.get(domain, ()) if each.machine != place.machine]
        is_open = index.is_open(domain)
        if known or is_open:
            server = known[0] if len(known) == 1 and not is_open else None
            given = server.server.router if server else None
            if server is not None and given is None:
                continue  # it gives its clients no router
            yield DefaultGateway(place.machine, place, domain, given, by_dhcp=True, server=server)
