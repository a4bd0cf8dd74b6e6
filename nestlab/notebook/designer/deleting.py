"""Deletes parts of a draft, one or several, and says what goes with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from nestlab.dataclass import replace
from nestlab.drawing.geometry import machine_id
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import VM, Check, Topology
from nestlab.notebook.designer.draft import Draft, Intent, several
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    adapter_at,
    capitalized,
    describe,
    find,
    vm_at,
    with_adapters,
    with_switches,
    with_vms,
)
from nestlab.texts import tr, tr_count


def delete(draft: Draft, intent: Intent) -> Draft:
    """Delete the part of an intent, or all of its ``ids``; the message says what goes with them."""
    parts = [find(draft.topology, identifier) for identifier in several(draft, intent)]
    topology = draft.topology
    for part in _in_order(parts):
        removal = _DELETIONS.get(part.kind)
        changed = removal(topology, part) if removal else None
        if changed is None:
            message = tr("{part} cannot be deleted.", part=capitalized(describe(part)))
            raise EditRefused(message)
        topology = changed
    machines = {"/".join(machine) for machine, _ in topology.machines()}
    positions = {key: place for key, place in draft.positions.items() if key in machines}
    chosen = _next_selection(topology, parts[-1])
    return Draft(topology, positions, chosen, _text(draft.topology, topology, parts))


def _in_order(parts: Sequence[Part]) -> list[Part]:
    """Return parts without those inside others, adapters from the last one to the first."""
    gone = [part.machine for part in parts if part.kind == "vm"]
    left = [part for part in parts if part.kind == "vm" or not _is_inside(part.machine, gone)]
    outer = [part for part in left if part.kind != "vm" or not _is_inside(part.machine[:-1], gone)]
    return sorted(outer, key=lambda part: (part.kind == "vm", -part.index))


def _is_inside(path: MachinePath, machines: Iterable[MachinePath]) -> bool:
    return any(path[: len(machine)] == machine for machine in machines)


def _next_selection(topology: Topology, part: Part) -> str:
    """Return the nearest machine around a part that is still there."""
    path = part.machine[:-1] if part.kind == "vm" else part.machine
    paths = {machine for machine, _ in topology.machines()}
    while path not in paths:
        path = path[:-1]
    return machine_id(path)


def _text(before: Topology, after: Topology, parts: Sequence[Part]) -> str:
    """Return what was deleted, and what went with it."""
    deleted = (
        tr("Deleted {part}.", part=describe(parts[0]))
        if len(parts) == 1
        else tr_count("Deleted {count} part.", "Deleted {count} parts.", len(parts))
    )
    gone = ", ".join(_also_gone(before, after, parts))
    return f"{deleted} {tr('Also removed: {parts}.', parts=gone)}" if gone else deleted


def _also_gone(before: Topology, after: Topology, parts: Sequence[Part]) -> Iterator[str]:
    """Yield what went with deleted parts: content, links of adapters that are left, checks."""
    vms = _vms(before) - _vms(after) - sum(part.kind == "vm" for part in parts)
    if vms:
        yield tr_count("{count} VM inside", "{count} VMs inside", vms)
    switches = _switches(before) - _switches(after) - sum(part.kind == "switch" for part in parts)
    if switches:
        yield tr_count("{count} switch inside", "{count} switches inside", switches)
    left = {path for path, _ in after.machines()}
    own = sum(
        part.kind == "adapter" and adapter_at(before, part).switch is not None
        for part in _in_order(parts)
    )
    links = _links(before, left) - _links(after, left) - own
    if links:
        yield tr_count("the link of {count} adapter", "the links of {count} adapters", links)
    checks = len(before.checks) - len(after.checks)
    if checks:
        yield tr_count("{count} check", "{count} checks", checks)


def _vms(topology: Topology) -> int:
    return sum(isinstance(machine, VM) for _, machine in topology.machines())


def _switches(topology: Topology) -> int:
    return sum(len(machine.switches) for _, machine in topology.machines())


def _links(topology: Topology, paths: Collection[MachinePath]) -> int:
    """Return how many adapters of some machines are on a switch, or have one bound to them."""
    machines = [machine for path, machine in topology.machines() if path in paths]
    vms = [machine for machine in machines if isinstance(machine, VM)]
    on_switch = sum(adapter.switch is not None for vm in vms for adapter in vm.network_adapters)
    bound = sum(len(switch.net_adapters) for vm in vms for switch in vm.switches)
    return on_switch + bound


def _without_vm(topology: Topology, part: Part) -> Topology:
    """Return the topology without a VM, what is inside it, and the checks that name them."""
    path = part.machine
    checks = tuple(check for check in topology.checks if not _mentions(check, path, topology))
    vms = (vm for vm in topology.machine(path[:-1]).vms if vm.name != path[-1])
    return replace(with_vms(topology, path[:-1], vms), checks=checks)


def _without_switch(topology: Topology, part: Part) -> Topology:
    """Return the topology without a switch; its adapters become disconnected."""
    path, machine = part.machine, topology.machine(part.machine)
    topology = with_switches(topology, path, (s for s in machine.switches if s.name != part.name))
    for vm in machine.vms:
        freed = (
            replace(a, switch=None) if a.switch == part.name else a for a in vm.network_adapters
        )
        topology = with_adapters(topology, (*path, vm.name), freed)
    return topology


def _without_adapter(topology: Topology, part: Part) -> Topology:
    """Return the topology without an adapter; a switch inside is no longer bound to it."""
    vm = vm_at(topology, part.machine)
    adapters = (a for n, a in enumerate(vm.network_adapters) if n != part.index)
    topology = with_adapters(topology, part.machine, adapters)
    if not any(part.name in switch.net_adapters for switch in vm.switches):
        return topology
    freed = (
        replace(switch, net_adapters=tuple(n for n in switch.net_adapters if n != part.name))
        for switch in vm.switches
    )
    return with_switches(topology, part.machine, freed)


def _without_uplink(topology: Topology, part: Part) -> Topology | None:
    """Return the topology without the uplink of a network; None if it has no uplink."""
    left = tuple(u for u in topology.uplinks if u.net_adapter != part.name)
    return replace(topology, uplinks=left) if len(left) < len(topology.uplinks) else None


_DELETIONS: dict[str, Callable[[Topology, Part], Topology | None]] = {
    "vm": _without_vm,
    "switch": _without_switch,
    "adapter": _without_adapter,
    "network": _without_uplink,
}


def _mentions(check: Check, path: MachinePath, topology: Topology) -> bool:
    """Whether a check names a VM or one inside it, by path or by unique name."""
    gone = [machine for machine, _ in topology.machines() if machine[: len(path)] == path]
    names = [machine[-1] for machine, _ in topology.machines() if machine]
    words = {"/".join(machine) for machine in gone} | {
        machine[-1] for machine in gone if names.count(machine[-1]) == 1
    }
    return bool({check.source, check.target} & words)
