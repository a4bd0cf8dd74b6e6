"""The base of all panels: a status line, one job at a time, and HTML for saved notebooks."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import ipywidgets

from nestlab.drawing.font_metrics import text_width
from nestlab.errors import UsageError
from nestlab.html import Html
from nestlab.notebook.job import Job, JobResult, Work
from nestlab.notebook.page import with_fallback
from nestlab.notebook.status import StatusLine
from nestlab.texts import tr
from nestlab.visible import visible

_LABEL_SIZE, _LABEL_GAP = 13, 10  # of JupyterLab's texts, in pixels


def button(
    label: str, tooltip: str, on_click: Callable[[], object], *, style: str = ""
) -> ipywidgets.Button:
    """Return a button with a tooltip; a click calls `on_click` without arguments."""
    widget = ipywidgets.Button(
        description=label,
        tooltip=tooltip,
        button_style=style,
        layout=ipywidgets.Layout(width="auto", margin="2px 6px 2px 0"),
    )
    widget.on_click(lambda _button: on_click())
    return widget


def label_width(label: str, minimum: int) -> int:
    """Return the width of a label in pixels: what its text needs, but at least `minimum`."""
    return max(minimum, math.ceil(text_width(label, _LABEL_SIZE)) + _LABEL_GAP)


def labelled(text: str, *, label: int, field: int) -> dict[str, Any]:
    """Return the options of an input with a label before it, which may need more than `label`.

    Both widths are in pixels; that of the field stays the same.
    """
    width = label_width(text, label)
    return {
        "description": text,
        "style": {"description_width": f"{width}px"},
        "layout": ipywidgets.Layout(width=f"{width + field}px"),
    }


def row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Return the widgets in a row that wraps in a narrow notebook."""
    return ipywidgets.HBox(
        widgets,
        layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"),  # not shown
    )


def cell_styled(html: str) -> Html:
    """Return HTML that JupyterLab styles as the output of a cell: tables, code, line height.

    Content that is too wide gets its own scroll bar.
    """
    if not html:
        return Html("")
    at_the_left = '<table style="margin-left:0"'  # not shown
    left = html.replace("<table", at_the_left)  # JupyterLab puts those of widgets in the middle
    return Html(
        f'<div class="jp-RenderedHTMLCommon" style="line-height:1.45;overflow-x:auto">{left}</div>'
    )


class Panel(ipywidgets.VBox):
    """A panel: widgets on top, a status line below, one job at a time.

    Subclasses pass the widgets to disable during a job as `disabled_while_busy`, and override
    `unavailable` (those that do not apply now) and `snapshot` (the HTML of a saved notebook).
    """

    def __init__(
        self,
        children: Sequence[ipywidgets.Widget],
        *,
        disabled_while_busy: Sequence[ipywidgets.Widget] = (),
    ) -> None:
        self.status = StatusLine()
        self.job: Job | None = None
        self._starting = (
            threading.Lock()
        )  # some ipykernel versions run two button callbacks on two threads at once
        self.disabled_while_busy = tuple(disabled_while_busy)
        self.cancel_button = button(
            tr("Cancel"), tr("Stop as soon as the current step allows"), self.cancel
        )
        self.cancel_button.disabled = True
        self.cancel_button.add_class("nestlab-cancel")
        super().__init__([*children, self.status], layout=ipywidgets.Layout(width="100%"))
        self.add_class("nestlab-panel")

    def __repr__(self) -> str:
        return visible(f"<{type(self).__name__}: {self.status.text or self.status.state}>")

    def snapshot(self) -> Html:
        """Return what a saved notebook shows of this panel without a kernel."""
        return Html("")

    def button(
        self, label: str, tooltip: str, on_click: Callable[[], object], *, style: str = ""
    ) -> ipywidgets.Button:
        """Return a button of this panel; errors of its action are shown in the status line."""
        return button(label, tooltip, lambda: self.attempt(on_click), style=style)

    def unavailable(self) -> Collection[ipywidgets.Widget]:
        """Return the widgets that do not apply now; they stay disabled after a job."""
        return ()

    @property
    def busy(self) -> bool:
        """Whether a job is running, including its end callback."""
        return self.job is not None and not self.job.join(0)

    def start(
        self,
        text: str,
        work: Work,
        *,
        on_event: Callable[[Any], None],
        on_end: Callable[[JobResult], None],
    ) -> Job:
        """Start a job: the status line shows `text`, and widgets are disabled until it ends.

        Raises UsageError while another job of this panel runs.
        """

        def end(result: JobResult) -> None:
            if result.state == "failed":
                self.status.fail(result.message)
            self.attempt(lambda: on_end(result))
            self._update_disabled(busy=False)

        with self._starting:
            if self.busy:
                message = tr("This panel is already running a job.")
                raise UsageError(message, hint=tr("Wait until it has ended, or press Cancel."))
            self.status.show("running", text)  # first: see keepFocus in focus.js
            self._update_disabled(busy=True)
            self.job = Job(work, on_event=on_event, on_end=end)
            return self.job.start()

    def cancel(self) -> None:
        """Request that the running job stops."""
        if self.job is not None and self.busy:
            self.status.text = tr("Stopping as soon as the current step allows …")
            self.job.cancel()

    def attempt(self, action: Callable[[], object]) -> None:
        """Run a short action; its errors are shown in the status line."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  # an exception in a callback is not shown on the page
            self.status.fail(JobResult("failed", error=error).message)

    def update_enabled(self) -> None:
        """Enable the widgets that apply now and disable the others."""
        self._update_disabled(busy=self.busy)

    def _update_disabled(self, *, busy: bool) -> None:
        unavailable = self.unavailable()
        for widget in self.disabled_while_busy:
            widget.disabled = busy or any(widget is other for other in unavailable)
        self.cancel_button.disabled = not busy

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        snapshot = self.snapshot()
        return with_fallback(bundle, snapshot) if snapshot else bundle
