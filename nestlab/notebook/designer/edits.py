"""The edits of the designer: pure functions from a draft and an intent to the next draft."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.dataclass import replace
from nestlab.drawing import layout
from nestlab.drawing.geometry import machine_id
from nestlab.notebook.designer.adding import add_adapter, add_nested_host, add_switch, add_vm, link
from nestlab.notebook.designer.copying import duplicate, move_into, paste
from nestlab.notebook.designer.deleting import delete
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.fields import NO_SWITCH, label_of, set_field
from nestlab.notebook.designer.images import with_image
from nestlab.notebook.designer.memory import with_memory_for_content
from nestlab.notebook.designer.nat import put_behind_nat
from nestlab.notebook.designer.nesting import add_vm_inside, bridge, nest
from nestlab.notebook.designer.parts import (
    EditRefused,
    capitalized,
    describe,
    find,
)
from nestlab.notebook.designer.renaming import rename
from nestlab.notebook.designer.templates import use_template
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
        return with_memory_for_content(draft.topology, function(draft, intent))
    except KeyError as error:
        message = f"The intent {intent.get('do')!r} lacks {error}."  # not shown: for code
        raise EditRefused(message) from error


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
    before, more = draft.topology, ""
    if name == "disk.image" and value:
        before, more = with_image(before, part, str(value))
    topology = set_field(before, part, name, value)
    return replace(
        draft,
        topology=topology,
        selection=identifier,
        message=" ".join(
            filter(None, (_set_text(capitalized(describe(part)), label, value), more))
        ),
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


def _move(draft: Draft, intent: Intent) -> Draft:
    """Move a VM among its siblings, which keep their positions in the drawing."""
    part = find(draft.topology, str(intent.get("id") or draft.selection))
    if part.kind != "vm":
        message = tr("Only VMs can be moved, not {part}.", part=describe(part))
        raise EditRefused(message)
    identifier = machine_id(part.machine)
    drawn = layout(draft.topology, draft.positions, draft.folded)
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


def _dropped(add: Callable[[Draft, Intent], Draft]) -> Callable[[Draft, Intent], Draft]:
    """Return an edit that adds a VM, at the place of the intent if it has one."""

    def edit_and_move(draft: Draft, intent: Intent) -> Draft:
        added = add(draft, intent)
        if "x" not in intent:
            return added
        place = {"id": added.selection, "x": intent["x"], "row": intent["row"]}
        return replace(_move(added, place), message=added.message)

    return edit_and_move


def _arrange(draft: Draft, _intent: Intent) -> Draft:
    """Discard the positions of VMs that the user has set."""
    return replace(draft, positions={}, message=tr("Arranged all VMs automatically."))


EDITS: dict[str, Callable[[Draft, Intent], Draft]] = {
    "add-vm": _dropped(add_vm),
    "add-nested-host": _dropped(add_nested_host),
    "add-switch": add_switch,
    "add-adapter": add_adapter,
    "link": link,
    "delete": delete,
    "rename": _rename,
    "set": _set,
    "nest": nest,
    "add-vm-inside": add_vm_inside,
    "bridge": bridge,
    "nat": put_behind_nat,
    "duplicate": duplicate,
    "paste": paste,
    "move-into": move_into,
    "move": _move,
    "arrange": _arrange,
    "template": use_template,
}
"""The values of ``do`` in an intent."""
