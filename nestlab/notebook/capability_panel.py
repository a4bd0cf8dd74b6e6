"""What can this host do? The verdict first, then the evidence."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import Any

import ipywidgets

from nestlab.lab import check
from nestlab.model import Findings
from nestlab.model.html import Html, escape
from nestlab.notebook.findings_view import findings_html
from nestlab.notebook.job import Ending
from nestlab.notebook.panel import Panel, button, row
from nestlab.transport.session import Session


class CapabilityPanel(Panel):
    """Reads the host and shows what it can carry, with the evidence for every verdict."""

    def __init__(self, host: Session) -> None:
        self.session = host
        self.findings: Findings = check(host)
        self.report = ipywidgets.HTML()
        self.read_button = button("Read again", "Ask the host again", self.read)
        super().__init__([self.report, row(self.read_button)], resting=[self.read_button])
        self._show()

    def read(self) -> None:
        """Read the host again, beside the page."""

        def work(_cancel: threading.Event) -> Generator[str, None, Any]:
            yield "reading"
            return check(self.session)

        self.start(f"Reading {self.session.host} …", work, on_event=lambda _event: None, on_end=self._read)

    def snapshot(self) -> Html:
        """Return the report as it stands."""
        return self._html()

    def _read(self, ending: Ending) -> None:
        if ending.state == "done":
            self.findings = ending.value
            self._show()
            self.status.show("done", "Read again")

    def _show(self) -> None:
        self.report.value = self._html()

    def _html(self) -> Html:
        return Html(f"<h3 style='margin:.2em 0 .4em'>{escape(self.session.host)}</h3>{findings_html(self.findings)}")
