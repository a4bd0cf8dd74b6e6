"""VMs of others inside nested hosts of a topology that use a switch outside of them.

An External switch in a nested host connects its VMs to the network of the adapter that it is bound
to, with their own MAC addresses
(https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/enable-nested-virtualization):
they are on the outer switch, as the nested host is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.spelling import plain_mac
from nestlab.model.state import (
    HostState,
    HyperVState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    is_management_adapter,
)

States = Mapping[MachinePath, HostState]


def with_bridged_vms(
    path: MachinePath, hyper_v: HyperVState, topology: str, states: States
) -> HyperVState:
    """Return the state of Hyper-V on a machine with its `bridged_vms`.

    They are found at every level, in the states of the nested hosts that were observed.
    """
    found: dict[str, VirtualMachineState] = {}
    for vm in _bridged(path, hyper_v, topology, states):
        known = found.setdefault(vm.id, replace(vm, network_adapters=()))
        adapters = (*known.network_adapters, *vm.network_adapters)
        found[vm.id] = replace(known, network_adapters=adapters)
    return replace(hyper_v, bridged_vms=tuple(found.values())) if found else hyper_v


def without_bridged_through(
    hyper_v: HyperVState, vms: tuple[VirtualMachineState, ...]
) -> HyperVState:
    """Return a state without those of its `bridged_vms` that are inside VMs which are removed."""
    gone = {adapter.id for vm in vms for adapter in vm.network_adapters}
    left = tuple(
        vm for vm in hyper_v.bridged_vms if any(a.id not in gone for a in vm.network_adapters)
    )
    return replace(hyper_v, bridged_vms=left) if len(left) < len(hyper_v.bridged_vms) else hyper_v


def _bridged(
    path: MachinePath, hyper_v: HyperVState, topology: str, states: States
) -> Iterator[VirtualMachineState]:
    """Yield each VM of others, once for each adapter of its nested host that it is bridged to."""
    for vm in hyper_v.vms:
        inside = (*path, vm.name)
        state = states.get(inside)
        if state is None or state.hyper_v is None or not _is_own(vm, topology):
            continue
        inner = with_bridged_vms(inside, state.hyper_v, topology, states)
        for adapter in vm.network_adapters:
            for switch in _switches_on(adapter, state):
                yield from _on_switch(inside, inner, switch, adapter, topology)


def _is_own(vm: VirtualMachineState, topology: str) -> bool:
    return is_marked(vm.notes, topology) or is_left_behind(vm, topology)


def _switches_on(adapter: NetworkAdapterState, state: HostState) -> list[SwitchState]:
    """Return the switches in a guest that are bound to an adapter of its VM.

    The management adapter on such a switch has the MAC address of the adapter below it.
    """
    mac = plain_mac(adapter.mac_address)
    below = {
        each.interface_description
        for each in state.net_adapters
        if plain_mac(each.mac_address) == mac and not is_management_adapter(each)
    }
    switches = state.hyper_v.switches if state.hyper_v and mac.strip("0") else ()
    return [each for each in switches if below & {*each.net_adapter_interface_descriptions}]


def _on_switch(
    inside: MachinePath,
    inner: HyperVState,
    switch: SwitchState,
    outer: NetworkAdapterState,
    topology: str,
) -> Iterator[VirtualMachineState]:
    named = (replace(vm, name=path_text((*inside, vm.name))) for vm in inner.vms)
    for vm in (*named, *inner.bridged_vms):
        if is_marked(vm.notes, topology):
            continue
        # Each has the addresses of the VM's adapter: `outer` connects all of them.
        adapters = tuple(
            replace(outer, ip_addresses=each.ip_addresses)
            for each in vm.network_adapters
            if each.switch_id == switch.id
        )
        if adapters:
            yield replace(vm, network_adapters=adapters)
