"""The findings and the form of a topology, as plain data for the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.drawing.network_row import INTERNET, network_id
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, Topology
from nestlab.notebook.designer.fields import SHAPES, form, plain_fields
from nestlab.notebook.designer.parts import EditRefused, find, networks
from nestlab.rules import validate


def form_of(topology: Topology, selection: str) -> list[dict[str, Any]]:
    """Return the properties of a part; the internet has none."""
    try:
        return [field.to_dict() for field in form(topology, find(topology, selection))]
    except EditRefused:
        return []


def exists(topology: Topology, identifier: str) -> bool:
    """Whether a part is in the picture, or would be if its host were not folded."""
    try:
        find(topology, identifier)
    except EditRefused:
        return identifier == INTERNET
    return True


def forms() -> dict[str, dict[str, Any]]:
    """Return what the fields of each kind of part have in common, by their names."""
    return {
        kind: {field.name: field.to_dict() for field in plain_fields(shape, None)}
        for kind, shape in SHAPES.items()
    }


def shortened(
    fields: list[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return fields without what the page knows from `forms`, of the kind of their part."""
    return [
        {
            key: value
            for key, value in field.items()
            if key == "name" or known.get(field["name"], {}).get(key) != value
        }
        for field in fields
    ]


def kind_of(identifier: str) -> str:
    """Return the kind of a part with a form, by its id."""
    kind, colon, _ = identifier.partition(":")
    return kind if colon else "host" if identifier == "host" else "vm"


def findings_of(topology: Topology) -> list[dict[str, Any]]:
    """Return the findings, each with the id of its part; "" if that is not in the drawing."""
    parts = dict(reversed(list(_subjects(topology))))  # of equal names, the first one
    seen: Counter[str] = Counter()
    found = []
    for finding in validate(topology):
        name = f"{finding.code} {finding.subject}"
        seen[name] += 1
        found.append(
            {
                "id": f"{name} {seen[name]}",
                "code": finding.code,
                "severity": finding.severity,
                "subject": finding.subject_text,
                "message": finding.message,
                "hint": finding.hint,
                "part": parts.get(finding.subject, ""),
            }
        )
    return found


def _subjects(topology: Topology) -> Iterator[tuple[str, str]]:
    """Yield what findings call each part, with the part's id."""
    for path, machine in topology.machines():
        where = path_text(path)
        yield where, machine_id(path)
        if path:
            yield f"VM {where}", machine_id(path)
        for switch in machine.switches:
            identifier = switch_id(path, switch.name)
            yield identifier.replace(":", " ", 1), identifier
            if not path:
                yield f"switch {switch.name}", identifier
        for index, adapter in enumerate(
            machine.network_adapters if isinstance(machine, VM) else ()
        ):
            yield f"adapter {where}/{adapter.name}", adapter_id(path, index)
    for name in networks(topology):
        yield network_id(name), network_id(name)
