"""The IPv4 stack of a machine: addresses, metrics, and the adapters on its own switches."""

from __future__ import annotations

from nestlab.simulator.behaviour.hyper_v_role import free_mac
from nestlab.simulator.behaviour.naming import free_name
from nestlab.simulator.behaviour.network.automatic_address import automatic_address
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import IPInterface, NetAdapter, NetIPAddress
from nestlab.simulator.state.virtual_machine import HyperV, VirtualSwitch, VMNetworkAdapter

DEFAULT_ROUTE = "0.0.0.0/0"
ON_LINK = "0.0.0.0"  # noqa: S104  # the next hop of a route to a directly connected network

MANAGEMENT_DESCRIPTION = "Hyper-V Virtual Ethernet Adapter"


def addresses_of(adapter: NetAdapter) -> list[NetIPAddress]:
    """Return the addresses that an adapter has now.

    An adapter whose DHCP request was not answered has an automatic private address, 169.254.x.y.
    """
    if adapter.bound_switch or not adapter.enabled:
        return []
    if adapter.ip.addresses or not adapter.ip.dhcp:
        return adapter.ip.addresses
    return [automatic_address(adapter)]


def automatic_metric(adapter: NetAdapter) -> int:
    """Return the automatic metric of an interface, which Windows 10 derives from the speed.

    It is 15 from 10 Gbps on, the speed of virtual adapters; physical ones have 1 Gbps here, and 25.
    """
    return 15 if adapter.kind != "physical" else 25


def has_ipv4(adapter: NetAdapter) -> bool:
    """Whether the machine uses IPv4 on an adapter.

    It does not on a disabled adapter, nor on one that an External switch is bound to.
    """
    return not adapter.bound_switch and adapter.enabled


def interface_metric(adapter: NetAdapter) -> int:
    """Return the effective metric of an interface."""
    return (
        automatic_metric(adapter)
        if adapter.ip.interface_metric is None
        else adapter.ip.interface_metric
    )


def add_management_adapter(
    machine: Machine, hyper_v: HyperV, switch: VirtualSwitch, name: str | None = None
) -> NetAdapter:
    """Add a management adapter to a switch: ``vEthernet (<name>)``.

    The first one on an External switch takes over the MAC address and all IP settings of the
    adapter that the switch is bound to.
    """
    world = machine.world
    name = name or switch.name
    device_id = "{" + world.new_id().upper() + "}"
    virtual = VMNetworkAdapter(
        id=f"Microsoft:{world.new_id().upper()}\\{device_id.strip('{}')}",
        name=name,
        switch_id=switch.id,
        switch_name=switch.name,
        device_id=device_id,
    )
    names = {adapter.name for adapter in machine.adapters}
    descriptions = {adapter.interface_description for adapter in machine.adapters}
    adapter = NetAdapter(
        name=free_name(f"vEthernet ({name})", names, " {}"),
        interface_description=free_name(MANAGEMENT_DESCRIPTION, descriptions, " #{}"),
        interface_index=world.new_interface_index(),
        mac_address="",
        device_id=device_id,
        kind="management",
        port=virtual.id,
    )
    uplink = uplink_of(machine, switch)
    takes_over = uplink is not None and not any(
        own.switch_id == switch.id for own in hyper_v.management_adapters
    )
    if uplink is not None and takes_over:
        virtual.mac_address = uplink.mac_address
        _transfer(machine, uplink.ip, adapter)
        uplink.ip = IPInterface(dhcp=False)
    else:
        virtual.mac_address = free_mac(hyper_v)
    adapter.mac_address = virtual.mac_address
    hyper_v.management_adapters.append(virtual)
    machine.adapters.append(adapter)
    return adapter


def remove_management_adapter(machine: Machine, hyper_v: HyperV, virtual: VMNetworkAdapter) -> None:
    """Remove a management adapter from its switch.

    On an External switch its IP settings return to the adapter that the switch is bound to.
    """
    own = management_net_adapter(machine, virtual)
    switch = hyper_v.switch(virtual.switch_id)
    uplink = uplink_of(machine, switch) if switch else None
    if own is not None:
        others = [
            adapter
            for adapter in hyper_v.management_adapters
            if adapter.switch_id == virtual.switch_id and adapter is not virtual
        ]
        # The settings of the adapter that took them over may have returned already.
        left = not others and uplink is not None and not _has_settings(uplink)
        if uplink is not None and (own.mac_address == uplink.mac_address or left):
            _transfer(machine, own.pending_ip or own.ip, uplink)
        machine.adapters.remove(own)
    hyper_v.management_adapters.remove(virtual)


def _has_settings(adapter: NetAdapter) -> bool:
    return bool(adapter.ip.addresses or adapter.ip.dhcp or adapter.pending_ip)


def _transfer(machine: Machine, settings: IPInterface, target: NetAdapter) -> None:
    """Transfer IP settings to another adapter, with the delay that the scenario sets."""
    seconds = machine.world.quirks.address_move_seconds
    if seconds <= 0:
        target.ip = settings
        return
    target.ip = IPInterface(dhcp=False)
    target.pending_ip = settings
    target.pending_ip_at = machine.world.clock.now + seconds


def complete_address_transfers(host: Machine, now: float) -> None:
    """Apply the IP settings whose transfer is complete.

    An adapter that has received other addresses in the meantime keeps those.
    """
    if host.world.quirks.address_move_seconds <= 0:
        return  # transfers are immediate, so a thousand guests need not be searched
    for _, _, machine in host.machines():
        for adapter in machine.adapters:
            if adapter.pending_ip is not None and adapter.pending_ip_at <= now:
                adapter.ip = adapter.ip if adapter.ip.addresses else adapter.pending_ip
                adapter.pending_ip = None


def management_net_adapter(machine: Machine, virtual: VMNetworkAdapter) -> NetAdapter | None:
    """Return the adapter in Windows with the same DeviceId as a management adapter of Hyper-V."""
    return next(
        (adapter for adapter in machine.adapters if adapter.device_id == virtual.device_id), None
    )


def uplink_of(machine: Machine, switch: VirtualSwitch) -> NetAdapter | None:
    """Return the adapter that an External switch is bound to; of a team, the first member."""
    return next(
        (adapter for adapter in machine.adapters if adapter.device_id in switch.net_adapters), None
    )
