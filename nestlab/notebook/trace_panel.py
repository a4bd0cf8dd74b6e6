"""A packet trace between two endpoints, shown on the drawing of the topology."""

from __future__ import annotations

from typing import Any

import ipywidgets

from nestlab import drawing, reachability
from nestlab.drawing.drawn_trace import DrawnTrace
from nestlab.html import Html
from nestlab.model.machine_path import path_text
from nestlab.model.topology import Topology
from nestlab.notebook.arguments import require_text, require_topology
from nestlab.notebook.panel import Panel, cell_styled, row
from nestlab.reachability.endpoints import resolve
from nestlab.rules import trace
from nestlab.texts import tr


class TracePanel(Panel):
    """Two endpoints and the path between them: each hop, or where and why the packet is dropped.

    `source` and `target` are names as in `nestlab.trace`; raises UnknownEndpoint for others.
    """

    def __init__(
        self, topology: Topology, source: str | None = None, target: str = "internet"
    ) -> None:
        require_topology(topology, type(self).__name__)
        self.topology = topology
        self.network = reachability.from_topology(topology)
        names = endpoints(topology)
        style = {"description_width": "50px"}
        self.source = ipywidgets.Dropdown(
            options=self._options(names, source),
            value=source or names[-1],
            description=tr("From"),
            style=style,
        )
        self.target = ipywidgets.Dropdown(
            options=self._options([*names, "internet"], target),
            value=target,
            description=tr("To"),
            style=style,
        )
        width = drawing.layout(topology).width
        # The result first, and the drawing beside it if the window is wide enough.
        self.answer = ipywidgets.HTML(layout=ipywidgets.Layout(flex="1 1 340px", min_width="0"))
        self.picture = ipywidgets.HTML(
            layout=ipywidgets.Layout(flex=f"1 1 {width:.0f}px", min_width="0")
        )
        both = ipywidgets.HBox(
            [self.answer, self.picture],
            layout=ipywidgets.Layout(flex_flow="row wrap", align_items="flex-start"),  # not shown
        )
        super().__init__([row(self.source, self.target), both])
        self.source.observe(self._changed, names="value")
        self.target.observe(self._changed, names="value")
        self._changed()

    def _options(self, names: list[str], chosen: str | None) -> list[str]:
        """Return the names, with the chosen endpoint; raises UnknownEndpoint for an unknown one."""
        if chosen is None or chosen in names:
            return names
        example = "TracePanel(topology, 'host', 'internet')"
        require_text(chosen, type(self).__name__, tr("the name of an endpoint"), example)
        resolve(self.network, chosen)
        return [*names, chosen]

    def snapshot(self) -> Html:
        """Return the current trace, drawn on its picture."""
        return Html(DrawnTrace.of(self.trace, self.topology)._repr_html_())

    def _changed(self, _change: Any = None) -> None:
        self.attempt(self._show)

    def _show(self) -> None:
        self.trace = trace(self.network, self.source.value, self.target.value)
        self.picture.value = drawing.svg(self.topology, "page", trace=self.trace.to_dict())
        self.answer.value = cell_styled(self.trace._repr_html_())
        self.status.show("idle", "")  # the answer's first line is the verdict


def endpoints(topology: Topology) -> list[str]:
    """Return the endpoints of a topology: ``host``, then each VM.

    A VM is named by its name where that is unique, else by its path.
    """
    paths = [path for path, _ in topology.machines()]
    leaves = [path[-1] for path in paths if path]
    return [path[-1] if path and leaves.count(path[-1]) == 1 else path_text(path) for path in paths]
