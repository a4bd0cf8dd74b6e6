"""What the designer can do to a topology: pure functions from an intent and a draft to the next draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from nestlab.drawing import layout
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.model import Size
from nestlab.model.machine import MachinePath, path_text
from nestlab.model.topology import (
    VM,
    Check,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)
from nestlab.notebook.designer.fields import label_of, set_field
from nestlab.notebook.designer.places import (
    EditRefused,
    find,
    free_name,
    said,
    switch_at,
    vm_at,
    with_adapter,
    with_adapters,
    with_switches,
    with_vm,
    with_vms,
)
from nestlab.notebook.designer.renaming import rename

Intent = Mapping[str, Any]
_COLUMN, _NESTED_MEMORY = 20, Size.parse("8GB")


@dataclass(frozen=True)
class Draft:
    """What is being designed: the topology, where VMs were put by hand, what is selected, and what was done last."""

    topology: Topology
    positions: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    selection: str = "host"
    did: str = ""


def edit(draft: Draft, intent: Intent) -> Draft:
    """Return the draft after an intent such as ``{"do": "add-vm", "into": "HV1"}``.

    Raises:
        EditRefused: the intent makes no sense on this draft; the sentence says why.
    """
    does = EDITS.get(str(intent.get("do")))
    if does is None:
        message = f"The designer cannot {intent.get('do')!r}."
        raise EditRefused(message, hint=f"It can {', '.join(EDITS)}.")
    try:
        return does(draft, intent)
    except KeyError as error:
        message = f"The intent {intent.get('do')!r} lacks {error}."
        raise EditRefused(message) from error


def _machine(draft: Draft, intent: Intent, key: str = "into") -> MachinePath:
    """The machine that an intent means: a part of one means the machine it is in."""
    return find(draft.topology, str(intent.get(key) or draft.selection)).machine


def _hosting(draft: Draft, intent: Intent) -> MachinePath:
    """The host to add something to; a plain VM means the host it runs on."""
    path = _machine(draft, intent)
    machine = draft.topology.machine(path)
    return path[:-1] if isinstance(machine, VM) and machine.nested is None else path


def _add_vm(draft: Draft, intent: Intent) -> Draft:
    path = _hosting(draft, intent)
    like = _alike(draft.topology, path, nested=False)
    new = VM(
        name="vm",
        disk=like.disk,
        guest=like.guest,
        network_adapters=_adapter(draft.topology, path, "Network Adapter"),
    )
    return _add(draft, path, new)


def _add_nested_host(draft: Draft, intent: Intent) -> Draft:
    path = _hosting(draft, intent)
    like = _alike(draft.topology, path, nested=True)
    new = VM(
        name="HV",
        memory_startup=like.memory_startup,
        processor_count=like.processor_count,
        disk=like.disk,
        guest=like.guest,
        network_adapters=_adapter(draft.topology, path, "Ethernet"),
        nested=Nested(),
    )
    return _add(draft, path, new)


def _alike(topology: Topology, path: MachinePath, *, nested: bool) -> VM:
    """The VM that a new one resembles in disk and guest: its last sibling of that kind, else the last one anywhere."""
    siblings = [vm for vm in topology.machine(path).vms if (vm.nested is not None) == nested]
    others = [
        vm
        for _, vm in topology.machines()
        if isinstance(vm, VM) and (vm.nested is not None) == nested
    ]
    # Only Windows carries Hyper-V; the credential is a name to look up.
    host = VM(
        name="",
        memory_startup=_NESTED_MEMORY,
        processor_count=4,
        guest=Guest(os="windows", credential="lab-admin"),
    )
    return (siblings or others or [host if nested else VM(name="")])[-1]


def _adapter(topology: Topology, path: MachinePath, name: str) -> tuple[NetworkAdapter, ...]:
    switches = topology.machine(path).switches
    return (NetworkAdapter(name=name, switch=switches[0].name if switches else None),)


def _add(draft: Draft, path: MachinePath, new: VM) -> Draft:
    host = draft.topology.machine(path)
    name = free_name(new.name, (vm.name for vm in host.vms))
    topology = with_vms(draft.topology, path, (*host.vms, replace(new, name=name)))
    return replace(
        draft,
        topology=topology,
        selection=machine_id((*path, name)),
        did=f"Added {name} to {path_text(path)}.",
    )


def _add_switch(draft: Draft, intent: Intent) -> Draft:
    path = _hosting(draft, intent)
    host = draft.topology.machine(path)
    name = free_name("Switch", (switch.name for switch in host.switches))
    kind = SwitchType(str(intent.get("switch_type") or SwitchType.INTERNAL))
    topology = with_switches(
        draft.topology, path, (*host.switches, Switch(name=name, switch_type=kind))
    )
    return replace(
        draft,
        topology=topology,
        selection=switch_id(path, name),
        did=f"Added switch {name} to {path_text(path)}.",
    )


def _add_adapter(draft: Draft, intent: Intent) -> Draft:
    path = _machine(draft, intent)
    vm = vm_at(draft.topology, path)
    name = (
        "Network Adapter"
        if not vm.network_adapters
        else free_name("Network Adapter ", (a.name for a in vm.network_adapters))
    )
    topology = with_adapters(
        draft.topology, path, (*vm.network_adapters, NetworkAdapter(name=name))
    )
    chosen = adapter_id(path, len(vm.network_adapters))
    return replace(
        draft, topology=topology, selection=chosen, did=f"Added {name} to {path_text(path)}."
    )


def _link(draft: Draft, intent: Intent) -> Draft:
    """Join an adapter to a switch of its VM's host; a VM joins with its first free adapter, else with a new one."""
    source = find(draft.topology, str(intent["from"]))
    target = find(draft.topology, str(intent["to"]))
    if target.kind != "switch" or source.kind not in ("vm", "adapter"):
        message = f"A link goes from a VM or an adapter to a switch, not from {said(source)} to {said(target)}."
        raise EditRefused(message)
    if source.machine[:-1] != target.machine:
        message = f"{said(source)} cannot join {said(target)}."
        raise EditRefused(
            message,
            hint=f"A VM joins switches of the machine it runs on, {path_text(source.machine[:-1])}.",
        )
    switch = switch_at(draft.topology, target)
    vm = vm_at(draft.topology, source.machine)
    known = {other.name for other in draft.topology.machine(target.machine).switches}
    free = next(
        (n for n, a in enumerate(vm.network_adapters) if a.switch not in known or not a.connected),
        None,
    )
    if source.kind == "vm" and any(
        a.switch == switch.name and a.connected for a in vm.network_adapters
    ):
        message = f"{vm.name} is linked to {switch.name} already."
        raise EditRefused(message, hint="For a second link, add an adapter first.")
    index = source.index if source.kind == "adapter" else free
    topology = draft.topology
    if index is None:
        draft = _add_adapter(draft, {"into": machine_id(source.machine)})
        topology, index = draft.topology, len(vm.network_adapters)
    chosen = adapter_id(source.machine, index)
    topology = with_adapter(
        topology, find(topology, chosen), lambda a: replace(a, switch=switch.name, connected=True)
    )
    return replace(
        draft,
        topology=topology,
        selection=chosen,
        did=f"Linked {path_text(source.machine)} to {switch.name}.",
    )


def _delete(draft: Draft, intent: Intent) -> Draft:
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    topology, path = draft.topology, part.machine
    chosen = machine_id(path)
    if part.kind == "vm":
        chosen = machine_id(path[:-1])
        topology = with_vms(
            topology,
            path[:-1],
            (vm for vm in topology.machine(path[:-1]).vms if vm.name != path[-1]),
        )
        topology = replace(
            topology,
            checks=tuple(
                check for check in topology.checks if not _names(check, path, draft.topology)
            ),
        )
    elif part.kind == "switch":
        topology = with_switches(
            topology, path, (s for s in topology.machine(path).switches if s.name != part.name)
        )
        for vm in topology.machine(path).vms:
            freed = (
                replace(a, switch=None) if a.switch == part.name else a for a in vm.network_adapters
            )
            topology = with_adapters(topology, (*path, vm.name), freed)
    elif part.kind == "adapter":
        topology = with_adapters(
            topology,
            path,
            (a for n, a in enumerate(vm_at(topology, path).network_adapters) if n != part.index),
        )
    elif part.kind == "network" and any(
        uplink.net_adapter == part.name for uplink in topology.uplinks
    ):
        topology = replace(
            topology, uplinks=tuple(u for u in topology.uplinks if u.net_adapter != part.name)
        )
    else:
        message = f"{said(part)[0].upper()}{said(part)[1:]} cannot be deleted."
        raise EditRefused(message)
    machines = {"/".join(machine) for machine, _ in topology.machines()}
    positions = {key: place for key, place in draft.positions.items() if key in machines}
    return Draft(topology, positions, chosen, f"Deleted {said(part)}.")


def _names(check: Check, path: MachinePath, topology: Topology) -> bool:
    """Whether a check speaks of a VM or of one inside it: by its path, or by its name where that is unique."""
    gone = [machine for machine, _ in topology.machines() if machine[: len(path)] == path]
    names = [machine[-1] for machine, _ in topology.machines() if machine]
    words = {"/".join(machine) for machine in gone} | {
        machine[-1] for machine in gone if names.count(machine[-1]) == 1
    }
    return bool({check.source, check.target} & words)


def _rename(draft: Draft, intent: Intent) -> Draft:
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    topology, chosen = rename(draft.topology, part, str(intent["name"]).strip())
    positions = dict(draft.positions)
    if part.kind == "vm":
        old, new = "/".join(part.machine), chosen
        positions = {
            new + key[len(old) :] if key == old or key.startswith(f"{old}/") else key: p
            for key, p in positions.items()
        }
    return Draft(topology, positions, chosen, f"Renamed to {intent['name']}.")


def _set(draft: Draft, intent: Intent) -> Draft:
    identifier, name, value = (
        str(intent.get("id") or draft.selection),
        str(intent["field"]),
        intent["value"],
    )
    if name == "name":
        return _rename(draft, {"id": identifier, "name": value})
    part = find(draft.topology, identifier)
    label = label_of(draft.topology, part, name)
    topology = set_field(draft.topology, part, name, value)
    # A physical network may be renamed away by its switch; the machine stays.
    return replace(
        draft, topology=topology, selection=identifier, did=f"{said(part)}: {label} {_now(value)}."
    )


def _now(value: object) -> str:
    """Say what a field is now; a checkbox is on or off."""
    if isinstance(value, bool):
        return "is on now" if value else "is off now"
    text = str(value if value is not None else "").strip()
    return f"is {text} now" if text else "is empty now"


def _nest(draft: Draft, intent: Intent) -> Draft:
    """Make a VM a nested host; Windows is what carries Hyper-V."""
    path = _machine(draft, intent, "id")
    topology = with_vm(
        draft.topology,
        path,
        lambda vm: (
            vm if vm.nested else replace(vm, nested=Nested(), guest=replace(vm.guest, os="windows"))
        ),
    )
    return replace(
        draft,
        topology=topology,
        selection=machine_id(path),
        did=f"{path_text(path)} is a nested host now.",
    )


def _move(draft: Draft, intent: Intent) -> Draft:
    """Put a VM elsewhere among its siblings, which stay where they are drawn."""
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    if part.kind != "vm":
        message = f"Only VMs can be moved, not {said(part)}."
        raise EditRefused(message)
    identifier = machine_id(part.machine)
    drawn = layout(draft.topology, draft.positions)
    mine = drawn.box(identifier)
    positions = dict(draft.positions)
    positions.update(
        {box.id: (box.offset, box.row) for box in drawn.boxes if box.parent == mine.parent}
    )
    x = (
        float(intent["x"])
        if "x" in intent
        else mine.offset + _COLUMN * float(intent.get("columns", 0))
    )
    row = int(intent["row"]) if "row" in intent else mine.row + int(intent.get("rows", 0))
    positions[identifier] = (max(0.0, round(x)), row)
    return replace(
        draft, positions=positions, selection=identifier, did=f"Moved {part.machine[-1]}."
    )


def _arrange(draft: Draft, _intent: Intent) -> Draft:
    """Forget where VMs were put by hand."""
    return replace(draft, positions={}, did="Arranged all VMs anew.")


EDITS: dict[str, Callable[[Draft, Intent], Draft]] = {
    "add-vm": _add_vm,
    "add-nested-host": _add_nested_host,
    "add-switch": _add_switch,
    "add-adapter": _add_adapter,
    "link": _link,
    "delete": _delete,
    "rename": _rename,
    "set": _set,
    "nest": _nest,
    "move": _move,
    "arrange": _arrange,
}
"""What an intent's ``do`` can be."""
