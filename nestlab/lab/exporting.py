"""Writes documents of topologies, for a host or without one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from nestlab.export import HANDOUTS, PlannedRun
from nestlab.lab.lab import Lab
from nestlab.lab.lab_document import write_document
from nestlab.lab.simulated_run import simulated_run
from nestlab.model import Findings
from nestlab.model.topology import Topology
from nestlab.rules import validate
from nestlab.transport import connect, require_address
from nestlab.transport.session import Cancel, Session


def export_topology(
    topology: Topology,
    path: str | Path,
    *,
    to: str,
    host: Session | str | None = None,
    journal: str | Path | None = None,
    force: bool = False,
    cancel: Cancel | None = None,
) -> Path:
    """Write a document of a topology, and return its path.

    Args:
        topology: What the document describes.
        path: The file to write; for ``jea``, the folder.
        to: The kind of document: ``markdown`` or ``html``, a handout; ``notebook``, a notebook that
            builds, verifies and undoes the lab; ``powershell``, a script that builds it, with a
            data file beside it; ``jea``, a folder with a role for a restricted session on the host;
            ``mermaid``, ``drawio``, ``dot``, ``svg``, ``png``
            or ``pdf``, the picture.
        host: The host that the document is for, or its address; nothing is changed on it. A handout
            then has the findings about that host and the plan for it, and a notebook connects to it
            by default. Without one, a handout has the steps of a run on an empty simulated host.
        journal: The journal of earlier runs, which the document then lists with their times.
        force: Whether an existing file is overwritten.
        cancel: Stops the reading of the host when it is set.

    Raises:
        UsageError: There is no such kind, the file exists, the kind cannot list a journal, or
            a step cannot be in a script.
        UnknownHost: There is no such host.
        FileNotWritten: The file cannot be written.
        JournalError: The journal cannot be read.
        HostError: The host does not answer, or refuses access.
    """
    if isinstance(host, str) and to in HANDOUTS:
        with closing(connect(host)) as session:
            lab = Lab(topology, session)
            return lab.export(path, to=to, journal=journal, force=force, cancel=cancel)
    if host is not None and not isinstance(host, str):
        lab = Lab(topology, host)
        return lab.export(path, to=to, journal=journal, force=force, cancel=cancel)

    def planned() -> tuple[Findings, PlannedRun]:
        return validate(topology), simulated_run(topology, Lab, cancel=cancel)

    address = "" if host is None else require_address(host)
    return write_document(
        topology, path, planned, to=to, host=address, journal=journal, force=force
    )
