"""Finds parts of a topology by their ids in the drawing, and replaces them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from nestlab.dataclass import dataclass, replace
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.drawing.network_row import network_id
from nestlab.errors import UsageError
from nestlab.model.machine_path import HOST, MachinePath, path_text
from nestlab.model.topology import VM, Nested, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.texts import tr

Kind = Literal["host", "vm", "switch", "adapter", "network"]


class EditRefused(UsageError):
    """An edit that is not possible on this topology; nothing was changed."""


@dataclass(frozen=True)
class Part:
    """A part of a topology: kind, machine and name; for an adapter, also its index."""

    kind: Kind
    machine: MachinePath
    name: str = ""
    index: int = 0


def find(topology: Topology, identifier: str) -> Part:
    """Return the part with this id; raises EditRefused for an unknown id."""
    for path, machine in topology.machines():
        if machine_id(path) == identifier:
            return Part("vm" if path else "host", path)
        for switch in machine.switches:
            if switch_id(path, switch.name) == identifier:
                return Part("switch", path, switch.name)
        adapters = machine.network_adapters if isinstance(machine, VM) else ()
        for index in range(len(adapters)):
            if adapter_id(path, index) == identifier:
                return Part("adapter", path, adapters[index].name, index)
    for name in networks(topology):
        if network_id(name) == identifier:
            return Part("network", HOST, name)
    message = tr("There is no {part!r} in {topology}.", part=identifier, topology=topology.name)
    raise EditRefused(message)


def networks(topology: Topology) -> list[str]:
    """Return the host's physical adapters that the topology refers to."""
    external = (s for s in topology.switches if s.switch_type is SwitchType.EXTERNAL)
    bound = (name for switch in external for name in switch.net_adapters)
    return list(dict.fromkeys([*(u.net_adapter for u in topology.uplinks), *bound]))


def vm_at(topology: Topology, path: MachinePath) -> VM:
    """Return a VM; raises EditRefused for the host."""
    machine = topology.machine(path)
    if not isinstance(machine, VM):
        message = tr("The host itself cannot be changed in this way; choose a VM.")
        raise EditRefused(message)
    return machine


def switch_at(topology: Topology, part: Part) -> Switch:
    """Return the switch of a part."""
    return next(
        switch for switch in topology.machine(part.machine).switches if switch.name == part.name
    )


def adapter_at(topology: Topology, part: Part) -> NetworkAdapter:
    """Return the adapter of a part."""
    return vm_at(topology, part.machine).network_adapters[part.index]


def with_switches(topology: Topology, path: MachinePath, switches: Iterable[Switch]) -> Topology:
    """Return the topology with the switches of one machine replaced."""
    kept = tuple(switches)
    if not path:
        return replace(topology, switches=kept)
    return with_vm(
        topology, path, lambda vm: replace(vm, nested=replace(vm.nested or Nested(), switches=kept))
    )


def with_vms(topology: Topology, path: MachinePath, vms: Iterable[VM]) -> Topology:
    """Return the topology with the VMs of one machine replaced."""
    kept = tuple(vms)
    if not path:
        return replace(topology, vms=kept)
    return with_vm(
        topology, path, lambda vm: replace(vm, nested=replace(vm.nested or Nested(), vms=kept))
    )


def with_vm(topology: Topology, path: MachinePath, change: Callable[[VM], VM]) -> Topology:
    """Return the topology with one VM changed."""
    changed = change(vm_at(topology, path))
    siblings = topology.machine(path[:-1]).vms
    position = next(index for index, vm in enumerate(siblings) if vm.name == path[-1])
    return with_vms(topology, path[:-1], (*siblings[:position], changed, *siblings[position + 1 :]))


def with_adapters(
    topology: Topology, path: MachinePath, adapters: Iterable[NetworkAdapter]
) -> Topology:
    """Return the topology with the adapters of one VM replaced."""
    kept = tuple(adapters)
    return with_vm(topology, path, lambda vm: replace(vm, network_adapters=kept))


def with_adapter(
    topology: Topology, part: Part, change: Callable[[NetworkAdapter], NetworkAdapter]
) -> Topology:
    """Return the topology with one adapter changed."""
    adapters = list(vm_at(topology, part.machine).network_adapters)
    adapters[part.index] = change(adapters[part.index])
    return with_adapters(topology, part.machine, adapters)


def with_switch(topology: Topology, part: Part, change: Callable[[Switch], Switch]) -> Topology:
    """Return the topology with one switch changed."""
    switches = topology.machine(part.machine).switches
    return with_switches(
        topology,
        part.machine,
        (change(switch) if switch.name == part.name else switch for switch in switches),
    )


def free_name(stem: str, taken: Iterable[str]) -> str:
    """Return the first of stem1, stem2 ... that is not taken; Hyper-V compares names without case.

    >>> free_name("vm", ["VM1", "vm3"])
    'vm2'
    """
    used = {name.lower() for name in taken}
    return next(
        name
        for number in range(1, len(used) + 2)
        if (name := f"{stem}{number}").lower() not in used
    )


def first_name(stem: str, taken: Iterable[str]) -> str:
    """Return the stem, or the first of stem1, stem2 ... that is not taken."""
    used = list(taken)
    is_free = stem.casefold() not in (name.casefold() for name in used)
    return stem if is_free else free_name(stem, used)


def capitalized(text: str) -> str:
    """Return text as the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def describe(part: Part) -> str:
    """Return the description of a part."""
    where = path_text(part.machine)
    words = {
        "host": tr("the host"),
        "vm": tr("VM {vm}", vm=where),
        "switch": tr("switch {name} of {machine}", name=part.name, machine=where),
        "adapter": tr("adapter {name} of {machine}", name=part.name, machine=where),
        "network": tr("network behind {name}", name=part.name),
    }
    return words[part.kind]
