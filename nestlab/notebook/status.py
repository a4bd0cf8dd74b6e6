"""The status line of a panel: announced by screen readers, with a bar while work runs."""

from __future__ import annotations

from pathlib import Path

import traitlets

from nestlab.notebook.javascript import joined
from nestlab.notebook.page_texts import STATUS, TranslatedWidget

_STATIC = Path(__file__).parent / "static"


class StatusLine(TranslatedWidget):
    """The state of a panel (``role="status"``): idle, running, done, failed, cancelled, warning."""

    PAGE_TEXTS = STATUS
    _esm = joined(_STATIC / "status.js")
    _css = _STATIC / "status.css"
    state = traitlets.Unicode("idle").tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    hint = traitlets.Unicode("").tag(sync=True)
    value = traitlets.Int(0).tag(sync=True)
    total = traitlets.Int(0).tag(sync=True)

    def show(
        self, state: str, text: str, hint: str = "", *, value: int = 0, total: int = 0
    ) -> None:
        """Show a state at once, in one message to the page."""
        with self.hold_sync():
            self.state, self.text, self.hint, self.value, self.total = (
                state,
                text,
                hint,
                value,
                total,
            )

    def fail(self, message: str) -> None:
        """Show an error: its first line, and the rest as the hint."""
        first, _, rest = message.partition("\n")
        self.show("failed", first, rest.strip())
