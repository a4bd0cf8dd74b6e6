"""The kinds of documents, and the content of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nestlab.constants import DOCUMENT_FORMATS, DOCUMENT_KINDS, PICTURE_KINDS, RECORD_KINDS
from nestlab.drawing import picture_content
from nestlab.errors import UsageError
from nestlab.export.document import Document, DocumentSection
from nestlab.export.graph_files import graph_json, graphml
from nestlab.export.handout import handout
from nestlab.export.html_page import html_page
from nestlab.export.markdown import markdown
from nestlab.export.planned_run import PlannedRun
from nestlab.export.runbook import runbook
from nestlab.model import Findings
from nestlab.model.topology import Topology

HANDOUTS: Mapping[str, Callable[[Document], str]] = {"markdown": markdown, "html": html_page}
"""The kinds that describe a lab with the steps that build it."""

PICTURES: Mapping[str, str] = {kind: DOCUMENT_FORMATS[kind].extension for kind in PICTURE_KINDS}
"""The kinds that are pictures, as `nestlab draw` makes them, and the extension of each."""

GRAPHS: Mapping[str, Callable[[Topology], str]] = {"graphml": graphml, "json": graph_json}
"""The kinds that are the graph of a topology."""

Planned = Callable[[], tuple[Findings, PlannedRun]]
"""Returns the findings about a lab and the steps that build it; asked only for handouts."""


def require_kind(kind: str) -> str:
    """Return the kind if there is one of this name; raises UsageError, which lists all kinds."""
    if kind not in DOCUMENT_KINDS:
        message = f"There is no kind of document {kind!r}."
        raise UsageError(message, hint=f"Kinds are {', '.join(DOCUMENT_KINDS)}.")
    return kind


def document_content(
    kind: str,
    topology: Topology,
    planned: Planned,
    *,
    host: str = "",
    record: DocumentSection | None = None,
) -> str | bytes:
    """Return the content of a document.

    Args:
        kind: one of `DOCUMENT_KINDS`.
        topology: what the document describes.
        planned: returns the findings and the steps.
        host: the address that a notebook connects to by default.
        record: the section about earlier runs, as the last one.

    Raises:
        UsageError: there is no such kind, or it is a picture or a graph, which have no place for a
            record.
    """
    if record is not None and require_kind(kind) not in RECORD_KINDS:
        message = f"{DOCUMENT_FORMATS[kind].title} has no place for the record of a journal."
        raise UsageError(message, hint=f"Kinds with a record are {', '.join(RECORD_KINDS)}.")
    if require_kind(kind) in PICTURES:
        return picture_content(topology, PICTURES[kind])
    if kind in GRAPHS:
        return GRAPHS[kind](topology)
    records = () if record is None else (record,)
    if kind == "notebook":
        return runbook(topology, host=host, records=records)
    findings, run = planned()
    return HANDOUTS[kind](handout(topology, findings, run, records=records))
