"""What a document is made from, and the files that it consists of."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from nestlab.dataclass import dataclass, replace
from nestlab.errors import JournalError, UsageError
from nestlab.lab import Lab, capture_all, export_topology, journal_folder
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.topology_file import load
from nestlab.transport.session import Session

Source = Literal["file", "topology", "lab", "host"]


@dataclass(frozen=True)
class WorkProgress:
    """The current activity, and how many parts of the work are done."""

    text: str
    value: int
    total: int


@dataclass(frozen=True)
class DocumentFile:
    """A file of a document: its path, relative to the folder that it is written to, and content."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class DocumentRequest:
    """The choices for a document; equal requests make the same document.

    For a host, objects with the mark of `of_topology` are captured, or all if that is empty, with
    what is read inside the guests that accept `credential`. `revision` distinguishes versions of
    the topology file.
    """

    source: Source
    kind: str
    name: str
    file: str = ""
    of_topology: str = ""
    credential: str = ""
    with_record: bool = False
    revision: str = ""


@dataclass(frozen=True)
class GeneratedDocument:
    """A document: its request, files and topology, and a line for each thing that it lacks."""

    request: DocumentRequest
    files: tuple[DocumentFile, ...]
    topology: Topology
    missing: tuple[str, ...] = ()

    def can_be_named(self, request: DocumentRequest) -> bool:
        """Return whether the request is for this document, under any name.

        Files of one document name each other, so that only a document of one file can be renamed.
        """
        if request == self.request:
            return True
        alone = len(self.files) == 1 and bool(Path(request.name).name)
        return alone and replace(request, name=self.request.name) == self.request

    def named(self, request: DocumentRequest) -> GeneratedDocument:
        """Return the document with the name of a request."""
        if request == self.request:
            return self
        file = DocumentFile(Path(request.name).name, self.files[0].content)
        return replace(self, request=request, files=(file,))


def revision_of(file: str) -> str:
    """Return the digest of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def make_document(
    request: DocumentRequest, subject: Topology | Lab | Session | None, cancel: threading.Event
) -> Generator[WorkProgress, None, GeneratedDocument]:
    """Yield the progress, and return the document; nothing is changed, and no file is kept.

    Raises the errors of `nestlab.load`, `nestlab.capture` and `nestlab.export_topology`.
    """
    asks = [tr("Reading {host} …", host=host)] if (host := _host_to_read(request, subject)) else []
    parts = [*asks, tr("Making the document …")]
    yield WorkProgress(parts[0], 0, len(parts))
    missing: tuple[str, ...] = ()
    if request.source == "host":
        topology, missing = _captured(request, subject, cancel)
        yield WorkProgress(parts[-1], 1, len(parts))
    else:
        topology = _topology(request, subject)
    with TemporaryDirectory(prefix="nestlab-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / Path(request.name).name
        if isinstance(subject, Lab) and request.source == "lab":
            record = newest_journal(subject) if request.with_record else None
            subject.export(path, to=request.kind, journal=record, cancel=cancel)
        else:
            export_topology(topology, path, to=request.kind, cancel=cancel)
        files = tuple(
            DocumentFile(made.relative_to(folder).as_posix(), made.read_bytes())
            for made in sorted(Path(folder).rglob("*"), key=lambda made: (made != path, made))
            if made.is_file()
        )
    return GeneratedDocument(request, files, topology, missing)


def newest_journal(lab: Lab) -> Path:
    """Return the journal of a lab, by default the newest; raises JournalError if there is none."""
    return lab.journal or journal_folder.latest(lab.topology.name, lab.host).path


def has_journal(lab: Lab) -> bool:
    """Whether a lab has a journal: something has been applied to its host."""
    try:
        return newest_journal(lab).is_file()
    except JournalError:
        return False


def _host_to_read(request: DocumentRequest, subject: object) -> str:
    """Return the address of the host that is read; empty if none is."""
    if request.source == "host":
        return _session(subject).host
    return subject.host.host if isinstance(subject, Lab) and request.source == "lab" else ""


def _session(subject: object) -> Session:
    return subject.host if isinstance(subject, Lab) else subject  # type: ignore[return-value]  # the form offers a host only where there is one


def _captured(
    request: DocumentRequest, subject: object, cancel: threading.Event
) -> tuple[Topology, tuple[str, ...]]:
    found = capture_all(
        _session(subject),
        of_topology=request.of_topology or None,
        credential=request.credential or None,
        cancel=cancel,
    )
    return found.topology, (*found.losses, *found.unread)


def _topology(request: DocumentRequest, subject: object) -> Topology:
    if request.source == "file":
        if not request.file:
            message = tr("No topology file was given.")
            raise UsageError(message, hint=tr("Enter its name, or choose one from the list."))
        return load(request.file)
    return subject.topology if isinstance(subject, Lab) else subject  # type: ignore[return-value]  # a topology, as the form offers
