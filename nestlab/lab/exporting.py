"""Writes documents of a topology: with the findings and steps for its host, if it is given."""

from __future__ import annotations

from pathlib import Path

from nestlab.export import HANDOUTS, handout, require_kind
from nestlab.lab.lab import Lab
from nestlab.lab.lab_document import require_new
from nestlab.lab.simulated_run import simulated_run
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.rules import validate
from nestlab.transport.session import Cancel, Session


def export_topology(
    topology: Topology,
    path: str | Path,
    *,
    to: str,
    host: Session | None = None,
    force: bool = False,
    cancel: Cancel | None = None,
) -> Path:
    """Write a document of a topology, and return its path.

    Args:
        topology: What the document describes.
        path: The file to write.
        to: The kind of document: ``markdown`` or ``html``, a handout.
        host: The host that the document is for. Its findings and its plan are in the handout, and
            nothing is changed on it. Without one, the steps are those of a run on an empty
            simulated host.
        force: Whether an existing file is overwritten.
        cancel: Stops the reading of the host when it is set.

    Raises:
        UsageError: There is no such kind, or the file exists.
        FileNotWritten: The file cannot be written.
        HostError: The host does not answer, or refuses access.
    """
    if host is not None:
        return Lab(topology, host).export(path, to=to, force=force, cancel=cancel)
    kind, file = require_kind(to), Path(path)
    require_new(file, force=force)
    run = simulated_run(topology, cancel=cancel)
    write_atomically(file, HANDOUTS[kind](handout(topology, validate(topology), run)))
    return file
