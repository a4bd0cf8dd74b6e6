"""Topologies to start a design from: one file each, beside this one."""

from __future__ import annotations

from pathlib import Path

from nestlab.dataclass import replace
from nestlab.model.topology import Topology
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.page_texts import DESIGNER_TEMPLATES
from nestlab.texts import tr, translate
from nestlab.topology_file import load

TEMPLATES = DESIGNER_TEMPLATES
"""The templates by name, each with what it is."""


def template(name: str) -> Topology:
    """Return the topology of a template.

    Raises:
        EditRefused: there is no such template.
    """
    if name not in TEMPLATES:
        message = f"There is no template {name!r}."  # not shown: for code
        raise EditRefused(message, hint=f"Templates are {', '.join(TEMPLATES)}.")  # not shown
    return load(Path(__file__).parent / f"{name}.yml")


def use_template(draft: Draft, intent: Intent) -> Draft:
    """Fill an empty topology from a template, or one that is still as a template made it."""
    name = str(intent["template"])
    new = replace(template(name), name=draft.topology.name)
    if not _is_replaceable(draft.topology):
        message = tr("A template fills an empty topology, and this one has parts of its own.")
        hint = tr("Delete all but its name and description, or open the designer on a new file.")
        raise EditRefused(message, hint=hint)
    new = replace(new, description=draft.topology.description)
    message = tr("Filled from a template. {template}.", template=_text(name))
    return Draft(new, {}, "host", message)


def _text(name: str) -> str:
    return translate(TEMPLATES[name])


def _is_replaceable(topology: Topology) -> bool:
    plain = replace(topology, name="", description="")
    starts = [Topology(name=""), *map(template, TEMPLATES)]
    return plain in [replace(start, name="", description="") for start in starts]
