"""What all panels share: a status line, one job at a time, buttons that follow it, and a picture for saved notebooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets

from nestlab.model.html import Html
from nestlab.notebook.job import Ending, Job, Work
from nestlab.notebook.status import StatusLine


def button(label: str, tooltip: str, on_click: Callable[[], object], *, style: str = "") -> ipywidgets.Button:
    """Return a button with a tooltip; a click calls `on_click` without arguments."""
    widget = ipywidgets.Button(
        description=label, tooltip=tooltip, button_style=style, layout=ipywidgets.Layout(width="auto", margin="2px 4px 2px 0")
    )
    widget.on_click(lambda _button: on_click())
    return widget


def row(*widgets: ipywidgets.Widget) -> ipywidgets.HBox:
    """Return the widgets in a row that wraps in a narrow notebook."""
    return ipywidgets.HBox(widgets, layout=ipywidgets.Layout(flex_flow="row wrap", align_items="center"))


class Panel(ipywidgets.VBox):
    """A panel: widgets on top, a status line below, one job at a time.

    Subclasses list the buttons that rest while a job runs in `resting`, and give `snapshot`: what a saved notebook
    shows where no kernel runs.
    """

    def __init__(self, children: Sequence[ipywidgets.Widget], *, resting: Sequence[ipywidgets.Widget] = ()) -> None:
        self.status = StatusLine()
        self.job: Job | None = None
        self.resting = tuple(resting)
        self.cancel_button = button("Cancel", "Stop as soon as the step at hand allows", self.cancel)
        self.cancel_button.disabled = True
        super().__init__([*children, self.status], layout=ipywidgets.Layout(width="100%"))

    def snapshot(self) -> Html:
        """Return what a saved notebook shows of this panel without a kernel."""
        return Html("")

    def start(self, text: str, work: Work, *, on_event: Callable[[Any], None], on_end: Callable[[Ending], None]) -> Job:
        """Begin a job: the status says `text`, the resting widgets are disabled until it ends."""
        self._rest(at_work=True)
        self.status.show("running", text)

        def end(ending: Ending) -> None:
            self._rest(at_work=False)
            if ending.state == "failed":
                self.status.fail(ending.message)
            try:
                on_end(ending)
            except Exception as error:  # noqa: BLE001  # an error behind the end of a job must be seen in the page
                self.status.fail(Ending("failed", error=error).message)

        self.job = Job(work, on_event=on_event, on_end=end)
        return self.job.start()

    def cancel(self) -> None:
        """Ask the running job to stop."""
        if self.job is not None and self.job.state == "running":
            self.status.text = "Stopping as soon as the step at hand allows …"
            self.job.cancel()

    def attempt(self, action: Callable[[], None]) -> None:
        """Do something short; what goes wrong is shown in the status line, never lost in a log."""
        try:
            action()
        except Exception as error:  # noqa: BLE001  # a callback's exception would vanish from the page
            self.status.fail(Ending("failed", error=error).message)

    def _rest(self, *, at_work: bool) -> None:
        for widget in self.resting:
            widget.disabled = at_work
        self.cancel_button.disabled = not at_work

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        bundle: dict[str, Any] = super()._repr_mimebundle_(**kwargs) or {}
        snapshot = self.snapshot()
        return {**bundle, "text/html": str(snapshot)} if snapshot else bundle
