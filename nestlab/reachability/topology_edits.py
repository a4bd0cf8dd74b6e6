"""The edits of a topology that are equivalent to fixes of a trace.

`file_edits` has them as phrases. An edit of something that the topology does not declare has no
effect.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from nestlab.dataclass import replace
from nestlab.model.machine_path import MachinePath
from nestlab.model.spelling import same_name
from nestlab.model.topology import VM, Switch, Topology
from nestlab.reachability.elements import Interface, Port, Stack

TopologyEdit = Callable[[Topology], Topology]


def all_edits(edits: tuple[TopologyEdit, ...]) -> TopologyEdit:
    """Return the edit that applies several edits, one after the other."""
    return lambda topology: reduce(lambda edited, edit: edit(edited), edits, topology)


def edit_port(port: Port, **new: Any) -> TopologyEdit:
    """Return the edit that sets attributes of the adapter of a port.

    It may be an adapter of a VM, or an adapter of the management OS on a switch.
    """
    wire = port.wire
    if wire is None or port.existing:
        return lambda topology: topology
    if port.vm:
        path = (*wire.machine, port.vm)
        return lambda topology: _with_vm(topology, path, lambda vm: _on_adapter(vm, port, new))
    return lambda topology: _with_switch(
        topology, wire.machine, wire.name, lambda switch: _on_management(switch, port, new)
    )


def edit_gateway(interface: Interface, gateway: IPv4Address) -> TopologyEdit:
    """Return the edit that sets the default gateway of an adapter, or that of its uplink."""
    wire = interface.port.wire
    if wire is None or not wire.physical:
        return edit_port(interface.port, gateway=gateway)
    return lambda topology: replace(
        topology,
        uplinks=tuple(
            replace(each, gateway=gateway) if same_name(each.net_adapter, interface.name) else each
            for each in topology.uplinks
        ),
    )


def edit_nat(interface: Interface, prefix: IPv4Network) -> TopologyEdit:
    """Return the edit that declares a NAT on the switch of an interface."""
    wire = interface.port.wire
    if wire is None or wire.physical or interface.port.existing:
        return lambda topology: topology
    return lambda topology: _with_switch(
        topology, wire.machine, wire.name, lambda switch: replace(switch, nat=prefix)
    )


def edit_forwarding(stack: Stack) -> TopologyEdit:
    """Return the edit that lets a machine route between its adapters."""
    if not stack.machine:
        return lambda topology: replace(topology, forwarding=True)
    return lambda topology: _with_vm(
        topology, stack.machine, lambda vm: replace(vm, forwarding=True)
    )


def edit_answers_ping(stack: Stack) -> TopologyEdit:
    """Return the edit that lets a machine answer echo requests."""
    if not stack.machine:
        return lambda topology: replace(topology, answers_ping=True)
    return lambda topology: _with_vm(
        topology, stack.machine, lambda vm: replace(vm, answers_ping=True)
    )


def _on_adapter(vm: VM, port: Port, new: dict[str, Any]) -> VM:
    adapters = (
        replace(each, **new) if same_name(each.name, port.adapter) else each
        for each in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def _on_management(switch: Switch, port: Port, new: dict[str, Any]) -> Switch:
    if same_name(port.adapter, switch.management_alias):
        return replace(switch, **new)
    adapters = (
        replace(each, **new) if same_name(each.alias, port.adapter) else each
        for each in switch.management_adapters
    )
    return replace(switch, management_adapters=tuple(adapters))


def _with_switch(
    topology: Topology, path: MachinePath, name: str, change: Callable[[Switch], Switch]
) -> Topology:
    def changed(switches: tuple[Switch, ...]) -> tuple[Switch, ...]:
        return tuple(change(each) if same_name(each.name, name) else each for each in switches)

    def inside(vm: VM) -> VM:
        if vm.nested is None:
            return vm
        return replace(vm, nested=replace(vm.nested, switches=changed(vm.nested.switches)))

    if not path:
        return replace(topology, switches=changed(topology.switches))
    return _with_vm(topology, path, inside)


def _with_vm(topology: Topology, path: MachinePath, change: Callable[[VM], VM]) -> Topology:
    return replace(topology, vms=_changed(topology.vms, path, change)) if path else topology


def _changed(vms: tuple[VM, ...], path: MachinePath, change: Callable[[VM], VM]) -> tuple[VM, ...]:
    return tuple(_changed_vm(vm, path, change) for vm in vms)


def _changed_vm(vm: VM, path: MachinePath, change: Callable[[VM], VM]) -> VM:
    if not same_name(vm.name, path[0]):
        return vm
    if len(path) == 1:
        return change(vm)
    if vm.nested is None:
        return vm
    return replace(vm, nested=replace(vm.nested, vms=_changed(vm.nested.vms, path[1:], change)))
