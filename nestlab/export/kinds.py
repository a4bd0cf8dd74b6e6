"""The kinds of documents, and the content of each."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Mapping
from pathlib import Path

from nestlab.constants.document_kinds import (
    DOCUMENT_FORMATS,
    DOCUMENT_KINDS,
    JOURNAL_KINDS,
    PICTURE_KINDS,
    ROLE_KIND,
    SCRIPT_KIND,
)
from nestlab.drawing import picture_content
from nestlab.errors import UsageError
from nestlab.export.document import Document, DocumentSection
from nestlab.export.graph_files import graph_json, graphml
from nestlab.export.handout import handout
from nestlab.export.html_page import html_page
from nestlab.export.jea import role_files
from nestlab.export.markdown import markdown
from nestlab.export.planned_run import PlannedRun
from nestlab.export.powershell import script_files
from nestlab.export.runbook import runbook
from nestlab.model import Findings
from nestlab.model.topology import Topology
from nestlab.texts import tr, translate

HANDOUTS: Mapping[str, Callable[[Document], str]] = {"markdown": markdown, "html": html_page}
"""The kinds that describe a lab with the steps that build it."""

PICTURES: Mapping[str, str] = {kind: DOCUMENT_FORMATS[kind].extension for kind in PICTURE_KINDS}
"""The kinds that are pictures, as `nestlab draw` makes them, and the extension of each."""

GRAPHS: Mapping[str, Callable[[Topology], str]] = {"graphml": graphml, "json": graph_json}
"""The kinds that are the graph of a topology."""

Planned = Callable[[], tuple[Findings, PlannedRun]]
"""Returns the findings about a lab and the steps that build it.

Called only for handouts and scripts.
"""


def require_kind(kind: str) -> str:
    """Return the kind if there is one of this name; raises UsageError, which lists all kinds."""
    if kind not in DOCUMENT_KINDS:
        message = tr("There is no kind of document {kind!r}.", kind=kind)
        raise UsageError(message, hint=tr("Kinds are {names}.", names=", ".join(DOCUMENT_KINDS)))
    return kind


def document_paths(kind: str, topology: Topology, path: Path) -> tuple[Path, ...]:
    """Return the files of a document that is written to a path; for a role, that is a folder.

    Raises UsageError if there is no such kind, or PowerShell would not run a script with that name.
    """
    if require_kind(kind) == ROLE_KIND:
        return tuple(path / each for each in role_files(topology))
    if kind != SCRIPT_KIND:
        return (path,)
    if path.suffix.lower() != ".ps1":
        message = tr(
            "PowerShell runs scripts whose names end with .ps1, and {value} does not.",
            value=path.name or path,
        )
        name = path.with_suffix(".ps1").name if path.name else f"{topology.name}.ps1"
        raise UsageError(message, hint=tr("Write it to {name}.", name=name))
    return path, path.with_suffix(".psd1")


def document_files(
    kind: str,
    topology: Topology,
    planned: Planned,
    path: Path,
    *,
    host: str = "",
    record: DocumentSection | None = None,
) -> dict[Path, str | bytes]:
    """Return the files of a document and the content of each.

    Args:
        kind: one of `DOCUMENT_KINDS`.
        topology: what the document describes.
        planned: returns the findings and the steps.
        path: the file to write, for a role the folder; a script has its data beside it.
        host: the address that a notebook connects to by default.
        record: the section about earlier runs, as the last one.

    Raises:
        UsageError: there is no such kind, it has no place for a record, or a step cannot be in a
            script.
    """
    paths = document_paths(kind, topology, path)
    if record is not None and kind not in JOURNAL_KINDS:
        message = tr(
            "{title} has no place for the record of a journal.",
            title=translate(DOCUMENT_FORMATS[kind].title),
        )
        raise UsageError(
            message, hint=tr("Kinds with a record are {names}.", names=", ".join(JOURNAL_KINDS))
        )
    if kind == SCRIPT_KIND:
        texts = script_files(topology, planned()[1], *(each.name for each in paths))
        return dict(zip(paths, map(_with_bom, (texts.script, texts.data)), strict=True))
    if kind == ROLE_KIND:
        return {path / each: _with_bom(text) for each, text in role_files(topology).items()}
    records = () if record is None else (record,)
    return {path: _content(kind, topology, planned, host, records)}


def _with_bom(text: str) -> bytes:
    """Return UTF-8 with a byte order mark, without which PowerShell 5.1 reads ANSI text."""
    return codecs.BOM_UTF8 + text.encode()


def _content(
    kind: str,
    topology: Topology,
    planned: Planned,
    host: str,
    records: tuple[DocumentSection, ...],
) -> str | bytes:
    if kind in PICTURES:
        return picture_content(topology, PICTURES[kind])
    if kind in GRAPHS:
        return GRAPHS[kind](topology)
    if kind == "notebook":
        return runbook(topology, host=host, records=records)
    findings, run = planned()
    return HANDOUTS[kind](handout(topology, findings, run, records=records))
