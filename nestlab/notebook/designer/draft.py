"""The draft that the designer edits, and the machine that an intent refers to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import VM, Topology
from nestlab.notebook.designer.parts import find
from nestlab.texts import tr

Intent = Mapping[str, Any]


@dataclass(frozen=True)
class Draft:
    """The topology being designed, positions set by the user, the selection, and the last edit.

    `folded` are the nested hosts that are drawn without what is inside.
    """

    topology: Topology
    positions: Mapping[str, tuple[float, int]] = field(default_factory=dict)
    selection: str = "host"
    message: str = ""
    folded: frozenset[str] = frozenset()


def opened(topology: Topology, positions: Mapping[str, tuple[float, int]]) -> Draft:
    """Return the first draft; of an empty topology, it says how to begin."""
    is_empty = not (topology.vms or topology.switches)
    hint = tr("To begin, choose a template, or add a switch and a VM.") if is_empty else ""
    return Draft(topology, positions, message=hint)


def machine_of(draft: Draft, intent: Intent, key: str = "into") -> MachinePath:
    """Return the machine that an intent refers to; a part of a machine refers to that machine."""
    return find(draft.topology, str(intent.get(key) or draft.selection)).machine


def several(draft: Draft, intent: Intent) -> list[str]:
    """Return the ids of an intent, in order and each once: ``ids``, or ``id``, or the selection."""
    given = intent.get("ids") or [intent.get("id") or draft.selection]
    return list(dict.fromkeys(str(identifier) for identifier in given))


def hosting_machine(draft: Draft, intent: Intent) -> MachinePath:
    """Return the host to add something to; for a plain VM, the host that it runs on."""
    path = machine_of(draft, intent)
    machine = draft.topology.machine(path)
    return path[:-1] if isinstance(machine, VM) and machine.nested is None else path
