"""Copies parts of a draft, and moves VMs to another host, with fresh names and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nestlab.dataclass import replace
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.notebook.designer.addressing import with_free_network, with_proposed_address
from nestlab.notebook.designer.draft import (
    Draft,
    Intent,
    hosting_machine,
    machine_of,
    several,
)
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    adapter_at,
    capitalized,
    describe,
    find,
    free_name,
    switch_at,
    vm_at,
    with_adapters,
    with_switches,
    with_vms,
)
from nestlab.notebook.designer.renaming import followed_checks
from nestlab.texts import tr, tr_count


def duplicate(draft: Draft, intent: Intent) -> Draft:
    """Copy parts beside themselves, with fresh names and addresses; VMs with their content."""
    topology, chosen = draft.topology, ""
    parts = [find(topology, identifier) for identifier in several(draft, intent)]
    for part in parts:
        into = part.machine[:-1] if part.kind == "vm" else part.machine
        topology, chosen = _with_copy(topology, topology, part, into)
    return replace(
        draft, topology=topology, selection=chosen, message=_text(topology, parts, chosen)
    )


def paste(draft: Draft, intent: Intent) -> Draft:
    """Copy the parts with these ``ids`` into a machine: VMs and switches to the host there."""
    topology, chosen = draft.topology, ""
    parts = [find(topology, identifier) for identifier in several(draft, intent)]
    for part in parts:
        into = (machine_of if part.kind == "adapter" else hosting_machine)(draft, intent)
        topology, chosen = _with_copy(draft.topology, topology, part, into)
    return replace(
        draft, topology=topology, selection=chosen, message=_text(topology, parts, chosen)
    )


def move_into(draft: Draft, intent: Intent) -> Draft:
    """Move VMs, with what is inside them, to another host: into a nested host or out of it.

    Adapters go to the switch of the same name there, else to its first one, and get an address of
    its network.
    """
    into = hosting_machine(draft, intent)
    parts = [find(draft.topology, identifier) for identifier in several(draft, intent)]
    topology, positions, chosen = draft.topology, dict(draft.positions), draft.selection
    for part in parts:
        _require_movable(part, into)
        topology, there = _moved(topology, part, into)
        old = "/".join(part.machine)
        positions = {
            key: place
            for key, place in positions.items()
            if key != old and not key.startswith(f"{old}/")
        }
        chosen = machine_id(there)
    name = describe(parts[0]) if len(parts) == 1 else _count_of_vms(len(parts))
    message = tr("Moved {part} to {machine}.", part=name, machine=path_text(into))
    return Draft(topology, positions, chosen, message)


# -- copies


def _with_copy(
    source: Topology, topology: Topology, part: Part, into: MachinePath
) -> tuple[Topology, str]:
    """Return the topology with a copy of a part of `source` in a machine, and the copy's id."""
    if part.kind == "vm":
        return _with_vm_copy(source, topology, part, into)
    if part.kind == "switch":
        return _with_switch_copy(source, topology, part, into)
    if part.kind == "adapter":
        return _with_adapter_copy(source, topology, part, into)
    message = tr("{part} cannot be copied.", part=capitalized(describe(part)))
    raise EditRefused(message)


def _with_vm_copy(
    source: Topology, topology: Topology, part: Part, into: MachinePath
) -> tuple[Topology, str]:
    vm = vm_at(source, part.machine)
    everywhere = (path[-1] for path, _ in topology.machines() if path)
    copy = replace(_as_copy(vm), name=_fresh_name(vm.name, everywhere))
    if into != part.machine[:-1]:
        copy = _relinked(copy, topology.machine(into).switches)
    topology = with_vms(topology, into, (*topology.machine(into).vms, copy))
    path = (*into, copy.name)
    return _with_addresses(topology, path), machine_id(path)


def _as_copy(vm: VM) -> VM:
    """Return a VM without what only one can have: MAC addresses, existing disks, computer name."""
    nested = vm.nested and replace(
        vm.nested,
        vms=tuple(_as_copy(inner) for inner in vm.nested.vms),
        switches=tuple(
            replace(switch, ip_address=None, gateway=None)
            if switch.switch_type is SwitchType.EXTERNAL
            else switch
            for switch in vm.nested.switches
        ),
    )
    return replace(
        vm,
        disk=vm.disk if vm.disk and vm.disk.path is None else None,
        disks=tuple(disk for disk in vm.disks if disk.path is None),
        guest=replace(vm.guest, computer_name=None),
        network_adapters=tuple(replace(a, mac_address=None) for a in vm.network_adapters),
        nested=nested,
    )


def _with_switch_copy(
    source: Topology, topology: Topology, part: Part, into: MachinePath
) -> tuple[Topology, str]:
    switch, there = switch_at(source, part), topology.machine(into).switches
    if switch.existing or switch.switch_type is SwitchType.EXTERNAL:
        message = tr("{part} cannot be copied.", part=capitalized(describe(part)))
        hint = tr("It belongs to a network adapter, or exists already: add a new switch.")
        raise EditRefused(message, hint=hint)
    name = _fresh_name(switch.name, (other.name for other in there))
    bare = replace(
        switch,
        name=name,
        ip_address=None,
        nat=None,
        dhcp=None,
        port_forwards=(),
        management_adapters=(),
    )
    copy = with_free_network(topology, into, bare) if switch.ip_address else bare
    topology = with_switches(topology, into, (*there, copy))
    return topology, switch_id(into, name)


def _with_adapter_copy(
    source: Topology, topology: Topology, part: Part, into: MachinePath
) -> tuple[Topology, str]:
    vm = vm_at(topology, into)
    name = _fresh_name(part.name, (adapter.name for adapter in vm.network_adapters))
    copy = replace(adapter_at(source, part), name=name, mac_address=None)
    if into[:-1] != part.machine[:-1]:
        copy = _on_known_switch(copy, topology.machine(into[:-1]).switches)
    topology = with_adapters(topology, into, (*vm.network_adapters, copy))
    index = len(vm.network_adapters)
    found = Part("adapter", into, name, index)
    topology = with_proposed_address(topology, found) if copy.ip_address else topology
    return topology, adapter_id(into, index)


# -- moves


def _require_movable(part: Part, into: MachinePath) -> None:
    """Raise EditRefused where a part cannot be moved to a host."""
    if part.kind != "vm":
        message = tr("Only VMs can be moved, not {part}.", part=describe(part))
        raise EditRefused(message)
    if part.machine[:-1] == into:
        message = tr(
            "{vm} runs on {machine} already.",
            vm=capitalized(describe(part)),
            machine=path_text(into),
        )
        raise EditRefused(message)
    if into[: len(part.machine)] == part.machine:
        message = tr("{vm} cannot be moved into itself.", vm=capitalized(describe(part)))
        raise EditRefused(message)


def _moved(topology: Topology, part: Part, into: MachinePath) -> tuple[Topology, MachinePath]:
    """Return the topology with a VM on another host, and the VM's path there."""
    vm = vm_at(topology, part.machine)
    target = topology.machine(into)
    names = [other.name for other in target.vms]
    is_taken = vm.name.casefold() in (name.casefold() for name in names)
    name = _fresh_name(vm.name, names) if is_taken else vm.name
    checks = followed_checks(topology, part.machine, (*into, name))
    new = _relinked(replace(vm, name=name), target.switches)
    siblings = topology.machine(part.machine[:-1]).vms
    topology = with_vms(topology, part.machine[:-1], (s for s in siblings if s.name != vm.name))
    topology = with_vms(topology, into, (*topology.machine(into).vms, new))
    return replace(_with_addresses(topology, (*into, name)), checks=checks), (*into, name)


def _relinked(vm: VM, switches: tuple[Switch, ...]) -> VM:
    return replace(
        vm, network_adapters=tuple(_on_known_switch(a, switches) for a in vm.network_adapters)
    )


def _on_known_switch(adapter: NetworkAdapter, switches: tuple[Switch, ...]) -> NetworkAdapter:
    """Return an adapter on the switch of its name, else on the first one; with none, on none."""
    names = [switch.name for switch in switches]
    if adapter.switch is None or adapter.switch in names:
        return adapter
    return replace(adapter, switch=names[0] if names else None)


# -- both


def _with_addresses(topology: Topology, path: MachinePath) -> Topology:
    """Give the adapters of a VM, and of VMs inside it, other addresses where they collide."""
    for inner, machine in topology.machines():
        adapters = machine.network_adapters if isinstance(machine, VM) else ()
        for index, adapter in enumerate(adapters if inner[: len(path)] == path else ()):
            if adapter.ip_address and adapter.switch:
                part = Part("adapter", inner, adapter.name, index)
                topology = with_proposed_address(topology, part)
    return topology


def _fresh_name(name: str, taken: Iterable[str]) -> str:
    """Return the next free name of a series: web1, web2 ...; DC, DC1 ...."""
    return free_name(re.sub(r"\d+$", "", name) or name, taken)


def _count_of_vms(count: int) -> str:
    return tr_count("{count} VM", "{count} VMs", count)


def _text(topology: Topology, parts: list[Part], chosen: str) -> str:
    """Return what was copied, with the name of a single copy."""
    if len(parts) > 1:
        return tr_count(
            "Added a copy of {count} part.", "Added copies of {count} parts.", len(parts)
        )
    return tr(
        "Added {copy}, a copy of {part}.",
        copy=describe(find(topology, chosen)),
        part=describe(parts[0]),
    )
