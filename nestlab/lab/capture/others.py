"""Entries that others made on what a topology owns: left out of its capture, and listed.

Adapters of the management OS, port forwards, reservations, addresses and routes carry no mark, so
nothing on a machine says who made them. The journals of the topology do. Where none is on this
computer, it is not known, and the entries are in the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import IPv4Address

from nestlab.dataclass import dataclass, field, replace
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import is_marked, is_owned_by_name, nat_name
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import (
    DhcpReservationState,
    DhcpScopeState,
    HostState,
    IPInterfaceState,
    NetworkAdapterState,
    SwitchState,
    management_alias,
)
from nestlab.plan import (
    MadeEntry,
    address_text,
    forward_text,
    gateway_text,
    on_switch_text,
    port_forward,
    reservation,
    reservation_text,
    route_text,
)
from nestlab.plan.made_entries import address_entry, management_adapter_entry, route_entry
from nestlab.texts import tr
from nestlab.visible import visible

Mapping = tuple[str, int, IPv4Address, int]
"""A port forward, as `NatState` has them."""


@dataclass
class OwnEntries:
    """Reduces the states of machines to the entries that runs of a topology made.

    `made` has these entries; None where no journal of the topology is on this computer. Then
    nothing is left out. `losses` lists what was left out, `not_known` the entries of the file of
    which it is not known who made them.
    """

    topology: str
    made: Collection[MadeEntry] | None
    losses: list[str] = field(default_factory=list)
    not_known: list[str] = field(default_factory=list)

    def reduced(self, path: MachinePath, state: HostState) -> HostState:
        """Return a state without the entries of others on switches with the topology's mark.

        A switch that was adopted is the topology's with all that is on it.
        """
        if state.hyper_v is None:
            return state
        for switch in state.hyper_v.switches:
            adopted = management_adapter_entry(path, switch.name, "")
            if is_marked(switch.notes, self.topology) and adopted not in (self.made or ()):
                on_switch = _OnSwitch(self, path, switch)
                state = on_switch.without_forwards(state)
                state = on_switch.without_reservations(state)
                state = on_switch.without_adapters(state)
        return self._without_services_of_others(path, state)

    def _without_services_of_others(self, path: MachinePath, state: HostState) -> HostState:
        """Return a state without NATs and DHCP scopes whose names are not of the topology.

        Those for a network of its switches are listed; the others serve switches of others.
        """
        aliases = {
            (management_alias(state, switch.name) or "").casefold()
            for switch in (state.hyper_v.switches if state.hyper_v else ())
            if is_marked(switch.notes, self.topology)
        }
        interfaces = (e for e in state.ip_interfaces if e.interface_alias.casefold() in aliases)
        own = [each for interface in interfaces for each in interface.ip_addresses]
        why = tr(
            "left out, because it does not have a name that nestlab gives to one of {topology}: it may be another user's",
            topology=self.topology,
        )
        nats, scopes = [], []
        for nat in state.nats:
            if is_owned_by_name(nat.name, self.topology):
                nats.append(nat)
            elif any(each.ip in nat.internal_prefix for each in own):
                self._left_out(path, f"NAT {nat.name} ({nat.internal_prefix})", why)
        for scope in state.dhcp_scopes:
            if is_owned_by_name(scope.name, self.topology):
                scopes.append(scope)
            elif any(scope.scope_id in each.network for each in own):
                subject = tr("DHCP scope {scope}", scope=f"{scope.name} ({scope.scope_id})")
                self._left_out(path, subject, why)
        return replace(state, nats=tuple(nats), dhcp_scopes=tuple(scopes))

    def _left_out(self, path: MachinePath, subject: str, why: str) -> None:
        self.losses.append(self._line(path, f"{subject}: {why}"))

    def _line(self, path: MachinePath, text: str) -> str:
        """Return a line with the machine's name, unless that is the host."""
        line = f"{path_text(path)}: {text}" if path else text
        return " ".join(visible(line).split())

    def keeps(self, path: MachinePath, entry: MadeEntry, subject: str) -> bool:
        """Whether an entry stays in the state; it is listed if no run is known to have made it."""
        if self.made is None:
            self.not_known.append(self._line(path, subject))
        elif entry not in self.made:
            why = tr(
                "left out, because no run of {topology} made it, as the journals here show: it may be another user's",
                topology=self.topology,
            )
            self._left_out(path, subject, why)
            return False
        return True

    def lines(self) -> tuple[str, ...]:
        """Return a line about the entries of which it is not known who made them, if any."""
        if not self.not_known:
            return ()
        line = tr(
            "No journal of {topology} is on this computer, so it is not known who made these entries; they are in the file: {entries}",
            topology=self.topology,
            entries="; ".join(self.not_known),
        )
        return (" ".join(visible(line).split()),)


@dataclass(frozen=True)
class _OnSwitch:
    """The entries on one switch of the topology."""

    own: OwnEntries
    path: MachinePath
    switch: SwitchState

    def _keeps(self, entry: MadeEntry, subject: str) -> bool:
        return self.own.keeps(self.path, entry, subject)

    @property
    def _service_name(self) -> str:
        return nat_name(self.own.topology, self.switch.name)

    def without_forwards(self, state: HostState) -> HostState:
        """Return the state without the port forwards of others in the NAT of the switch."""
        nats = tuple(
            replace(nat, static_mappings=tuple(self._own_mappings(nat.name, nat.static_mappings)))
            if same_name(nat.name, self._service_name)
            else nat
            for nat in state.nats
        )
        return replace(state, nats=nats)

    def _own_mappings(self, nat: str, mappings: Collection[Mapping]) -> Iterator[Mapping]:
        for each in mappings:
            subject = on_switch_text(forward_text(*each), self.switch.name)
            if self._keeps(port_forward(self.path, nat, each), subject):
                yield each

    def without_reservations(self, state: HostState) -> HostState:
        """Return the state without reservations of others; those for VMs of the state stay."""
        scopes = tuple(
            replace(scope, reservations=tuple(self._own_reservations(state, scope)))
            if scope.reservations and same_name(scope.name, self._service_name)
            else scope
            for scope in state.dhcp_scopes
        )
        return replace(state, dhcp_scopes=scopes)

    def _own_reservations(
        self, state: HostState, scope: DhcpScopeState
    ) -> Iterator[DhcpReservationState]:
        vms = state.hyper_v.vms if state.hyper_v else ()
        macs = {plain_mac(each.mac_address) for vm in vms for each in vm.network_adapters}
        for each in scope.reservations or ():
            mac = plain_mac(each.mac_address)
            entry = reservation(self.path, scope.scope_id, each.mac_address, each.ip_address)
            subject = on_switch_text(reservation_text(each), self.switch.name)
            if mac in macs or self._keeps(entry, subject):
                yield each

    def without_adapters(self, state: HostState) -> HostState:
        """Return the state without adapters of others, and without what they added to the rest.

        The main adapter of a switch, which has its name or is the first, is created with it.
        """
        if state.hyper_v is None:
            return state
        all_adapters = state.hyper_v.management_adapters
        adapters = [each for each in all_adapters if each.switch_id == self.switch.id]
        named = [each for each in adapters if same_name(each.name, self.switch.name)]
        main = (named or adapters)[:1]
        gone = [a for a in adapters if a not in main and not self._keeps_adapter(state, a)]
        aliases = {each.id: self._alias(state, each) for each in adapters}
        aliases_gone = [aliases[each.id] for each in gone]
        kept = [alias for alias in aliases.values() if alias not in aliases_gone]
        interfaces = tuple(
            self._own_settings(each) if each.interface_alias.casefold() in kept else each
            for each in state.ip_interfaces
            if each.interface_alias.casefold() not in aliases_gone
        )
        left = tuple(each for each in all_adapters if each not in gone)
        hyper_v = replace(state.hyper_v, management_adapters=left)
        return replace(state, ip_interfaces=interfaces, hyper_v=hyper_v)

    def _alias(self, state: HostState, adapter: NetworkAdapterState) -> str:
        return (management_alias(state, self.switch.name, adapter.name) or "").casefold()

    def _keeps_adapter(self, state: HostState, adapter: NetworkAdapterState) -> bool:
        alias = self._alias(state, adapter)
        found = (e for e in state.ip_interfaces if e.interface_alias.casefold() == alias)
        with_it = [text for each in found for text in _settings_of(each)]
        name, switch = adapter.name, self.switch.name
        subject = (
            tr(
                "adapter {adapter} of the machine on switch {switch} ({settings})",
                adapter=name,
                switch=switch,
                settings=", ".join(with_it),
            )
            if with_it
            else tr(
                "adapter {adapter} of the machine on switch {switch}", adapter=name, switch=switch
            )
        )
        return self._keeps(management_adapter_entry(self.path, switch, name), subject)

    def _own_settings(self, interface: IPInterfaceState) -> IPInterfaceState:
        """Return an interface without the routes of others, and without their further addresses.

        An address of others counts as further where the interface has one that a run made. An
        External switch has its address from the adapter that it is bound to.
        """
        alias, path = interface.interface_alias, self.path
        addresses = interface.ip_addresses
        made = self.own.made or ()
        has_own = any(address_entry(path, each.ip) in made for each in addresses)
        if has_own:
            addresses = tuple(
                each
                for each in addresses
                if each.ip.is_link_local
                or self._keeps(address_entry(path, each.ip), address_text(each, alias))
            )
        routes = tuple(
            (to, via)
            for to, via in interface.routes
            if not (to.prefixlen or has_own)
            or self._keeps(
                route_entry(path, to, via),
                route_text(to, via, alias) if to.prefixlen else gateway_text(via, alias),
            )
        )
        metrics = tuple(each for each in interface.route_metrics if each[:2] in routes)
        return replace(interface, ip_addresses=addresses, routes=routes, route_metrics=metrics)


def _settings_of(interface: IPInterfaceState) -> Iterator[str]:
    """Yield the addresses of an adapter, and its routes as phrases."""
    yield from (str(each) for each in interface.ip_addresses if not each.is_link_local)
    for to, via in interface.routes:
        if to.prefixlen:
            yield tr("route to {destination} via {next_hop}", destination=to, next_hop=via)
