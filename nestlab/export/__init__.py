"""Documents of a topology: handouts, a notebook or a script that builds it, pictures."""

from nestlab.export.document import Document, DocumentSection
from nestlab.export.handout import handout
from nestlab.export.html_page import html_page
from nestlab.export.kinds import (
    GRAPHS,
    HANDOUTS,
    PICTURES,
    Planned,
    document_files,
    document_paths,
    require_kind,
)
from nestlab.export.markdown import markdown
from nestlab.export.planned_run import PlannedRun, with_names
from nestlab.export.run_record import record_section
from nestlab.export.runbook import runbook

__all__ = [
    "GRAPHS",
    "HANDOUTS",
    "PICTURES",
    "Document",
    "DocumentSection",
    "Planned",
    "PlannedRun",
    "document_files",
    "document_paths",
    "handout",
    "html_page",
    "markdown",
    "record_section",
    "require_kind",
    "runbook",
    "with_names",
]
