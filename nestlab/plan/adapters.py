"""Network adapters of a VM: added, connected, removed; MAC address, VLAN and spoofing."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState, VlanState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.adapter_names import set_at_start_text
from nestlab.plan.key_settings import initial_settings, setting_changes
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine, named_adapter
from nestlab.plan.step import Step
from nestlab.plan.vlan_settings import (
    SET_VLAN,
    same_vlan,
    vlan_parameters,
    vlan_state,
    vlan_state_text,
)
from nestlab.plan.vm_adapter import VMAdapter
from nestlab.topology_file.keys import ADAPTER_SETTINGS


def adapters_need_off(vm: VM, current: VirtualMachineState) -> bool:
    """Whether the changes of adapters need the VM Off.

    Another MAC address does; on generation 1 so does adding or removing an adapter. A guest that
    cloud-init sets up gets the settings of a new adapter at its start.
    """
    pairs = [(adapter, named_adapter(current, adapter.name)) for adapter in vm.network_adapters]
    if current.generation == 1 and (
        len(current.network_adapters) != len(pairs) or any(now is None for _, now in pairs)
    ):
        return True
    if vm.has_seed and current.id and any(now is None for _, now in pairs):
        return True
    return any(now is not None and _other_mac(adapter, now) for adapter, now in pairs)


def step_needs_off(step: Step, vm: VM, current: VirtualMachineState) -> bool:
    """Whether a step of an adapter is one of those that need the VM Off."""
    if step.action == Action.ADD_ADAPTER:
        return current.generation == 1 or vm.has_seed
    return step.action == Action.SET_MAC_ADDRESS or (
        current.generation == 1 and step.action == Action.REMOVE_ADAPTER
    )


def adapter_steps(machine: PlannedMachine, vm: VM, current: VirtualMachineState) -> Iterator[Step]:
    """Yield the steps that give the VM exactly the adapters of the topology.

    `current` may be a VM that an earlier step creates.
    """
    wanted = {adapter.name.casefold() for adapter in vm.network_adapters}
    spare = [
        adapter for adapter in current.network_adapters if adapter.name.casefold() not in wanted
    ]
    for adapter in vm.network_adapters:
        now = named_adapter(current, adapter.name)
        if now is None:
            now = NetworkAdapterState(
                id="",
                name=adapter.name,
                switch_name=_switch_of(machine, adapter),
                mac_address=adapter.mac_address or "",
                settings=initial_settings(ADAPTER_SETTINGS),
            )
            vm_adapter = VMAdapter(machine, vm.name, current, now)
            yield _add(vm_adapter, adapter, set_at_start=vm.has_seed)
        else:
            vm_adapter = VMAdapter(machine, vm.name, current, now)
            yield from _rename(vm_adapter)
            yield from _mac(vm_adapter, adapter, now)
            yield from _reconnect(vm_adapter, adapter, now)
        yield from _spoofing(vm_adapter, adapter, now)
        yield from _teaming(vm_adapter, vm, adapter, now)
        yield from _key_settings(vm_adapter, adapter, now)
        yield from _vlan(vm_adapter, adapter, now.vlan)
    for extra in spare:
        yield _remove(VMAdapter(machine, vm.name, current, extra), extra)


def _switch_of(machine: PlannedMachine, adapter: NetworkAdapter) -> str:
    return machine.switch_name(adapter.switch) if adapter.switch and adapter.connected else ""


def _rename(vm_adapter: VMAdapter) -> Iterator[Step]:
    """Yield the step that gives an adapter its name in the file: it keeps its MAC address."""
    old = vm_adapter.machine.renamed.get(vm_adapter.now.id)
    if old is None:
        return
    yield vm_adapter.step(
        Action.RENAME_ADAPTER,
        f"Rename the adapter {old} of {vm_adapter.vm} to {vm_adapter.name}",
        f"{vm_adapter.vm} has no adapter {vm_adapter.name}, and this one, which the file does not name, is on its switch or has its MAC address",
        do=vm_adapter.cmdlet("Rename-VMNetworkAdapter", NewName=vm_adapter.name),
        undo=vm_adapter.cmdlet("Rename-VMNetworkAdapter", NewName=old),
    )


def _add(vm_adapter: VMAdapter, adapter: NetworkAdapter, *, set_at_start: bool) -> Step:
    """Return the step that adds an adapter; `set_at_start`: cloud-init sets up the guest."""
    switch = _switch_of(vm_adapter.machine, adapter)
    parameters: dict[str, object] = {"SwitchName": switch} if switch else {}
    if adapter.mac_address:
        parameters["StaticMacAddress"] = adapter.mac_address
    return vm_adapter.step(
        Action.ADD_ADAPTER,
        f"Add the adapter {vm_adapter.name} to {vm_adapter.vm}"
        + (f", connected to {switch}" if switch else ""),
        f"{vm_adapter.vm} has no adapter {vm_adapter.name}"
        + (set_at_start_text(vm_adapter.current, adapter) if set_at_start else ""),
        do=vm_adapter.add(**parameters),
        undo=vm_adapter.cmdlet("Remove-VMNetworkAdapter"),
    )


def _remove(vm_adapter: VMAdapter, extra: NetworkAdapterState) -> Step:
    undo_parameters: dict[str, object] = (
        {"SwitchName": extra.switch_name} if extra.switch_name else {}
    )
    if not extra.dynamic_mac_address:
        undo_parameters["StaticMacAddress"] = extra.mac_address
    return vm_adapter.step(
        Action.REMOVE_ADAPTER,
        f"Remove the adapter {vm_adapter.name} from {vm_adapter.vm}"
        if vm_adapter.name
        else f"Remove the adapter that New-VM created in {vm_adapter.vm}",
        "the topology does not name it",
        do=vm_adapter.cmdlet("Remove-VMNetworkAdapter"),
        undo=vm_adapter.add(**undo_parameters),
    )


def _other_mac(adapter: NetworkAdapter, now: NetworkAdapterState) -> bool:
    wanted = adapter.mac_address
    if wanted is None:
        return not now.dynamic_mac_address
    return now.dynamic_mac_address or plain_mac(now.mac_address) != plain_mac(wanted)


def _mac(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    if not _other_mac(adapter, now):
        return
    undo_parameters: dict[str, object] = (
        {"DynamicMacAddress": SwitchParameter.ON}
        if now.dynamic_mac_address
        else {"StaticMacAddress": now.mac_address}
    )
    do_parameters: dict[str, object] = (
        {"StaticMacAddress": adapter.mac_address}
        if adapter.mac_address
        else {"DynamicMacAddress": SwitchParameter.ON}
    )
    yield vm_adapter.step(
        Action.SET_MAC_ADDRESS,
        f"Set the MAC address of {vm_adapter.vm}'s adapter {vm_adapter.name} to {adapter.mac_address or 'a dynamic one'}",
        f"it has {'a dynamic one' if now.dynamic_mac_address else now.mac_address}",
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", **do_parameters),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", **undo_parameters),
    )


def _reconnect(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    wanted = _switch_of(vm_adapter.machine, adapter)
    if same_name(wanted, now.switch_name):
        return
    yield vm_adapter.step(
        Action.CONNECT_ADAPTER if wanted else Action.DISCONNECT_ADAPTER,
        f"Connect {vm_adapter.vm}'s adapter {vm_adapter.name} to {wanted}"
        if wanted
        else f"Disconnect {vm_adapter.vm}'s adapter {vm_adapter.name}",
        f"it is connected to {now.switch_name}" if now.switch_name else "it is not connected",
        do=_connect_cmdlet(vm_adapter, wanted),
        undo=_connect_cmdlet(vm_adapter, now.switch_name),
    )


def _connect_cmdlet(vm_adapter: VMAdapter, switch: str) -> Cmdlet:
    return (
        vm_adapter.cmdlet("Connect-VMNetworkAdapter", SwitchName=switch)
        if switch
        else vm_adapter.cmdlet("Disconnect-VMNetworkAdapter")
    )


def _spoofing(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    if adapter.mac_address_spoofing == now.mac_address_spoofing:
        return
    wanted, was = ("On", "Off") if adapter.mac_address_spoofing else ("Off", "On")
    verb = "Enable" if adapter.mac_address_spoofing else "Disable"
    reason = (
        "the topology does not enable it"
        if not adapter.mac_address_spoofing
        else "frames of the VMs inside carry their own MAC addresses"
        if vm_adapter.belongs_to_nested_host
        else "the topology enables it"
    )
    yield vm_adapter.step(
        Action.SET_MAC_ADDRESS_SPOOFING,
        f"{verb} MAC address spoofing on {vm_adapter.vm}'s adapter {vm_adapter.name}",
        f"it is {was}, and {reason}",
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=wanted),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=was),
    )


def _teaming(
    vm_adapter: VMAdapter, vm: VM, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    wanted = vm.allows_teaming(adapter)
    if wanted is None or wanted == now.allow_teaming:
        return
    setting, was = ("On", "Off") if wanted else ("Off", "On")
    if adapter.allow_teaming is None:
        reason = f"the guest {vm_adapter.vm} uses the adapter in a team"
    else:
        reason = f"the topology {'allows' if wanted else 'forbids'} it"
    yield vm_adapter.step(
        Action.SET_TEAMING,
        f"{'Allow' if wanted else 'Forbid'} teaming on {vm_adapter.vm}'s adapter {vm_adapter.name}",
        f"it is {was}, and {reason}",
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", AllowTeaming=setting),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", AllowTeaming=was),
    )


def _key_settings(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    """Yield the changes of the settings in the key table."""
    for change in setting_changes(ADAPTER_SETTINGS, adapter, now.settings, while_off=False):
        yield vm_adapter.step(
            Action.SET_ADAPTER_SETTING,
            change.title(f"{vm_adapter.vm}'s adapter {vm_adapter.name}"),
            change.why,
            do=vm_adapter.on(change.cmdlet),
            undo=next(map(vm_adapter.on, change.undo), None),
            key=change.of.key.name,
        )


def _vlan(vm_adapter: VMAdapter, adapter: NetworkAdapter, now: VlanState) -> Iterator[Step]:
    wanted = vlan_state(adapter.vlan)
    if same_vlan(wanted, now):
        return
    yield vm_adapter.step(
        Action.SET_VLAN,
        f"Set the VLAN of {vm_adapter.vm}'s adapter {vm_adapter.name}: {vlan_state_text(wanted)}",
        f"it is {vlan_state_text(now)}",
        do=vm_adapter.cmdlet(SET_VLAN, **vlan_parameters(wanted)),
        undo=vm_adapter.cmdlet(SET_VLAN, **vlan_parameters(now)),
    )
