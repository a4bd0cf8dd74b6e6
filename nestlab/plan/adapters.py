"""Network adapters of a VM: added, connected, removed; MAC address, VLAN and spoofing."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState, VlanState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.adapter_names import set_at_start_text
from nestlab.plan.adapter_permissions import spoofing_steps, teaming_steps
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
from nestlab.texts import tr
from nestlab.topology_file.keys import ADAPTER_SETTINGS


def adapters_need_off(vm: VM, current: VirtualMachineState) -> bool:
    """Whether the changes of adapters need the VM Off.

    A change of a MAC address does; on generation 1 so does adding or removing an adapter. A guest
    that cloud-init sets up gets the settings of a new adapter when it starts.
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
    """Whether a step for an adapter needs the VM Off."""
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
        yield from spoofing_steps(vm_adapter, adapter, now)
        yield from teaming_steps(vm_adapter, vm, adapter, now)
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
        tr(
            "Rename the adapter {old} of {vm} to {adapter}",
            old=old,
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
        ),
        tr(
            "{vm} has no adapter {adapter}, and this one, which the file does not name, is on its switch or has its MAC address",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
        ),
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
        tr("Add the adapter {adapter} to {vm}", adapter=vm_adapter.name, vm=vm_adapter.vm)
        + (tr(", connected to {switch}", switch=switch) if switch else ""),
        tr("{vm} has no adapter {adapter}", vm=vm_adapter.vm, adapter=vm_adapter.name)
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
        tr(
            "Remove the adapter {adapter} from {vm}",
            adapter=vm_adapter.name,
            vm=vm_adapter.vm,
        )
        if vm_adapter.name
        else tr("Remove the adapter that New-VM created in {vm}", vm=vm_adapter.vm),
        tr("the topology does not name it"),
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
        _mac_title(vm_adapter, adapter.mac_address),
        tr("it has a dynamic one")
        if now.dynamic_mac_address
        else tr("it has {mac_address}", mac_address=now.mac_address),
        do=vm_adapter.cmdlet("Set-VMNetworkAdapter", **do_parameters),
        undo=vm_adapter.cmdlet("Set-VMNetworkAdapter", **undo_parameters),
    )


def _mac_title(vm_adapter: VMAdapter, mac_address: str | None) -> str:
    if not mac_address:
        return tr(
            "Set the MAC address of {vm}'s adapter {adapter} to a dynamic one",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
        )
    return tr(
        "Set the MAC address of {vm}'s adapter {adapter} to {mac_address}",
        vm=vm_adapter.vm,
        adapter=vm_adapter.name,
        mac_address=mac_address,
    )


def _reconnect(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    wanted = _switch_of(vm_adapter.machine, adapter)
    if same_name(wanted, now.switch_name):
        return
    yield vm_adapter.step(
        Action.CONNECT_ADAPTER if wanted else Action.DISCONNECT_ADAPTER,
        tr(
            "Connect {vm}'s adapter {adapter} to {switch}",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
            switch=wanted,
        )
        if wanted
        else tr("Disconnect {vm}'s adapter {adapter}", vm=vm_adapter.vm, adapter=vm_adapter.name),
        tr("it is connected to {switch}", switch=now.switch_name)
        if now.switch_name
        else tr("it is not connected"),
        do=_connect_cmdlet(vm_adapter, wanted),
        undo=_connect_cmdlet(vm_adapter, now.switch_name),
    )


def _connect_cmdlet(vm_adapter: VMAdapter, switch: str) -> Cmdlet:
    return (
        vm_adapter.cmdlet("Connect-VMNetworkAdapter", SwitchName=switch)
        if switch
        else vm_adapter.cmdlet("Disconnect-VMNetworkAdapter")
    )


def _key_settings(
    vm_adapter: VMAdapter, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    """Yield the changes of the settings in the key table."""
    for change in setting_changes(ADAPTER_SETTINGS, adapter, now.settings, while_off=False):
        yield vm_adapter.step(
            Action.SET_ADAPTER_SETTING,
            change.title(vm_adapter.vm, vm_adapter.name),
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
        tr(
            "Set the VLAN of {vm}'s adapter {adapter}: {vlan}",
            vm=vm_adapter.vm,
            adapter=vm_adapter.name,
            vlan=vlan_state_text(wanted),
        ),
        tr("it is {vlan}", vlan=vlan_state_text(now)),
        do=vm_adapter.cmdlet(SET_VLAN, **vlan_parameters(wanted)),
        undo=vm_adapter.cmdlet(SET_VLAN, **vlan_parameters(now)),
    )
