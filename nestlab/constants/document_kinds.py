"""The kinds of documents that nestlab exports, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from nestlab.texts import mark

HANDOUT_KINDS: Final = ("markdown", "html")
"""The kinds that describe a lab with the steps that build it."""

JOURNAL_KINDS: Final = (*HANDOUT_KINDS, "notebook")
"""The kinds that can include the journals of earlier runs."""

PICTURE_KINDS: Final = ("mermaid", "drawio", "dot", "svg", "png", "pdf")
"""The kinds that are pictures, as `nestlab draw` makes them."""

GRAPH_KINDS: Final = ("graphml", "json")
"""The kinds that are the graph of a topology, for programs that read graphs."""

SCRIPT_KIND: Final = "powershell"
"""The kind that is a script, with a data file beside it."""

ROLE_KIND: Final = "jea"
"""The kind that is a folder: a role for a restricted session of PowerShell on the host."""

DOCUMENT_KINDS: Final = (
    *HANDOUT_KINDS,
    "notebook",
    SCRIPT_KIND,
    ROLE_KIND,
    *PICTURE_KINDS,
    *GRAPH_KINDS,
)
"""All kinds, in the order in which they are listed."""


class DocumentFormat(NamedTuple):
    """The title of a kind in menus, and its file extension, which is empty for a folder."""

    title: str
    extension: str


DOCUMENT_FORMATS: Final[Mapping[str, DocumentFormat]] = {
    "markdown": DocumentFormat(mark("Handout, Markdown"), ".md"),
    "html": DocumentFormat(mark("Handout, HTML page"), ".html"),
    "notebook": DocumentFormat(mark("Notebook that builds the lab"), ".ipynb"),
    SCRIPT_KIND: DocumentFormat(mark("PowerShell script that builds the lab"), ".ps1"),
    ROLE_KIND: DocumentFormat(mark("Role for a restricted session, JEA"), ""),
    "mermaid": DocumentFormat(mark("Picture, Mermaid"), ".mmd"),
    "drawio": DocumentFormat(mark("Picture, draw.io"), ".drawio"),
    "dot": DocumentFormat(mark("Picture, Graphviz DOT"), ".dot"),
    "svg": DocumentFormat(mark("Picture, SVG"), ".svg"),
    "png": DocumentFormat(mark("Picture, PNG"), ".png"),
    "pdf": DocumentFormat(mark("Picture, PDF"), ".pdf"),
    "graphml": DocumentFormat(mark("Graph, GraphML"), ".graphml"),
    "json": DocumentFormat(mark("Graph, JSON"), ".json"),
}
"""The format of each of `DOCUMENT_KINDS`, in the same order."""
