"""What a file says about the inside of a guest: its operating system, name and addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.dataclass import replace
from nestlab.lab.capture.guest_roles import features_of, guest_nat_of, with_dhcp_server
from nestlab.lab.capture.key_settings import captured_settings
from nestlab.lab.capture.levels import has_seed
from nestlab.lab.capture.machine import CapturedMachine, static_address
from nestlab.lab.capture.reported import ReportedAdapter
from nestlab.model import path_text
from nestlab.model.first_boot_note import first_boot_of
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    HostState,
    NetworkAdapterState,
    VirtualMachineState,
    management_alias,
)
from nestlab.model.topology import VM, Guest, NetworkAdapter, is_computer_name
from nestlab.reachability import first_address
from nestlab.reachability.observed_ports import vlan_of
from nestlab.texts import tr
from nestlab.topology_file.keys import ADAPTER_SETTINGS


def guest_of(
    vm: VirtualMachineState,
    inside: CapturedMachine | None,
    credential: str | None,
    *,
    has_seed: bool,
) -> Guest:
    """Return the guest of a VM; `inside` is the state of Windows in it, None if it was not read.

    Without it, a first-boot line in the Notes shows that nestlab set up Windows, and a seed disk
    that it set up Linux; any other system is not known.
    """
    first = first_boot_of(vm.notes)
    if inside is None and first is None:
        return Guest(os="linux" if has_seed else "none")
    name = inside.state.computer.name if inside else ""
    return Guest(
        os="windows",
        credential=credential,
        computer_name=name if is_computer_name(name) else None,
        language=first.language if first else None,
        time_zone=first.time_zone if first else None,
    )


def with_guest_settings(vm: VM, inside: CapturedMachine) -> VM:
    """Return a VM with what was read in its guest: routing, NAT, DHCP, features, ping replies."""
    nat = guest_nat_of(vm, inside)
    forwards = nat is not None or inside.forwards()
    adapters = tuple(
        with_dhcp_server(each, inside, forwards=forwards) for each in vm.network_adapters
    )
    return replace(
        vm,
        guest=replace(vm.guest, features=features_of(inside, nat, adapters)),
        network_adapters=adapters,
        nat=nat,
        forwarding=nat is None and inside.forwards(),
        routes=inside.routes(),
        answers_ping=inside.state.answers_ping is not False,
    )


def adapter_of(
    machine: CapturedMachine,
    vm: VirtualMachineState,
    adapter: NetworkAdapterState,
    inside: CapturedMachine | None,
    reported: ReportedAdapter,
) -> NetworkAdapter:
    """Return an adapter of a VM on `machine`.

    Its settings are those read in the guest; if the guest was not read, those that it reports to
    Hyper-V (`reported`).
    """
    switch = next((s for s in machine.observed_switches if s.id == adapter.switch_id), None)
    found = NetworkAdapter(
        name=adapter.name,
        switch=(machine.name_in_file(switch) if switch else adapter.switch_name) or None,
        mac_address=None if adapter.dynamic_mac_address else adapter.mac_address,
        mac_address_spoofing=adapter.mac_address_spoofing,
        allow_teaming=adapter.allow_teaming or None,
        **captured_settings(ADAPTER_SETTINGS, adapter.settings),
        vlan=vlan_of(adapter.vlan),
    )
    if inside is not None:
        return _with_guest_addresses(found, adapter, inside)
    # On the Default Switch, addresses change at every start of the host.
    changes = switch is not None and switch.is_default_switch
    if reported.is_known:
        return _with_reported_settings(found, machine, vm, reported, changes=changes)
    address = _address_in_own_network(machine.state, adapter)
    by_dhcp = changes or _is_leased(machine.state, address)
    return replace(found, ip_address=None if by_dhcp else address, dhcp=by_dhcp)


def _with_reported_settings(
    found: NetworkAdapter,
    machine: CapturedMachine,
    vm: VirtualMachineState,
    reported: ReportedAdapter,
    *,
    changes: bool,
) -> NetworkAdapter:
    """Return an adapter with what its guest reports; the addresses of a lease are left out.

    `changes`: its network has other addresses after the next start of the host. If the guest does
    not report whether it uses DHCP, an address in a scope of the machine is a lease.
    """
    address = first_address(reported.addresses)
    dhcp = reported.dhcp
    if dhcp is None:
        dhcp = changes or _is_leased(machine.state, address)
    subject = path_text((*machine.path, vm.name))
    if not dhcp:
        _record_further_addresses(machine, subject, found.name, reported.addresses, address)
        return replace(
            found,
            ip_address=address,
            gateway=reported.gateway if address else None,
            dns_servers=reported.dns_servers if address else (),
        )
    if reported.dns_servers and not has_seed(vm):  # the seed disk has those that were set
        machine.record_dns_not_known(subject, found.name, reported.dns_servers)
    return replace(found, dhcp=address is not None)


def _with_guest_addresses(
    found: NetworkAdapter, adapter: NetworkAdapterState, inside: CapturedMachine
) -> NetworkAdapter:
    """Return an adapter with the settings that it has in its guest.

    An adapter that a switch of the guest is bound to has no settings of its own.
    """
    net_adapter = inside.net_adapter_of(adapter)
    if net_adapter is None:
        inside.record_loss(
            tr("{subject}, adapter {adapter}", subject=inside.subject, adapter=adapter.name),
            tr("Windows in the guest does not show it, so its addresses are not known"),
        )
        return found
    interface = inside.interface(net_adapter.name)
    if interface is None:
        return found
    address = static_address(interface)
    alias = interface.interface_alias
    _record_further_addresses(inside, inside.subject, alias, interface.ip_addresses, address)
    leased = any(not each.ip.is_link_local for each in interface.ip_addresses)
    return replace(
        found,
        ip_address=address,
        gateway=None if interface.dhcp else interface.gateway,
        dns_servers=inside.dns_servers(interface),
        dhcp=interface.dhcp and leased,
        interface_metric=None if interface.automatic_metric else interface.interface_metric,
    )


def _record_further_addresses(
    machine: CapturedMachine,
    subject: str,
    alias: str,
    addresses: tuple[IPv4Interface, ...],
    kept: IPv4Interface | None,
) -> None:
    others = [str(a) for a in addresses if kept and a != kept and not a.ip.is_link_local]
    if others:
        text = tr(
            "only the first address of {alias} is in the file; it also has {others}",
            alias=alias,
            others=", ".join(others),
        )
        machine.record_loss(subject, text)


def _is_leased(state: HostState, address: IPv4Interface | None) -> bool:
    """Whether an address is in a DHCP scope of the machine, which has then leased it."""
    scopes = state.dhcp_scopes if address else ()
    return any(
        address is not None and scope.start_range <= address.ip <= scope.end_range
        for scope in scopes
    )


def _address_in_own_network(state: HostState, adapter: NetworkAdapterState) -> IPv4Interface | None:
    """Return the address that Get-VMNetworkAdapter shows, if it is in the host's own network.

    It does not show the prefix length; that of the host's network on the switch is used.
    """
    alias = management_alias(state, adapter.switch_name) if adapter.switch_name else None
    networks = [
        a.network
        for i in state.ip_interfaces
        if alias and same_name(i.interface_alias, alias)
        for a in i.ip_addresses
    ]
    found = (_with_prefix_length(text, networks) for text in adapter.ip_addresses)
    return next((address for address in found if address is not None), None)


def _with_prefix_length(text: str, networks: list[IPv4Network]) -> IPv4Interface | None:
    try:
        address = IPv4Address(text)
    except ValueError:
        return None  # IPv6
    network = next((network for network in networks if address in network), None)
    return IPv4Interface((address, network.prefixlen)) if network else None
