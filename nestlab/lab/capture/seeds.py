"""The cloud-init settings of Linux guests that nestlab set up.

A seed disk cannot be read while its VM uses it. Its file name has a digest of its contents, so
supposed settings can be checked: the correct ones give the same digest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from itertools import chain, islice, permutations, product
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.lab.capture.disks import seed_disks
from nestlab.lab.capture.levels import GuestCredentials, Levels, has_seed
from nestlab.lab.capture.machine import CapturedMachine
from nestlab.lab.capture.reported import ReportedGuests
from nestlab.lab.capture.seed_routes import possible_routes
from nestlab.lab.capture.seed_scopes import ScopeClues
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.spelling import same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState
from nestlab.model.topology import (
    VM,
    Guest,
    GuestNat,
    NetworkAdapter,
    Switch,
    Topology,
    Uplink,
)
from nestlab.plan import has_matching_seed
from nestlab.texts import tr

_ATTEMPTS = 5000
"""The limit of combinations of settings that are tried for one VM, a few milliseconds each."""
_ATTEMPTS_WITH_SCOPES = 100
"""The limit for combinations of reported settings that a DHCP scope is tried with."""
_ATTEMPTS_WITH_ROUTES = 2000
"""The limit for combinations of reported settings and possible routes."""


def with_seed_settings(
    topology: Topology,
    machines: dict[MachinePath, CapturedMachine],
    levels: Levels,
) -> Topology:
    """Return a topology with the settings of its Linux guests that their seed disks confirm.

    It tries what the guests report, this with a DHCP scope, this with static routes, then their
    addresses with the networks, gateways, DNS servers and credentials that the capture knows, with
    and without forwarding. If no combination matches, the seed disk is declared as a data disk, so
    that the plan leaves it attached, and a loss is recorded.
    """
    known = _KnownSettings.of(topology, machines, levels.credentials, levels.reported)
    found = machines.values()
    scopes = ScopeClues.of(found, levels.reported, known.addresses, known.dns_servers)
    finder = _SeedMatcher(machines, known, levels.reported, scopes)
    return replace(topology, vms=tuple(finder.vms(HOST, topology.vms)))


@dataclass(frozen=True)
class _KnownSettings:
    """Values from the rest of the capture, of which settings of a guest are composed."""

    addresses: tuple[IPv4Interface, ...]
    gateways: tuple[IPv4Address, ...]
    dns_servers: tuple[tuple[IPv4Address, ...], ...]
    credentials: GuestCredentials
    routers: tuple[IPv4Address, ...] = ()  # addresses of VMs with several adapters
    networks: tuple[IPv4Network, ...] = ()  # of switches and adapters, and those that guests report

    @classmethod
    def of(
        cls,
        topology: Topology,
        machines: Mapping[MachinePath, CapturedMachine],
        credentials: GuestCredentials,
        reported: ReportedGuests,
    ) -> _KnownSettings:
        """Return the addresses, gateways and DNS servers of all machines of a topology."""
        switches = [switch for _, machine in topology.hosts() for switch in machine.switches]
        adapters = [
            adapter
            for _, machine in topology.machines()
            if isinstance(machine, VM)
            for adapter in machine.network_adapters
        ]
        found: list[Switch | NetworkAdapter] = [*switches, *adapters]
        with_gateway: list[Switch | NetworkAdapter | Uplink] = [*found, *topology.uplinks]
        addresses = tuple(dict.fromkeys(e.ip_address for e in with_gateway if e.ip_address))
        own = [each.ip_address for each in found if each.ip_address]
        reported_networks = [
            each for adapter in reported.adapters.values() for each in adapter.addresses
        ]
        return cls(
            addresses=addresses,
            gateways=tuple(dict.fromkeys(e.gateway for e in with_gateway if e.gateway)),
            dns_servers=tuple(dict.fromkeys(each.dns_servers for each in found)),
            credentials=credentials,
            routers=tuple(dict.fromkeys(_addresses_of_routers(machines.values()))),
            networks=tuple(dict.fromkeys(each.network for each in (*own, *reported_networks))),
        )

    def networks_with(self, address: IPv4Address) -> list[IPv4Network]:
        """Return the networks that an address may belong to, the likeliest first."""
        known = [each.network for each in self.addresses if address in each.network]
        usual = [IPv4Interface((address, prefix)).network for prefix in (24, 16, 8)]
        return list(dict.fromkeys((*known, *usual)))

    def gateways_in(self, network: IPv4Network) -> list[IPv4Address | None]:
        """Return the addresses that may be the gateway of a network, the likeliest first."""
        named = [each for each in self.gateways if each in network]
        others = [each.ip for each in self.addresses if each.ip in network]
        others += [each for each in self.routers if each in network]
        return list(dict.fromkeys((*named, None, *others)))


def _addresses_of_routers(machines: Iterable[CapturedMachine]) -> Iterator[IPv4Address]:
    """Yield the addresses that VMs with several adapters report: one may be a gateway."""
    for machine in machines:
        for vm in machine.vms:
            if len(vm.network_adapters) > 1:
                for adapter in vm.network_adapters:
                    yield from (IPv4Address(ip) for ip in adapter.ip_addresses if ":" not in ip)


def _routing(adapters: tuple[NetworkAdapter, ...]) -> Iterator[dict[str, Any]]:
    """Yield the ways that a guest may route between adapters: none, forwarding, or a NAT."""
    yield {"forwarding": False}
    yield {"forwarding": True}
    for inside, outside in permutations(adapters, 2):
        if inside.ip_address is not None:
            nat = GuestNat(inside=inside.ip_address.network, outside=outside.name)
            yield {"forwarding": False, "nat": nat}


def _plain(adapter: NetworkAdapter) -> NetworkAdapter:
    return replace(adapter, ip_address=None, gateway=None, dns_servers=(), dhcp=False)


@dataclass(frozen=True)
class _Combinations:
    """The combinations of a VM with these guests and with settings of its adapters."""

    vm: VM
    guests: tuple[Guest, ...]

    def settings(
        self,
        adapters: Iterable[Iterable[NetworkAdapter]],
        routing: Callable[[tuple[NetworkAdapter, ...]], Iterator[dict[str, Any]]],
    ) -> Iterator[VM]:
        """Yield the VM with each combination; `routing` yields the ways it may route."""
        # Not one product of all: that would hold every combination of adapters in memory.
        for chosen in product(*adapters):
            for routes, guest in product(routing(chosen), self.guests):
                yield replace(self.vm, guest=guest, network_adapters=chosen, **routes)


@dataclass(frozen=True)
class _SeedMatcher:
    machines: dict[MachinePath, CapturedMachine]
    known: _KnownSettings
    reported: ReportedGuests
    scopes: ScopeClues

    def vms(self, path: MachinePath, vms: tuple[VM, ...]) -> Iterator[VM]:
        """Yield the VMs of a machine, and those inside them, with confirmed settings."""
        observed = {vm.name: vm for vm in self.machines[path].vms} if path in self.machines else {}
        for vm in vms:
            inner = (*path, vm.name)
            nested = vm.nested and replace(vm.nested, vms=tuple(self.vms(inner, vm.vms)))
            found = replace(vm, nested=nested)
            current = observed.get(vm.name)
            yield self._confirmed(inner, found, current) if current and has_seed(current) else found

    def _confirmed(self, path: MachinePath, vm: VM, current: VirtualMachineState) -> VM:
        for candidate in self._candidates(path, vm, current):
            if has_matching_seed(candidate, current):
                return candidate
        kept = seed_disks(self.machines[path[:-1]], current)
        self.machines[HOST].record_loss(
            f"VM {path_text(path)}",
            tr(
                "the settings on its seed disk could not be determined, so the file names the disk, {path}: replace it with guest: {{os: linux, cloud_init: true, credential: ...}}, addresses, routes, gateway, DNS servers and dhcp_server to build this lab on another host",
                path=", ".join(str(each.path) for each in kept),
            ),
        )
        return replace(vm, disks=(*vm.disks, *kept))

    def _candidates(self, path: MachinePath, vm: VM, current: VirtualMachineState) -> Iterator[VM]:
        names = dict.fromkeys(
            (self.known.credentials.of(path), *self.known.credentials.names, None)
        )
        own_name = self.reported.name_of(current.id)
        computers = [None, own_name] if own_name and own_name != vm.name else [None]
        guests = [
            Guest(os="linux", cloud_init=True, credential=name, computer_name=computer)
            for computer in computers
            for name in names
        ]
        pairs = [
            (adapter, observed)
            for adapter in vm.network_adapters
            for observed in current.network_adapters
            if same_name(adapter.name, observed.name)
        ]
        reported = [tuple(self._reported(*pair)) for pair in pairs]
        guessed = [self._guessed(*pair) for pair in pairs]
        of = _Combinations(vm, tuple(guests))
        yield from islice(of.settings(reported, _routing), _ATTEMPTS)
        reported_vms = islice(of.settings(reported, _routing), _ATTEMPTS_WITH_SCOPES)
        yield from self.scopes.matching(reported_vms, current)
        yield from islice(of.settings(reported, self._routes), _ATTEMPTS_WITH_ROUTES)
        yield from islice(of.settings(map(chain, reported, guessed), _routing), _ATTEMPTS)

    def _routes(self, adapters: tuple[NetworkAdapter, ...]) -> Iterator[dict[str, Any]]:
        forwards = len(adapters) > 1
        for routes in possible_routes(adapters, self.known.networks, self.known.routers):
            yield {"forwarding": forwards, "routes": routes}
            yield {"forwarding": not forwards, "routes": routes}

    def _reported(
        self, adapter: NetworkAdapter, observed: NetworkAdapterState
    ) -> Iterator[NetworkAdapter]:
        """Yield an adapter with the settings that its guest reports."""
        plain, report = _plain(adapter), self.reported.of_adapter(observed.id)
        for own in report.addresses:
            with_address = replace(plain, ip_address=own, dns_servers=report.dns_servers)
            if report.gateway is not None:
                yield replace(with_address, gateway=report.gateway)
            yield with_address
        if not report.addresses:
            yield plain
        if report.dhcp is not False:
            yield replace(plain, dhcp=True)

    def _guessed(
        self, adapter: NetworkAdapter, observed: NetworkAdapterState
    ) -> Iterator[NetworkAdapter]:
        """Yield an adapter with each setting that it may have, the likeliest first."""
        plain = _plain(adapter)
        for text in observed.ip_addresses:
            if ":" in text:
                continue
            address = IPv4Address(text)
            for network in self.known.networks_with(address):
                own = IPv4Interface((address, network.prefixlen))
                for gateway in self.known.gateways_in(network):
                    for servers in self._servers(gateway):
                        yield replace(plain, ip_address=own, gateway=gateway, dns_servers=servers)
        yield plain
        yield replace(plain, dhcp=True)

    def _servers(self, gateway: IPv4Address | None) -> list[tuple[IPv4Address, ...]]:
        own = ((gateway,),) if gateway else ()
        return list(dict.fromkeys((*self.known.dns_servers, (), *own)))
