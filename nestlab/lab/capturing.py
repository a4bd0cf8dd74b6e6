"""Capturing a host: its switches, NATs and VMs as a topology."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any

from nestlab.errors import UsageError
from nestlab.lab.capture_filter import expressible_state
from nestlab.model.ownership import without_mark
from nestlab.model.spelling import same_name
from nestlab.model.state import (
    HostState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    VlanState,
    is_management_adapter,
    management_alias,
)
from nestlab.model.topology import (
    DEFAULT_SWITCH,
    VM,
    Disk,
    DynamicMemory,
    NetworkAdapter,
    SecureBoot,
    Switch,
    Topology,
    Uplink,
    Vlan,
    VMState,
)
from nestlab.observe import observe
from nestlab.plan import ON_STATES
from nestlab.reachability import first_address, observed_switch
from nestlab.topology_file import dumps, loads
from nestlab.topology_file.keys import VM_SETTINGS
from nestlab.topology_file.one_line import value_of
from nestlab.transport.session import Session


def capture(host: Session) -> Topology:
    """Return the switches, NATs and VMs of a host as a topology to read, draw, trace and edit.

    Guests are not read; their addresses are those that Hyper-V reports. What a topology file cannot
    express is listed in comments of the topology's text, and by `capture_all`. Raises UsageError
    where the machine has no Hyper-V.
    """
    return capture_all(host)[0]


def capture_all(host: Session) -> tuple[Topology, tuple[str, ...]]:
    """Return the topology as `capture` does, and a line for each object omitted or changed."""
    expressible, losses = expressible_state(observe(host))
    topology = topology_of(expressible)
    comments = (
        [
            f"# {line}"
            for line in ("On the host, and not in this file:", *(f"- {loss}" for loss in losses))
        ]
        if losses
        else []
    )
    # Read back, so that every capture can be loaded, and the comments are kept when it is saved.
    return loads(
        "\n".join([*comments, dumps(topology)]), f"<capture of {expressible.host}>"
    ), losses


def topology_of(state: HostState) -> Topology:
    """Return the topology of a host state that a file can express."""
    if state.hyper_v is None:
        msg = f"Hyper-V does not answer on {state.computer.name or state.host}"
        raise UsageError(msg, hint="`nestlab check` says why.")
    return Topology(
        name=_name(state.computer.name),
        description=f"Captured from {state.host}",
        switches=tuple(_switch(state, switch) for switch in state.hyper_v.switches),
        vms=tuple(_vm(state, vm) for vm in state.hyper_v.vms),
        uplinks=tuple(_uplinks(state)),
    )


def _name(computer: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", computer).strip("-")[:40] or "captured"


def _switch(state: HostState, switch: SwitchState) -> Switch:
    """Return a switch as a file declares it; the Default Switch as an existing one."""
    if switch.is_default_switch:
        return Switch(name=_name_of(state, switch), existing=True)
    return observed_switch(state, switch)


def _name_of(state: HostState, switch: SwitchState) -> str:
    """Return the name of a switch in a file: the same for the Default Switch in every language."""
    others = (each.name for each in state.hyper_v.switches) if state.hyper_v else ()
    taken = any(same_name(name, DEFAULT_SWITCH) for name in others)
    return DEFAULT_SWITCH if switch.is_default_switch and not taken else switch.name


def _vm(state: HostState, vm: VirtualMachineState) -> VM:
    disk = next((disk.path for disk in vm.hard_disks if disk.path), None)
    return VM(
        name=vm.name,
        generation=vm.generation,
        processor_count=vm.processor_count,
        memory_startup=vm.memory_startup,
        dynamic_memory=DynamicMemory(minimum=vm.memory_minimum, maximum=vm.memory_maximum)
        if vm.dynamic_memory_enabled
        else None,
        version=vm.version or None,
        state=VMState.RUNNING if vm.state in ON_STATES else VMState.OFF,
        **_settings(vm),
        disk=Disk(path=disk) if disk else None,
        network_adapters=tuple(_adapter(state, adapter) for adapter in vm.network_adapters),
        notes=without_mark(vm.notes),
        secure_boot=_secure_boot(vm),
        tpm=vm.tpm or None,
        expose_virtualization_extensions=True if vm.expose_virtualization_extensions else None,
    )


def _settings(vm: VirtualMachineState) -> dict[str, Any]:
    """Return the settings of the key table that differ from those of New-VM."""
    found = ((key, setting, getattr(vm, key.field)) for key, setting in VM_SETTINGS)
    return {
        key.field: value_of(str(value), key.value_kind)
        for key, setting, value in found
        if value not in ("", setting.new_vm)
    }


def _secure_boot(vm: VirtualMachineState) -> SecureBoot | None:
    """Return the Secure Boot template; None where it is that of a new VM (Windows)."""
    if vm.secure_boot is None or (vm.secure_boot and vm.secure_boot_template == SecureBoot.WINDOWS):
        return None
    known = {str(template): template for template in SecureBoot}
    return known.get(vm.secure_boot_template) if vm.secure_boot else SecureBoot.OFF


def _adapter(state: HostState, adapter: NetworkAdapterState) -> NetworkAdapter:
    switches = state.hyper_v.switches if state.hyper_v else ()
    switch = next((s for s in switches if s.id == adapter.switch_id), None)
    # On the Default Switch addresses change at every start of the host.
    by_dhcp = switch is not None and switch.is_default_switch
    return NetworkAdapter(
        name=adapter.name,
        switch=(_name_of(state, switch) if switch else adapter.switch_name) or None,
        ip_address=None if by_dhcp else _reported_address(state, adapter),
        dhcp=by_dhcp,
        mac_address=None if adapter.dynamic_mac_address else adapter.mac_address,
        mac_address_spoofing=adapter.mac_address_spoofing,
        allow_teaming=adapter.allow_teaming or None,
        vlan=_vlan(adapter.vlan),
    )


def _vlan(vlan: VlanState) -> Vlan | None:
    if vlan.operation_mode == "Access":
        return Vlan(access=vlan.access_vlan_id)
    if vlan.operation_mode == "Trunk":
        return Vlan(trunk=vlan.allowed_vlan_ids, native=vlan.native_vlan_id)
    return None


def _reported_address(state: HostState, adapter: NetworkAdapterState) -> IPv4Interface | None:
    """Return the address that the guest reports.

    Hyper-V does not report its prefix length; that of the host's network on the switch is used.
    """
    alias = management_alias(state, adapter.switch_name) if adapter.switch_name else None
    networks = [
        a.network
        for i in state.ip_interfaces
        if alias and same_name(i.interface_alias, alias)
        for a in i.ip_addresses
    ]
    for text in adapter.ip_addresses:
        found = _with_prefix_length(text, networks)
        if found is not None:
            return found
    return None


def _with_prefix_length(text: str, networks: list[IPv4Network]) -> IPv4Interface | None:
    try:
        address = IPv4Address(text)
    except ValueError:
        return None  # IPv6
    network = next((network for network in networks if address in network), None)
    return IPv4Interface((address, network.prefixlen)) if network else None


def _uplinks(state: HostState) -> Iterator[Uplink]:
    """Yield the physical networks, as far as the machine's own addresses show them."""
    taken = {
        d: switch
        for switch in (state.hyper_v.switches if state.hyper_v else ())
        for d in switch.net_adapter_interface_descriptions
    }
    for adapter in state.net_adapters:
        if is_management_adapter(adapter):
            continue
        switch = taken.get(adapter.interface_description)
        alias = management_alias(state, switch.name) if switch else adapter.name
        interface = next(
            (i for i in state.ip_interfaces if alias and same_name(i.interface_alias, alias)), None
        )
        address = first_address(interface.ip_addresses) if interface else None
        if interface and address:
            own = None if switch else address
            yield Uplink(
                net_adapter=adapter.name,
                network=address.network,
                gateway=interface.gateway,
                ip_address=own,
            )
