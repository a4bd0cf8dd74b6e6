"""Renames a part, and updates every reference to it in the topology."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.drawing.network_row import network_id
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import Check, Switch, SwitchType, Topology
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    vm_at,
    with_adapter,
    with_adapters,
    with_switch,
    with_switches,
    with_vm,
)
from nestlab.texts import mark, tr, translate
from nestlab.topology_file import scalars
from nestlab.topology_file.key_types import InvalidValue


def rename(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    """Return the topology with a part renamed, and the part's new id.

    Raises:
        EditRefused: the name is not valid in a topology file, or a sibling has it.
    """
    kinds = {"host": scalars.TOPOLOGY_NAME, "vm": scalars.VM_NAME}
    try:
        kinds.get(part.kind, scalars.NAME).parse(name)
    except InvalidValue as refused:
        message = tr("The name {problem}.", problem=refused)
        raise EditRefused(message, hint=refused.hint) from refused
    if part.kind == "host":
        return replace(topology, name=name), machine_id(())
    return {"vm": _vm, "switch": _switch, "adapter": _adapter, "network": _network}[part.kind](
        topology, part, name
    )


def _refuse_taken(name: str, old: str, taken: list[str], text: str) -> None:
    """Raise EditRefused where another object has the name; `text` is the message about it."""
    if name != old and name.lower() in (other.lower() for other in taken if other != old):
        message = translate(text, name=name)
        raise EditRefused(message, hint=tr("Names in Hyper-V are not case-sensitive."))


def _vm(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    path = part.machine
    _refuse_taken(
        name,
        path[-1],
        [vm.name for vm in topology.machine(path[:-1]).vms],
        mark("There is already a VM called {name}."),
    )
    renamed = with_vm(topology, path, lambda vm: replace(vm, name=name))
    there = (*path[:-1], name)
    return replace(renamed, checks=followed_checks(topology, path, there)), machine_id(there)


def followed_checks(topology: Topology, here: MachinePath, there: MachinePath) -> tuple[Check, ...]:
    """Return the checks of a topology after a VM, and what is inside it, has another path."""
    return tuple(_check(check, topology, here, there) for check in topology.checks)


def _check(check: Check, topology: Topology, path: MachinePath, there: MachinePath) -> Check:
    names = [machine[-1] for machine, _ in topology.machines() if machine]
    is_unique = names.count(path[-1]) == 1
    old, new, name = "/".join(path), "/".join(there), there[-1]

    def follow(word: str) -> str:
        if is_unique and word == path[-1]:
            return name
        return new + word[len(old) :] if word == old or word.startswith(f"{old}/") else word

    return replace(check, source=follow(check.source), target=follow(check.target))


def _switch(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    host = topology.machine(part.machine)
    _refuse_taken(
        name,
        part.name,
        [switch.name for switch in host.switches],
        mark("There is already a switch called {name}."),
    )
    renamed = with_switch(topology, part, lambda switch: replace(switch, name=name))
    for vm in host.vms:
        adapters = tuple(
            replace(a, switch=name) if a.switch == part.name else a for a in vm.network_adapters
        )
        if adapters != vm.network_adapters:
            renamed = with_adapters(renamed, (*part.machine, vm.name), adapters)
    return renamed, switch_id(part.machine, name)


def _adapter(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    vm = vm_at(topology, part.machine)
    _refuse_taken(
        name,
        part.name,
        [adapter.name for adapter in vm.network_adapters],
        mark("There is already a network adapter called {name}."),
    )
    renamed = with_adapter(topology, part, lambda adapter: replace(adapter, name=name))
    if any(part.name in switch.net_adapters for switch in vm.switches):
        followed = (_with_adapter(s, part.name, name) for s in vm.switches)
        renamed = with_switches(renamed, part.machine, followed)
    return renamed, adapter_id(part.machine, part.index)


def _with_adapter(switch: Switch, old: str, new: str) -> Switch:
    """Return a switch in which an adapter that it is bound to has its new name."""
    names = tuple(new if name == old else name for name in switch.net_adapters)
    return switch if names == switch.net_adapters else replace(switch, net_adapters=names)


def _network(topology: Topology, part: Part, name: str) -> tuple[Topology, str]:
    uplinks = tuple(
        replace(u, net_adapter=name) if u.net_adapter == part.name else u for u in topology.uplinks
    )
    external = SwitchType.EXTERNAL
    switches = (
        _with_adapter(s, part.name, name) if s.switch_type is external else s
        for s in topology.switches
    )
    return replace(topology, uplinks=uplinks, switches=tuple(switches)), network_id(name)
