"""The topology's file beside the canvas: its text, and its errors with their lines."""

from __future__ import annotations

import re
from typing import Any

import traitlets

from nestlab.errors import TopologyFileError
from nestlab.notebook.designer.page_state import PageState


class FileView(PageState):
    """A widget that shows the text of a file while `file_open` is set."""

    file_open = traitlets.Bool(
        default_value=False,
        help="Whether the file is shown beside the canvas.",  # not shown
    ).tag(sync=True)
    file_errors: traitlets.List[Any] = traitlets.List(
        help="The errors of the text that was typed, each with its line.",  # not shown
    ).tag(sync=True)

    def show_errors(self, error: TopologyFileError) -> None:
        """Show what is wrong with a text, at its lines."""
        self.file_errors = [
            {
                "line": _line(finding.location),
                "text": f"{finding.message}. {finding.hint}".strip(),
            }
            for finding in error.findings
        ]


def _line(location: str) -> int:
    """Return the line of a place such as ``lab.yml:7:12``; 0 if it has none."""
    found = re.search(r":(\d+):\d+$", location)
    return int(found[1]) if found else 0


def with_line_ends_of(text: str, before: bytes | None) -> bytes:
    """Return a text in UTF-8, with the line ends of an earlier content of its file."""
    plain = text.replace("\r\n", "\n")
    return (plain.replace("\n", "\r\n") if before and b"\r\n" in before else plain).encode()
