"""The files that the page of the designer offers for download."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from nestlab.drawing import SvgFigure
from nestlab.model.topology import Topology
from nestlab.notebook.designer.parts import EditRefused


class Exportable(Protocol):
    """What a designer has for an export."""

    @property
    def topology(self) -> Topology:
        """The current topology."""
        ...

    @property
    def text(self) -> str:
        """The text of the topology's file, or what it would be."""
        ...

    def figure(self, theme: str | None = None) -> SvgFigure:
        """Return the current picture."""
        ...


def exported(designer: Exportable, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the name and text of a file to download, and which view of the page asked for it.

    A PNG is sent as its SVG, which the page turns into pixels: matplotlib, which draws it
    elsewhere, takes seconds for a large topology, and a browser without it can do it as well.

    Raises EditRefused for another format.
    """
    form = asked.get("format")
    texts: dict[object, Callable[[], str]] = {
        "svg": lambda: designer.figure().svg + "\n",
        "png": lambda: designer.figure("light").svg,
        "yml": lambda: designer.text,
    }
    if form not in texts:
        message = f"There is no export to {form!r}."  # not shown: for code
        raise EditRefused(message)
    return {
        "name": f"{designer.topology.name}.{form}",
        "text": texts[form](),
        "view": asked.get("view"),
    }
