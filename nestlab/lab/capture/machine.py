"""One machine that was read, with its declarations for a topology file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import dataclass, field, replace
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import (
    NEW_ROUTE_METRIC,
    HostState,
    IPInterfaceState,
    NetAdapterState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    is_management_adapter,
    management_alias,
)
from nestlab.model.topology import (
    DEFAULT_SWITCH,
    DhcpRange,
    DhcpReservation,
    Route,
    Switch,
)
from nestlab.plan import address_text, route_text
from nestlab.reachability import observed_switch
from nestlab.texts import tr


@dataclass(frozen=True, kw_only=True)
class CapturedMachine:
    """A machine with its state, reduced to what a file can hold.

    `as_vm` is the machine as its own host shows it, as a VM; None for the host (L0). `owner` is the
    topology of the captured objects; empty if they have none, or several. `record_loss` is called
    with a subject and a text for anything that the file cannot express. `manual_dns`: see
    `manual_dns_servers`.
    """

    path: MachinePath
    state: HostState
    as_vm: VirtualMachineState | None
    owner: str
    record_loss: Callable[[str, str], None]
    manual_dns: Mapping[str, tuple[IPv4Address, ...]] = field(default_factory=dict)

    @property
    def vms(self) -> tuple[VirtualMachineState, ...]:
        """Its VMs."""
        return self.state.hyper_v.vms if self.state.hyper_v else ()

    @property
    def observed_switches(self) -> tuple[SwitchState, ...]:
        """Its switches, as observed."""
        return self.state.hyper_v.switches if self.state.hyper_v else ()

    @property
    def subject(self) -> str:
        """Its machine path as text."""
        return path_text(self.path)

    def interface(self, alias: str | None) -> IPInterfaceState | None:
        """Return the IPv4 interface of this Windows name."""
        found = (
            i for i in self.state.ip_interfaces if alias and same_name(i.interface_alias, alias)
        )
        return next(found, None)

    def dns_servers(self, interface: IPInterfaceState) -> tuple[IPv4Address, ...]:
        """Return the DNS servers of an interface, without those that DHCP gave it.

        If these cannot be distinguished, it returns none, and records a loss.
        """
        if not (interface.dhcp and interface.dns_servers):
            return interface.dns_servers
        adapters = (
            each
            for each in self.state.net_adapters
            if same_name(each.name, interface.interface_alias)
        )
        adapter = next(adapters, None)
        found = self.manual_dns.get(adapter.device_id.lower()) if adapter else None
        if found is None:
            self.record_dns_not_known(
                self.subject, interface.interface_alias, interface.dns_servers
            )
        return found or ()

    def record_dns_not_known(
        self, subject: str, adapter: str, servers: tuple[IPv4Address, ...]
    ) -> None:
        """Record a loss: DNS servers of an adapter with DHCP, from the lease or set by hand."""
        text = tr(
            "{adapter} uses DHCP, and it is not known whether its DNS servers were set by hand, so they are not in the file: {servers}",
            adapter=adapter,
            servers=", ".join(map(str, servers)),
        )
        self.record_loss(subject, text)

    def net_adapter_of(self, adapter: NetworkAdapterState) -> NetAdapterState | None:
        """Return the Windows adapter that is this adapter of the VM, found by its MAC address."""
        mac = plain_mac(adapter.mac_address)
        if not mac.strip("0"):
            return None
        same = (a for a in self.state.net_adapters if plain_mac(a.mac_address) == mac)
        return next((a for a in same if not is_management_adapter(a)), None)

    def switches(self) -> Iterator[Switch]:
        """Yield its switches as a file declares them.

        The Default Switch is declared existing; so are switches of others if one topology is
        captured.
        """
        for switch in self.observed_switches:
            if self._is_existing(switch):
                yield Switch(name=self.name_in_file(switch), existing=True)
            else:
                declared = self._with_manual_dns(observed_switch(self.state, switch), switch.name)
                yield self._with_dhcp(self._with_adapters_of_vm(declared))

    def _is_existing(self, switch: SwitchState) -> bool:
        foreign = bool(self.owner) and not is_marked(switch.notes, self.owner)
        return switch.is_default_switch or foreign

    def name_in_file(self, switch: SwitchState) -> str:
        """Return the name of a switch in a file.

        The Default Switch has the same name in every language, unless another switch has that name.
        """
        taken = any(same_name(other.name, DEFAULT_SWITCH) for other in self.observed_switches)
        return DEFAULT_SWITCH if switch.is_default_switch and not taken else switch.name

    def _with_adapters_of_vm(self, switch: Switch) -> Switch:
        """Return a nested host's switch with the names that its VM's adapters have in the file."""
        if self.as_vm is None:
            return switch
        names = {
            found.name.casefold(): adapter.name
            for adapter in self.as_vm.network_adapters
            if (found := self.net_adapter_of(adapter))
        }
        bound = tuple(names.get(name.casefold(), name) for name in switch.net_adapters)
        return replace(switch, net_adapters=bound)

    def _with_manual_dns(self, switch: Switch, name: str) -> Switch:
        """Return a switch with the DNS servers set by hand on its adapters that use DHCP."""
        further = tuple(
            replace(own, dns_servers=servers)
            if (servers := self._dns_with_dhcp(management_alias(self.state, name, own.name)))
            else own
            for own in switch.management_adapters
        )
        servers = self._dns_with_dhcp(management_alias(self.state, name)) or switch.dns_servers
        return replace(switch, dns_servers=servers, management_adapters=further)

    def _dns_with_dhcp(self, alias: str | None) -> tuple[IPv4Address, ...]:
        interface = self.interface(alias)
        return self.dns_servers(interface) if interface and interface.dhcp else ()

    def _with_dhcp(self, switch: Switch) -> Switch:
        address = switch.ip_address
        return replace(switch, dhcp=self.scope_in(address)) if address else switch

    def scope_in(self, address: IPv4Interface, *, forwards: bool = True) -> DhcpRange | None:
        """Return the DHCP scope that it serves from an address; None if there is none.

        A router that the file implies is left out: the address itself, if the machine `forwards`.
        """
        found = (s for s in self.state.dhcp_scopes if s.scope_id in address.network)
        scope = next(found, None)
        if scope is None:
            return None
        routers = scope.routers or ()
        reservations = (
            DhcpReservation(ip_address=each.ip_address, mac_address=each.mac_address)
            for each in scope.reservations or ()
        )
        return DhcpRange(
            first=scope.start_range,
            last=scope.end_range,
            router=next((r for r in routers[:1] if r != address.ip or not forwards), None),
            dns_servers=scope.dns_servers or (),
            reservations=tuple(reservations),
        )

    def own_interfaces(self) -> list[IPInterfaceState]:
        """Return the interfaces that a file configures: those on switches, and a VM's adapters."""
        return self._interfaces_on(self.observed_switches)

    def _interfaces_on(self, switches: Iterable[SwitchState]) -> list[IPInterfaceState]:
        """Return the interfaces on some of the machine's switches, and a VM's adapters."""
        found = [self.interface(name) for each in switches for name in self._aliases_on(each)]
        if self.as_vm is not None:
            adapters = (self.net_adapter_of(adapter) for adapter in self.as_vm.network_adapters)
            found += [self.interface(adapter.name) for adapter in adapters if adapter]
        by_alias = {each.interface_alias.casefold(): each for each in found if each is not None}
        return list(by_alias.values())

    def _aliases_on(self, switch: SwitchState) -> Iterator[str | None]:
        """Yield the Windows names of the machine's own adapters on a switch, the main one first."""
        yield management_alias(self.state, switch.name)
        for own in self.state.hyper_v.management_adapters if self.state.hyper_v else ():
            if own.switch_id == switch.id:
                yield management_alias(self.state, switch.name, own.name)

    def forwards(self) -> bool:
        """Whether all interfaces that a file sets forward, without those on existing switches."""
        interfaces = self._forwarding_interfaces()
        return bool(interfaces) and all(each.forwarding for each in interfaces)

    def _forwarding_interfaces(self) -> list[IPInterfaceState]:
        return self._interfaces_on(s for s in self.observed_switches if not self._is_existing(s))

    def record_partial_forwarding(self) -> None:
        """Record a loss where only some of the interfaces that a file sets forward."""
        interfaces = self._forwarding_interfaces()
        on = [each.interface_alias for each in interfaces if each.forwarding]
        if on and len(on) < len(interfaces):
            text = tr(
                "forwards on {adapters} only; a file declares forwarding for all adapters",
                adapters=", ".join(on),
            )
            self.record_loss(self.subject, text)

    def routes(self) -> tuple[Route, ...]:
        """Return the static routes of the interfaces that a file configures.

        Default gateways are left out.
        """
        return tuple(
            Route(to=to, via=via) for each in self.own_interfaces() for to, via in _routes(each)
        )

    def record_losses_of_routes(self) -> None:
        """Record the routes on other interfaces, and the metrics, which a file cannot express."""
        own = self.own_interfaces()
        for each in self.state.ip_interfaces:
            for to, via in _routes(each) if each not in own else ():
                text = tr(
                    "left out, because the file does not configure this adapter; add it to `routes` if the lab needs it"
                )
                route = route_text(to, via, each.interface_alias)
                self.record_loss(self._within(route), text)
        for each in own:
            for to, via, metric in each.route_metrics:
                text = tr(
                    "its metric {metric} is not in the file, as nestlab adds routes with {default}",
                    metric=metric,
                    default=NEW_ROUTE_METRIC,
                )
                route = route_text(to, via, each.interface_alias)
                self.record_loss(self._within(route), text)

    def record_losses_of_addresses(self) -> None:
        """Record the further static addresses of interfaces that a file configures."""
        for each in self.own_interfaces():
            self.record_further_addresses(each)

    def record_further_addresses(self, interface: IPInterfaceState) -> None:
        """Record the further static addresses of an interface: a file has one of each adapter."""
        first = static_address(interface)
        for address in interface.ip_addresses:
            if first is None or address == first or address.ip.is_link_local:
                continue
            text = tr(
                "left out, because a file has one address of an adapter; declare an adapter of its own for it if the lab needs it"
            )
            self.record_loss(self._within(address_text(address, interface.interface_alias)), text)

    def _within(self, subject: str) -> str:
        """Return what is on this machine with the machine's name, unless that is the host."""
        return f"{self.subject}: {subject}" if self.path else subject


def _routes(interface: IPInterfaceState) -> Iterator[tuple[IPv4Network, IPv4Address]]:
    """Yield the routes of an interface without its default gateway."""
    return (route for route in interface.routes if route[0].prefixlen)


def static_address(interface: IPInterfaceState) -> IPv4Interface | None:
    """Return the address of an interface that was set by hand, or the first of several."""
    if interface.dhcp:
        return None
    return next((a for a in interface.ip_addresses if not a.ip.is_link_local), None)
