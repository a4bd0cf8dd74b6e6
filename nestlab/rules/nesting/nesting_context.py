"""A machine, a VM on it, and Windows in that VM, with the connections of their networks."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import (
    HostState,
    IPInterfaceState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    management_alias,
)
from nestlab.model.topology import VM, NetworkAdapter, Switch

LARGEST_MTU = (1 << 16) - 1  # of an IPv4 packet; the loopback interface has a larger one


@dataclass(frozen=True)
class NestingContext:
    """A machine, one of its VMs, and the machine in that VM.

    `declared` is the VM in the topology; None without a topology, or one that does not have it.
    """

    outer: HostState
    vm: VirtualMachineState
    inner: HostState
    declared: VM | None = None

    @property
    def wants_nesting(self) -> bool:
        """Whether the topology declares the VM as a nested host."""
        return self.declared is not None and self.declared.nested is not None

    def declared_adapter(self, link: AdapterLink) -> NetworkAdapter | None:
        """Return what the topology declares for an adapter of the VM; None if that is not known.

        The settings of an adapter that an External switch of the VM is bound to are those of its
        own adapter on the switch.
        """
        bound = [name for switch in self._own_switches for name in switch.net_adapters]
        return next(
            (
                adapter
                for adapter in (self.declared.network_adapters if self.declared else ())
                if same_name(adapter.name, link.adapter.name)
                and not any(same_name(adapter.name, name) for name in bound)
            ),
            None,
        )

    @property
    def _own_switches(self) -> tuple[Switch, ...]:
        return self.declared.switches if self.declared is not None else ()

    @property
    def links(self) -> Iterator[AdapterLink]:
        """The adapters of the VM that have an IPv4 interface in its Windows."""
        switches = {
            switch.id: switch
            for switch in (self.outer.hyper_v.switches if self.outer.hyper_v else ())
        }
        for adapter in self.vm.network_adapters:
            switch, interface = switches.get(adapter.switch_id), _interface(self.inner, adapter)
            if adapter.connected and switch is not None and interface is not None:
                yield AdapterLink(
                    adapter, switch, interface, management_interface(self.outer, switch)
                )

    def largest_mtu(self) -> int:
        """Return the largest MTU of the outer machine; 0 if not known.

        It applies to adapters on a switch on which the machine has no adapter.
        """
        return max(
            (i.nl_mtu for i in self.outer.ip_interfaces if i.nl_mtu <= LARGEST_MTU), default=0
        )


@dataclass(frozen=True)
class AdapterLink:
    """An adapter of a VM, with its switch and its interface inside.

    `host_interface` is the outer machine's own interface on that switch.
    """

    adapter: NetworkAdapterState
    switch: SwitchState
    interface: IPInterfaceState
    host_interface: IPInterfaceState | None

    @property
    def host_address(self) -> IPv4Interface | None:
        """The outer machine's address on the switch."""
        return (
            next(
                (
                    address
                    for address in self.host_interface.ip_addresses
                    if not address.is_link_local
                ),
                None,
            )
            if self.host_interface
            else None
        )

    @property
    def is_default_switch(self) -> bool:
        """Whether this is the Default Switch of Windows clients."""
        return self.switch.is_default_switch

    @property
    def addresses(self) -> tuple[IPv4Interface, ...]:
        """The addresses in the guest, static or from DHCP."""
        return tuple(
            address for address in self.interface.ip_addresses if not address.is_link_local
        )


def _interface(inner: HostState, adapter: NetworkAdapterState) -> IPInterfaceState | None:
    # The adapter of an External switch takes over the MAC address of the one below, and its IPv4
    # interface.
    names = {
        item.name
        for item in inner.net_adapters
        if plain_mac(item.mac_address) == plain_mac(adapter.mac_address)
    }
    return next(
        (interface for interface in inner.ip_interfaces if interface.interface_alias in names), None
    )


def management_interface(state: HostState, switch: SwitchState) -> IPInterfaceState | None:
    """Return a machine's own IPv4 interface on one of its switches."""
    alias = management_alias(state, switch.name)
    return next(
        (interface for interface in state.ip_interfaces if interface.interface_alias == alias), None
    )


def free_address(nesting: NestingContext, host_address: IPv4Interface) -> IPv4Interface | None:
    """Return the lowest address of a network that is free on the machine and its VMs."""
    vms = nesting.outer.hyper_v.vms if nesting.outer.hyper_v else ()
    taken = {text for vm in vms for adapter in vm.network_adapters for text in adapter.ip_addresses}
    found: IPv4Address | None = next(
        (
            ip
            for ip in host_address.network.hosts()
            if ip != host_address.ip and str(ip) not in taken
        ),
        None,
    )
    return None if found is None else IPv4Interface((found, host_address.network.prefixlen))
