"""Documents of a topology: handouts in Markdown and HTML."""

from nestlab.export.document import Document
from nestlab.export.handout import handout
from nestlab.export.html_page import html_page
from nestlab.export.kinds import HANDOUTS, KINDS, require_kind
from nestlab.export.markdown import markdown
from nestlab.export.planned_run import PlannedRun, with_vm_names

__all__ = [
    "HANDOUTS",
    "KINDS",
    "Document",
    "PlannedRun",
    "handout",
    "html_page",
    "markdown",
    "require_kind",
    "with_vm_names",
]
