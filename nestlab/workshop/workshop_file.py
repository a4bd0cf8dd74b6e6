"""Reads and writes workshop files; every problem is reported at once, with its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nestlab.dataclass import replace
from nestlab.errors import FileNotWritten, TopologyFileError, WorkshopFileError
from nestlab.model.files import write_atomically
from nestlab.model.finding import Finding, Findings
from nestlab.model.origin import CountedCopy, KeyPath, Origin
from nestlab.model.plain import Plain
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.topology_file import load as load_topology
from nestlab.topology_file.file_text import compose_document, read_file_text
from nestlab.topology_file.json_schema import schema_of, text_of
from nestlab.topology_file.nodes import ScalarNode
from nestlab.topology_file.reader import MAX_PROBLEMS, Reader, TooManyProblems
from nestlab.topology_file.updating import updated_text
from nestlab.topology_file.writing import render
from nestlab.workshop.workshop_keys import WORKSHOP
from nestlab.workshop.workshop_problems import problems_of
from nestlab.workshop.workshop_values import Workshop

SCHEMA_PATH = Path(__file__).with_name("workshop.schema.json")


def load(path: str | Path) -> Workshop:
    """Read a workshop file and its topology; raises WorkshopFileError with every problem."""
    file = Path(path)
    return loads(read_file_text(file, WorkshopFileError), str(file))


def loads(text: str, filename: str = "<text>") -> Workshop:
    """Read the text of a workshop file; the path of its topology is relative to `filename`.

    Raises WorkshopFileError with every problem at once, those of the topology file included.
    """
    reader = Reader(filename, root="workshop")
    declared = _declared(text, reader)
    base = _base(declared, reader) if declared is not None else None
    if declared is not None and base is not None:
        whole = replace(declared, base=base)
        for problem in problems_of(whole):
            keys = problem.keys
            while keys not in reader.positions:
                keys = keys[:-1]
            reader.report_at(keys, problem.message, problem.hint)
        if not reader.findings:
            origin = Origin(filename, text, reader.positions, declared)
            return replace(whole, origin=origin)
    raise WorkshopFileError(filename, Findings(reader.findings))


def _declared(text: str, reader: Reader) -> Workshop | None:
    """Return what a text declares; None if there is none, with findings in `reader`."""
    node = compose_document(text, reader, WorkshopFileError)
    try:
        found = reader.read(node, WORKSHOP, ())
    except TooManyProblems:
        message = tr("more than {limit} problems; the rest are not shown", limit=MAX_PROBLEMS)
        reader.findings.append(
            Finding("bad-value", "error", reader.root, message, location=reader.filename)
        )
        return None
    if isinstance(found, Workshop):
        return found
    if not reader.findings:
        place = ScalarNode(1, 1, "", plain=True)
        hint = tr("A workshop begins with 'name: ...' and 'topology: FILE'.")
        reader.report("wrong-type", place, (), tr("the document is empty"), hint)
    return None


def _base(workshop: Workshop, reader: Reader) -> Topology | None:
    """Return the topology of a workshop; None if it cannot be read, with findings in `reader`."""
    path = Path(reader.filename).parent / workshop.topology
    try:
        return load_topology(path)
    except TopologyFileError as error:
        first = error.findings[0]
        if first.location == error.path:  # the file itself, not a line of it
            message = tr("{file} cannot be used: {reason}", file=path, reason=first.message)
            reader.report_at(("topology",), message, first.hint)
        else:
            reader.findings += error.findings
        return None


def dumps(workshop: Workshop) -> str:
    """Return the text of a workshop: that of its file with its comments, updated, or a new one."""
    origin = workshop.origin
    if origin is None or origin.topology is None:
        return render(workshop.to_dict())
    updated = updated_text(
        origin.text, (origin.topology.to_dict(), {}), workshop.to_dict(), WORKSHOP, _parsed
    )
    return updated or render(workshop.to_dict())


def _parsed(text: str) -> tuple[Plain, Mapping[KeyPath, CountedCopy]]:
    reader = Reader("<text>", root="workshop")
    found = _declared(text, reader)
    if found is None:
        raise WorkshopFileError(reader.filename, Findings(reader.findings))
    return found.to_dict(), {}


def save(workshop: Workshop, path: str | Path) -> None:
    """Write a workshop file atomically, with the comments and the order of the file it came from.

    Raises WorkshopFileError if the file cannot be written.
    """
    try:
        write_atomically(path, dumps(workshop))
    except FileNotWritten as error:
        message = tr("cannot be written: {reason}", reason=error.reason)
        place = str(path)
        finding = Finding("unwritable-file", "error", place, message, error.hint, location=place)
        raise WorkshopFileError(place, Findings([finding])) from error


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the workshop file."""
    return schema_of(
        WORKSHOP,
        "nestlab workshop",  # not shown
        "A class from one file: seats, their networks, hosts and stages.",  # not shown
    )


def schema_text() -> str:
    """Return the text of the schema file that is part of the package."""
    return text_of(schema())
