"""Reads and writes topology files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.dataclass import replace
from nestlab.errors import FileNotWritten, TopologyFileError
from nestlab.model.files import write_atomically
from nestlab.model.finding import Finding, Findings
from nestlab.model.origin import CountedCopy, KeyPath, Origin
from nestlab.model.plain import Plain
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.topology_file.automatic_addresses import with_automatic_addresses
from nestlab.topology_file.expansion import TooManyCopies, expanded
from nestlab.topology_file.file_text import compose_document, read_file_text
from nestlab.topology_file.keys import TOPOLOGY
from nestlab.topology_file.nodes import Node, ScalarNode
from nestlab.topology_file.reader import MAX_PROBLEMS, Reader, TooManyProblems

if TYPE_CHECKING:
    from nestlab.topology_file.partial_reading import ReadableParts


def load(path: str | Path) -> Topology:
    """Read a topology file; raises TopologyFileError with every problem at once."""
    return loads(read_file_text(Path(path), TopologyFileError), str(path))


def loads(text: str, filename: str = "<text>") -> Topology:
    r"""Read the text of a topology file; raises TopologyFileError with every problem at once.

    >>> loads("name: lab\nvms: [{name: HV1, memory_startup: 8GB}]").vms[0].memory_startup
    Size('8GB')
    """
    reader = Reader(filename)
    topology = _read(compose_document(text, reader, TopologyFileError), reader, text)
    if topology is None or reader.findings:
        if not reader.findings:
            reader.report(
                "wrong-type",
                ScalarNode(1, 1, "", plain=True),
                (),
                tr("the document is empty"),
                tr("A topology begins with 'name: ...'."),
            )
        raise TopologyFileError(filename, Findings(reader.findings))
    origin = Origin(filename, text, reader.positions, topology, reader.copies)
    return replace(topology, origin=origin)


def _read(node: Node, reader: Reader, text: str) -> Topology | None:
    """Return the topology of a document; None if there is none, with findings in `reader`."""
    try:
        topology = reader.read(expanded(node, reader, text), TOPOLOGY, ())
        if isinstance(topology, Topology):
            return with_automatic_addresses(topology, reader.report_at)
    except TooManyCopies:
        return None
    except TooManyProblems:
        reader.findings.append(
            Finding(
                "bad-value",
                "error",
                "topology",
                tr("more than {limit} problems; the rest are not shown", limit=MAX_PROBLEMS),
                location=reader.filename,
            )
        )
    return None


def load_parts(path: str | Path) -> ReadableParts | None:
    """Return the readable parts of a file that `load` refuses: see `readable_parts`."""
    from nestlab.topology_file.partial_reading import readable_parts  # noqa: PLC0415  # only a file with problems needs it

    try:
        return readable_parts(read_file_text(Path(path), TopologyFileError), str(path))
    except TopologyFileError:
        return None


def dumps(topology: Topology) -> str:
    """Return the text of a topology: that of its file, updated, or a new one.

    ``loads(dumps(topology)) == topology`` for every topology that `loads` can return.
    """
    from nestlab.topology_file.writing import render  # noqa: PLC0415  # reading needs none of it

    origin = topology.origin
    if origin is None or origin.topology is None:
        return render(topology.to_dict())
    if origin.topology == topology:
        return origin.text
    return _in_place(origin, topology) or render(topology.to_dict())


def _in_place(origin: Origin, topology: Topology) -> str:
    """Return the updated text of the origin; empty if its layout prevents editing in place."""
    from nestlab.topology_file.updating import updated_text  # noqa: PLC0415  # as above

    if origin.topology is None:
        return ""
    try:
        text = updated_text(
            origin.text,
            (origin.topology.to_dict(), origin.copies),
            topology.to_dict(),
            TOPOLOGY,
            _parsed,
        )
    except TopologyFileError:
        return ""
    return text or ""


def _parsed(text: str) -> tuple[Plain, Mapping[KeyPath, CountedCopy]]:
    read = loads(text)
    return read.to_dict(), read.origin.copies if read.origin else {}


def save(topology: Topology, path: str | Path) -> None:
    """Write a topology file atomically: readers see the old or the new one.

    The comments and the order of the file that it was read from are kept, unless the layout of that
    file prevents editing in place: then the whole file is written without comments. Raises
    TopologyFileError if the file cannot be written.
    """
    try:
        write_atomically(path, dumps(topology))
    except FileNotWritten as error:
        message = tr("cannot be written: {reason}", reason=error.reason)
        finding = Finding(
            "unwritable-file", "error", str(path), message, error.hint, location=str(path)
        )
        raise TopologyFileError(str(path), Findings([finding])) from error
