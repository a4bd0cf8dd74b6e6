"""Network adapters of a VM: added, connected, removed; MAC address, VLAN and spoofing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import NetworkAdapterState, VirtualMachineState, VlanState
from nestlab.model.topology import VM, NetworkAdapter
from nestlab.plan.cmdlet_targets import on_adapter, on_vm
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine, named_adapter
from nestlab.plan.step import Step, StepTarget
from nestlab.plan.vlan_settings import SET_VLAN, same_vlan, vlan_mode, vlan_state, vlan_state_text


@dataclass(frozen=True)
class _Port:
    """One adapter of a VM, for the steps that change it.

    `now` has no Id where the adapter does not exist yet.
    """

    machine: PlannedMachine
    vm: str
    current: VirtualMachineState
    now: NetworkAdapterState

    @property
    def name(self) -> str:
        return self.now.name

    def step(self, action: Action, title: str, why: str, *, do: Cmdlet, undo: Cmdlet) -> Step:
        target, needs = (
            StepTarget(TargetKind.VM, self.vm, self.current.id),
            (self.machine.step_id(Action.CREATE_VM, self.vm),),
        )
        return self.machine.step(
            action,
            f"{self.vm}/{self.name}",
            title,
            why,
            do,
            undo=(undo,),
            target=target,
            needs=needs,
        )

    def cmdlet(self, name: str, **parameters: object) -> Cmdlet:
        return on_adapter(self.current, self.now, Cmdlet(name, parameters))

    def add(self, **parameters: object) -> Cmdlet:
        # -Passthru returns the new adapter, with its Id.
        return on_vm(
            self.current,
            Cmdlet(
                "Add-VMNetworkAdapter",
                {"Name": self.name, **parameters, "Passthru": SwitchParameter.ON},
            ),
        )


def adapters_need_off(vm: VM, current: VirtualMachineState) -> bool:
    """Whether the changes of adapters need the VM Off.

    Another MAC address does; on generation 1 so does adding or removing an adapter.
    """
    pairs = [(adapter, named_adapter(current, adapter.name)) for adapter in vm.network_adapters]
    if current.generation == 1 and (
        len(current.network_adapters) != len(pairs) or any(now is None for _, now in pairs)
    ):
        return True
    return any(now is not None and _other_mac(adapter, now) for adapter, now in pairs)


def step_needs_off(step: Step, current: VirtualMachineState) -> bool:
    """Whether a step of an adapter is one of those that need the VM Off."""
    return step.action == Action.SET_MAC_ADDRESS or (
        current.generation == 1 and step.action in {Action.ADD_ADAPTER, Action.REMOVE_ADAPTER}
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
            )
            port = _Port(machine, vm.name, current, now)
            yield _add(port, adapter)
        else:
            port = _Port(machine, vm.name, current, now)
            yield from _mac(port, adapter, now)
            yield from _reconnect(port, adapter, now)
        yield from _spoofing(port, adapter, now)
        yield from _teaming(port, vm, adapter, now)
        yield from _vlan(port, adapter, now.vlan)
    for extra in spare:
        yield _remove(_Port(machine, vm.name, current, extra), extra)


def _switch_of(machine: PlannedMachine, adapter: NetworkAdapter) -> str:
    return machine.switch_name(adapter.switch) if adapter.switch and adapter.connected else ""


def _add(port: _Port, adapter: NetworkAdapter) -> Step:
    switch = _switch_of(port.machine, adapter)
    parameters: dict[str, object] = {"SwitchName": switch} if switch else {}
    if adapter.mac_address:
        parameters["StaticMacAddress"] = adapter.mac_address
    return port.step(
        Action.ADD_ADAPTER,
        f"Add the adapter {port.name} to {port.vm}"
        + (f", connected to {switch}" if switch else ""),
        f"{port.vm} has no adapter {port.name}",
        do=port.add(**parameters),
        undo=port.cmdlet("Remove-VMNetworkAdapter"),
    )


def _remove(port: _Port, extra: NetworkAdapterState) -> Step:
    undo_parameters: dict[str, object] = (
        {"SwitchName": extra.switch_name} if extra.switch_name else {}
    )
    if not extra.dynamic_mac_address:
        undo_parameters["StaticMacAddress"] = extra.mac_address
    return port.step(
        Action.REMOVE_ADAPTER,
        f"Remove the adapter {port.name} from {port.vm}"
        if port.name
        else f"Remove the adapter that New-VM created in {port.vm}",
        "the topology does not name it",
        do=port.cmdlet("Remove-VMNetworkAdapter"),
        undo=port.add(**undo_parameters),
    )


def _other_mac(adapter: NetworkAdapter, now: NetworkAdapterState) -> bool:
    wanted = adapter.mac_address
    if wanted is None:
        return not now.dynamic_mac_address
    return now.dynamic_mac_address or plain_mac(now.mac_address) != plain_mac(wanted)


def _mac(port: _Port, adapter: NetworkAdapter, now: NetworkAdapterState) -> Iterator[Step]:
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
    yield port.step(
        Action.SET_MAC_ADDRESS,
        f"Set the MAC address of {port.vm}'s adapter {port.name} to {adapter.mac_address or 'a dynamic one'}",
        f"it has {'a dynamic one' if now.dynamic_mac_address else now.mac_address}",
        do=port.cmdlet("Set-VMNetworkAdapter", **do_parameters),
        undo=port.cmdlet("Set-VMNetworkAdapter", **undo_parameters),
    )


def _reconnect(port: _Port, adapter: NetworkAdapter, now: NetworkAdapterState) -> Iterator[Step]:
    wanted = _switch_of(port.machine, adapter)
    if same_name(wanted, now.switch_name):
        return
    yield port.step(
        Action.CONNECT_ADAPTER if wanted else Action.DISCONNECT_ADAPTER,
        f"Connect {port.vm}'s adapter {port.name} to {wanted}"
        if wanted
        else f"Disconnect {port.vm}'s adapter {port.name}",
        f"it is connected to {now.switch_name}" if now.switch_name else "it is not connected",
        do=_connect_cmdlet(port, wanted),
        undo=_connect_cmdlet(port, now.switch_name),
    )


def _connect_cmdlet(port: _Port, switch: str) -> Cmdlet:
    return (
        port.cmdlet("Connect-VMNetworkAdapter", SwitchName=switch)
        if switch
        else port.cmdlet("Disconnect-VMNetworkAdapter")
    )


def _spoofing(port: _Port, adapter: NetworkAdapter, now: NetworkAdapterState) -> Iterator[Step]:
    if adapter.mac_address_spoofing == now.mac_address_spoofing:
        return
    wanted, was = ("On", "Off") if adapter.mac_address_spoofing else ("Off", "On")
    verb = "Enable" if adapter.mac_address_spoofing else "Disable"
    reason = (
        "frames of the VMs inside carry their own MAC addresses"
        if adapter.mac_address_spoofing
        else "the topology does not enable it"
    )
    yield port.step(
        Action.SET_MAC_ADDRESS_SPOOFING,
        f"{verb} MAC address spoofing on {port.vm}'s adapter {port.name}",
        f"it is {was}, and {reason}",
        do=port.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=wanted),
        undo=port.cmdlet("Set-VMNetworkAdapter", MacAddressSpoofing=was),
    )


def _teaming(
    port: _Port, vm: VM, adapter: NetworkAdapter, now: NetworkAdapterState
) -> Iterator[Step]:
    wanted = vm.allows_teaming(adapter)
    if wanted is None or wanted == now.allow_teaming:
        return
    setting, was = ("On", "Off") if wanted else ("Off", "On")
    yield port.step(
        Action.SET_TEAMING,
        f"{'Allow' if wanted else 'Forbid'} teaming on {port.vm}'s adapter {port.name}",
        f"it is {was}, and {'its guest uses it in a team' if wanted else 'the topology does not enable it'}",
        do=port.cmdlet("Set-VMNetworkAdapter", AllowTeaming=setting),
        undo=port.cmdlet("Set-VMNetworkAdapter", AllowTeaming=was),
    )


def _vlan(port: _Port, adapter: NetworkAdapter, now: VlanState) -> Iterator[Step]:
    wanted = vlan_state(adapter.vlan)
    if same_vlan(wanted, now):
        return
    yield port.step(
        Action.SET_VLAN,
        f"Set the VLAN of {port.vm}'s adapter {port.name}: {vlan_state_text(wanted)}",
        f"it is {vlan_state_text(now)}",
        do=port.cmdlet(SET_VLAN, **vlan_mode(wanted)),
        undo=port.cmdlet(SET_VLAN, **vlan_mode(now)),
    )
