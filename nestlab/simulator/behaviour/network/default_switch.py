"""The Default Switch of Windows clients.

Internet Connection Sharing gives its VMs addresses and internet access, with a new address range at
each start of the host.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Interface, IPv4Network

from nestlab.simulator.behaviour.localization import DEFAULT_SWITCH, name_in
from nestlab.simulator.behaviour.network.ip_stack import (
    add_management_adapter,
    management_net_adapter,
)
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import DhcpScope, IPInterface, NetIPAddress
from nestlab.simulator.state.virtual_machine import DEFAULT_SWITCH_ID, VirtualSwitch

_FIRST_BUILD = 16237
_WORKSTATION = 1
_PREFIX_LENGTH = 20


def renew(machine: Machine) -> None:
    """Assign a new address range to the Default Switch; create it first if it does not exist.

    Only Windows clients from build 16237 on have one.
    """
    hyper_v, system = machine.hyper_v, machine.operating_system
    if hyper_v is None or system.product_type != _WORKSTATION or system.build < _FIRST_BUILD:
        return
    switch = hyper_v.switch(DEFAULT_SWITCH_ID)
    if switch is None:
        switch = VirtualSwitch(
            DEFAULT_SWITCH_ID, name_in(machine.world.quirks.language, DEFAULT_SWITCH), "Internal"
        )
        hyper_v.switches.append(switch)
        machine.world.dhcp_servers[id(machine)] = machine
        add_management_adapter(machine, hyper_v, switch)
    own = next(
        (
            adapter
            for adapter in hyper_v.management_adapters
            if adapter.switch_id == DEFAULT_SWITCH_ID
        ),
        None,
    )
    adapter = management_net_adapter(machine, own) if own is not None else None
    if adapter is not None:
        network = _address_range(machine)
        adapter.ip = IPInterface(
            dhcp=False, addresses=[NetIPAddress(str(network[1]), network.prefixlen)]
        )
        _release_leases(machine)


def _address_range(machine: Machine) -> IPv4Network:
    digest = hashlib.sha256(f"{machine.world.seed}:{machine.booted_at}".encode()).digest()
    return IPv4Network(f"172.{16 + digest[0] % 16}.{digest[1] & 0xF0}.0/{_PREFIX_LENGTH}")


def _release_leases(machine: Machine) -> None:
    for vm in machine.hyper_v.vms if machine.hyper_v else ():
        ports = {
            adapter.id for adapter in vm.settings.adapters if adapter.switch_id == DEFAULT_SWITCH_ID
        }
        guest = machine.guest(vm)
        for adapter in guest.adapters if guest else ():
            if adapter.port in ports:
                adapter.ip.release()


def host_interface(machine: Machine) -> IPv4Interface | None:
    """Return the host's address and network on its Default Switch; None if it has none."""
    for own in machine.hyper_v.management_adapters if machine.hyper_v else ():
        adapter = (
            management_net_adapter(machine, own) if own.switch_id == DEFAULT_SWITCH_ID else None
        )
        if adapter is not None and adapter.ip.addresses:
            first = adapter.ip.addresses[0]
            return IPv4Interface(f"{first.address}/{first.prefix_length}")
    return None


def dhcp_scope(address: IPv4Interface) -> DhcpScope:
    """Return the DHCP scope of Internet Connection Sharing.

    The gateway and the name server are the host's own address on the switch.
    """
    network = address.network
    return DhcpScope(
        scope_id=str(network.network_address),
        name=DEFAULT_SWITCH,
        start=str(network[2]),
        end=str(network[-2]),
        subnet_mask=str(network.netmask),
        router=[str(address.ip)],
        dns_servers=[str(address.ip)],
    )
