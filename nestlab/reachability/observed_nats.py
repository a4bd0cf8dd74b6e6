"""NATs on a machine that others created: they translate a lab's networks inside their prefix."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nestlab.dataclass import replace
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.ownership import is_owned_by_name
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Switch, Topology


def with_nats_of_others(topology: Topology, states: Mapping[MachinePath, HostState]) -> Topology:
    """Return the topology with the NATs of others that translate the networks of its switches.

    A switch without `nat` gets the NAT whose prefix contains the network of the machine's address
    there: WinNAT translates all addresses in its prefix, on every adapter with such an address.
    NATs that were created for this topology are left out: its file declares them.
    """
    if not any(state.nats for state in states.values()):
        return topology

    def with_nat(path: MachinePath, switch: Switch) -> Switch:
        state = states.get(path)
        inside = switch.ip_address.network if switch.ip_address is not None else None
        if state is None or inside is None or switch.existing or switch.nat is not None:
            return switch
        prefixes = (
            nat.internal_prefix
            for nat in state.nats
            if not is_owned_by_name(nat.name, topology.name)
        )
        found = next((prefix for prefix in prefixes if inside.subnet_of(prefix)), None)
        return switch if found is None else replace(switch, nat=found)

    return with_switches(topology, with_nat)


def with_switches(topology: Topology, change: Callable[[MachinePath, Switch], Switch]) -> Topology:
    """Return the topology with its switches changed, at every level."""

    def changed(path: MachinePath, switches: tuple[Switch, ...]) -> tuple[Switch, ...]:
        return tuple(change(path, switch) for switch in switches)

    def inside(vm: VM, path: MachinePath) -> VM:
        if vm.nested is None:
            return vm
        vms = tuple(inside(inner, (*path, inner.name)) for inner in vm.nested.vms)
        nested = replace(vm.nested, switches=changed(path, vm.nested.switches), vms=vms)
        return replace(vm, nested=nested)

    return replace(
        topology,
        switches=changed(HOST, topology.switches),
        vms=tuple(inside(vm, (vm.name,)) for vm in topology.vms),
    )
