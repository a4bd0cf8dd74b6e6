"""The topology's file beside the canvas: its text, and its errors with their lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets

from nestlab.errors import TopologyFileError
from nestlab.notebook.designer.page_state import PageState
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.designer.shown import line_of
from nestlab.texts import tr
from nestlab.topology_file.file_text import decoded


class FileView(PageState):
    """A widget that shows the text of a file while `file_open` is set."""

    file_open = traitlets.Bool(
        default_value=False,
        help="Whether the file is shown beside the canvas.",  # not shown
    ).tag(sync=True)
    file_errors: traitlets.List[Any] = traitlets.List(
        help="The errors of the text that was typed, each with its line.",  # not shown
    ).tag(sync=True)

    def show_file(self, *, is_open: bool) -> None:
        """Show the file or not; a text with errors is discarded with its panel."""
        self.file_open = is_open
        if not is_open:
            self.discard_errors()

    def discard_errors(self) -> None:
        """Forget the errors of a text that was discarded."""
        self.file_errors = []

    def take_text(self, text: str, take: Callable[[str], None]) -> None:
        """Take what was typed, or show its errors, and tell the page that it was read.

        The page cannot see it from the state: a text that is the same as before changes nothing.
        Where the file cannot be written, the page is told before the error is raised.
        """
        is_kept = False
        try:
            take(text)
            is_kept = True
        except TopologyFileError as error:
            self.show_errors(error)
            is_kept = True  # by the page, until it is corrected
        finally:
            self.send({"read": True, "unsaved": not is_kept})

    def require_no_errors(self) -> None:
        """Raise EditRefused while a text with errors is shown, which does not have the edit."""
        if self.file_errors:
            raise EditRefused(
                tr("The text of the file has errors."),
                hint=tr("Correct it, or press Escape in it to discard what was typed."),
            )

    def show_errors(self, error: TopologyFileError) -> None:
        """Show what is wrong with a text, at its lines."""
        self.file_errors = [
            {
                "line": line_of(finding.location),
                "text": f"{finding.message}. {finding.hint}".strip(),
            }
            for finding in error.findings
        ]


def with_line_ends_of(text: str, before: bytes | None) -> bytes:
    """Return a text in UTF-8, with the line ends of an earlier content of its file."""
    plain = text.replace("\r\n", "\n")
    is_windows = before is not None and "\r\n" in decoded(before)
    return (plain.replace("\n", "\r\n") if is_windows else plain).encode()
