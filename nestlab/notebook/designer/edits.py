"""The edits of the designer: pure functions from a draft and an intent to the next draft."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.dataclass import replace
from nestlab.drawing import layout
from nestlab.drawing.geometry import machine_id
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import Check, Nested, Topology
from nestlab.notebook.designer.adding import add_adapter, add_nested_host, add_switch, add_vm, link
from nestlab.notebook.designer.draft import Draft, Intent, machine_of
from nestlab.notebook.designer.fields import NO_SWITCH, label_of, set_field
from nestlab.notebook.designer.parts import (
    EditRefused,
    Part,
    capitalized,
    describe,
    find,
    vm_at,
    with_adapters,
    with_switches,
    with_vm,
    with_vms,
)
from nestlab.notebook.designer.renaming import rename
from nestlab.texts import tr, translate

_COLUMN = 20


def edit(draft: Draft, intent: Intent) -> Draft:
    """Return the draft after an intent such as ``{"do": "add-vm", "into": "HV1"}``.

    Raises:
        EditRefused: the edit is not possible on this draft; the message says why.
    """
    function = EDITS.get(str(intent.get("do")))
    if function is None:
        message = f"There is no edit {intent.get('do')!r}."  # not shown: for code
        raise EditRefused(message, hint=f"Edits are {', '.join(EDITS)}.")  # not shown
    try:
        return function(draft, intent)
    except KeyError as error:
        message = f"The intent {intent.get('do')!r} lacks {error}."  # not shown: for code
        raise EditRefused(message) from error


def _delete(draft: Draft, intent: Intent) -> Draft:
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    delete = _DELETIONS.get(part.kind)
    topology = delete(draft.topology, part) if delete else None
    if topology is None:
        message = tr("{part} cannot be deleted.", part=capitalized(describe(part)))
        raise EditRefused(message)
    chosen = machine_id(part.machine[:-1] if part.kind == "vm" else part.machine)
    machines = {"/".join(machine) for machine, _ in topology.machines()}
    positions = {key: place for key, place in draft.positions.items() if key in machines}
    return Draft(topology, positions, chosen, tr("Deleted {part}.", part=describe(part)))


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
    adapters = enumerate(vm_at(topology, part.machine).network_adapters)
    return with_adapters(topology, part.machine, (a for n, a in adapters if n != part.index))


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
    return Draft(topology, positions, chosen, tr("Renamed to {name}.", name=intent["name"]))


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
    # The id of a physical network changes with the adapter of its switch.
    return replace(
        draft,
        topology=topology,
        selection=identifier,
        message=_set_text(capitalized(describe(part)), label, value),
    )


def _set_text(part: str, label: str, value: object) -> str:
    """Return that a field has a new value; a checkbox is on or off."""
    if value is True:
        return tr("{part}: {label} is on now.", part=part, label=label)
    if value is False:
        return tr("{part}: {label} is off now.", part=part, label=label)
    text = str(value if value is not None else "").strip()
    if not text:
        return tr("{part}: {label} is empty now.", part=part, label=label)
    shown = translate(NO_SWITCH) if text == NO_SWITCH else text
    return tr("{part}: {label} is {value} now.", part=part, label=label, value=shown)


def _nest(draft: Draft, intent: Intent) -> Draft:
    """Make a VM a nested host; Windows is required for the Hyper-V role."""
    path = machine_of(draft, intent, "id")
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
        message=tr("{vm} is a nested host now.", vm=path_text(path)),
    )


def _move(draft: Draft, intent: Intent) -> Draft:
    """Move a VM among its siblings, which keep their positions in the drawing."""
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    if part.kind != "vm":
        message = tr("Only VMs can be moved, not {part}.", part=describe(part))
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
        draft,
        positions=positions,
        selection=identifier,
        message=tr("Moved {vm}.", vm=part.machine[-1]),
    )


def _arrange(draft: Draft, _intent: Intent) -> Draft:
    """Discard the positions of VMs that the user has set."""
    return replace(draft, positions={}, message=tr("Arranged all VMs automatically."))


EDITS: dict[str, Callable[[Draft, Intent], Draft]] = {
    "add-vm": add_vm,
    "add-nested-host": add_nested_host,
    "add-switch": add_switch,
    "add-adapter": add_adapter,
    "link": link,
    "delete": _delete,
    "rename": _rename,
    "set": _set,
    "nest": _nest,
    "move": _move,
    "arrange": _arrange,
}
"""The values of ``do`` in an intent."""
