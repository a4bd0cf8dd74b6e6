"""The ports of observed machines, from the adapters that Hyper-V and Windows report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from nestlab.dataclass import replace
from nestlab.model.hidden_nats import why_nats_are_not_known, why_nats_were_not_read
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import plain_mac
from nestlab.model.state import (
    HostState,
    HyperVState,
    NetAdapterState,
    NetworkAdapterState,
    VirtualMachineState,
    VlanState,
)
from nestlab.model.topology import Switch, SwitchType, Vlan
from nestlab.reachability.elements import (
    Interface,
    Port,
    WireKey,
)


def switch_names(hyper_v: HyperVState | None) -> dict[str, str]:
    """Return the names of the switches by id, made unique where two have the same name."""
    names: dict[str, str] = {}
    for switch in hyper_v.switches if hyper_v is not None else ():
        same_named = sum(name.split("#")[0] == switch.name for name in names.values())
        names[switch.id] = f"{switch.name}#{same_named + 1}" if same_named else switch.name
    return names


def existing_names(
    declared: Iterable[Switch], hyper_v: HyperVState | None, switches: Mapping[str, str]
) -> frozenset[str]:
    """Return the names in `switches` of the switches that are declared with `existing`."""
    found = (
        seen
        for switch in declared
        if switch.existing and hyper_v is not None
        for seen in hyper_v.existing_switches(switch)
    )
    return frozenset(switches[seen.id] for seen in found)


def with_hidden_nat(interface: Interface, state: HostState, topology: str) -> Interface:
    """Return a machine's own adapter on an Internal switch, with why it may have an unknown NAT.

    A NAT that Get-NetNat does not show belongs to Docker, WSL or connection sharing, so it is not
    on a switch with the mark of the topology. If the NATs could not be read, any switch may have
    one.
    """
    wire, hyper_v = interface.port.wire, state.hyper_v
    if hyper_v is None or wire is None or wire.physical or wire.machine != state.machine:
        return interface
    names = switch_names(hyper_v)
    switch = next((each for each in hyper_v.switches if names[each.id] == wire.name), None)
    if switch is None or switch.switch_type != SwitchType.INTERNAL:
        return interface
    is_own = bool(topology) and is_marked(switch.notes, topology)
    why = why_nats_were_not_read(state) if is_own else why_nats_are_not_known(state)
    return replace(interface, hidden_nat=why)


def on_existing_switch(
    path: MachinePath, interface: Interface, existing: Collection[str]
) -> Interface:
    """Return an adapter of a machine, marked if it is its own adapter on an existing switch."""
    wire = interface.port.wire
    if wire is None or wire.physical or wire.machine != path or wire.name not in existing:
        return interface
    return replace(interface, port=replace(interface.port, existing=True))


def vm_port(
    path: MachinePath,
    vm: VirtualMachineState,
    adapter: NetworkAdapterState,
    switches: Mapping[str, str],
) -> Port:
    """Return the port of a VM's adapter on a switch of its host."""
    switch = switches.get(adapter.switch_id, adapter.switch_name)
    return Port(
        wire=WireKey(path[:-1], switch) if switch else None,
        adapter=adapter.name,
        vm=vm.name,
        mac_address=plain_mac(adapter.mac_address),
        mac_address_spoofing=adapter.mac_address_spoofing,
        vlan=vlan_of(adapter.vlan),
        connected=adapter.connected and bool(switch),
    )


def vlan_of(vlan: VlanState) -> Vlan | None:
    """Return the VLAN setting of an adapter; None if it is untagged."""
    if vlan.operation_mode == "Access":
        return Vlan(access=vlan.access_vlan_id)
    if vlan.operation_mode == "Trunk":
        return Vlan(trunk=vlan.allowed_vlan_ids, native=vlan.native_vlan_id)
    return None


def management_port(
    path: MachinePath,
    adapter: NetAdapterState,
    hyper_v: HyperVState | None,
    switches: Mapping[str, str],
) -> Port | None:
    """Return the port of a machine's own adapter on a switch; None for any other adapter.

    The DeviceId identifies the adapter: its name in Windows does not follow the name of the switch,
    and may have a number.
    """
    adapters = hyper_v.management_adapters if hyper_v is not None else ()
    found = next((candidate for candidate in adapters if _is_adapter(candidate, adapter)), None)
    if found is None:
        return None
    switch = switches.get(found.switch_id, found.switch_name)
    return Port(
        wire=WireKey(path, switch) if switch else None,
        adapter=adapter.name,
        mac_address=plain_mac(found.mac_address) or plain_mac(adapter.mac_address),
        vlan=vlan_of(found.vlan),
        connected=bool(switch),
    )


def _is_adapter(management: NetworkAdapterState, adapter: NetAdapterState) -> bool:
    """Whether Hyper-V's management adapter is this adapter of Windows."""
    if management.device_id:
        return management.device_id.casefold() == adapter.device_id.casefold()
    return adapter.name == f"vEthernet ({management.name})"


def physical_port(adapter: NetAdapterState) -> Port:
    """Return the port of a physical adapter of the host."""
    wire = WireKey(HOST, adapter.name, physical=True)
    return Port(
        wire=wire,
        adapter=adapter.name,
        mac_address=plain_mac(adapter.mac_address),
        connected=adapter.status == "Up",
    )


def bound_switch(
    adapter: NetAdapterState, hyper_v: HyperVState | None, switches: Mapping[str, str]
) -> str | None:
    """Return the External switch that is bound to an adapter."""
    for switch in hyper_v.switches if hyper_v is not None else ():
        if adapter.interface_description in switch.net_adapter_interface_descriptions:
            return switches[switch.id]
    return None
