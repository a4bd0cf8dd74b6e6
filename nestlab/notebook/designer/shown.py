"""The findings and the form of a topology, as plain data for the page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from nestlab.dataclass import replace
from nestlab.drawing.geometry import adapter_id, machine_id, switch_id
from nestlab.drawing.network_row import INTERNET, network_id
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, Topology
from nestlab.notebook.designer.fields import SHAPES, form, plain_fields
from nestlab.notebook.designer.parts import EditRefused, find, networks
from nestlab.rules import validate
from nestlab.topology_file import loads


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


def findings_of(topology: Topology, text: str = "") -> list[dict[str, Any]]:
    """Return the findings, each with the id of its part; "" if that is not in the drawing.

    With the text of the topology's file, each has the line that it is about, 0 if it has none.
    Where the text is not that of the topology, because it could not be saved, all have none.
    """
    parts = dict(reversed(list(_subjects(topology))))  # of equal names, the first one
    seen: Counter[str] = Counter()
    found = []
    read = loads(text) if text else topology
    for finding in validate(read if read == topology else replace(topology, origin=None)):
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
                **({"line": line_of(finding.location)} if text else {}),
            }
        )
    return found


def line_of(location: str) -> int:
    """Return the line of a place such as ``lab.yml:7:12``; 0 if it has none."""
    found = re.search(r":(\d+):\d+$", location)
    return int(found[1]) if found else 0


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
