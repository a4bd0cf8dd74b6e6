"""Load the topology file that a command line names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.errors import TopologyFileError
from nestlab.model import Findings

if TYPE_CHECKING:
    from nestlab.model.topology import Topology


def load_topology(path: Path) -> Topology:
    """Return the topology of a file.

    Raises TopologyFileError if it cannot be read. Like `validate`, the error also lists the errors
    and warnings about the part that can be read, so that all of them can be corrected at once.
    """
    try:
        return nestlab.load(path)
    except TopologyFileError as error:
        from nestlab.rules import validate_readable_part  # noqa: PLC0415  # keeps --help quick

        others = (found for found in validate_readable_part(path) if found.severity != "info")
        raise TopologyFileError(error.path, Findings([*error.findings, *others])) from None
