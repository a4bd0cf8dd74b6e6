"""Why can this reach that, or not: the walk of a packet on the picture of the topology."""

from __future__ import annotations

from typing import Any

import ipywidgets

from nestlab import drawing, reachability
from nestlab.model.html import Html
from nestlab.model.machine import path_text
from nestlab.model.topology import Topology
from nestlab.notebook.panel import Panel


class TracePanel(Panel):
    """Two endpoints, the walk between them hop by hop, and where it dies and why."""

    def __init__(self, topology: Topology, source: str | None = None, target: str = "internet") -> None:
        self.topology = topology
        self.network = reachability.from_topology(topology)
        names = endpoints(topology)
        style = {"description_width": "50px"}
        self.source = ipywidgets.Dropdown(options=names, value=source or names[-1], description="From", style=style)
        self.target = ipywidgets.Dropdown(options=[*names, "internet"], value=target, description="To", style=style)
        self.picture = ipywidgets.HTML()
        self.answer = ipywidgets.HTML()
        super().__init__(
            [ipywidgets.HBox([self.source, self.target], layout=ipywidgets.Layout(flex_flow="row wrap")), self.picture, self.answer]
        )
        self.source.observe(self._changed, names="value")
        self.target.observe(self._changed, names="value")
        self._changed()

    def snapshot(self) -> Html:
        """Return the walk as it stands."""
        return Html(self.answer.value)

    def _changed(self, _change: Any = None) -> None:
        self.attempt(self._show)

    def _show(self) -> None:
        self.trace = reachability.trace(self.network, self.source.value, self.target.value)
        self.picture.value = drawing.svg(self.topology, trace=self.trace.to_dict())
        self.answer.value = self.trace._repr_html_()
        reached = self.trace.status == "reachable"
        self.status.show("done" if reached else "warning", str(self.trace).splitlines()[0])


def endpoints(topology: Topology) -> list[str]:
    """Return the endpoint words of a topology: ``host``, then each VM by its name where that is unique, else by its path."""
    paths = [path for path, _ in topology.machines()]
    leaves = [path[-1] for path in paths if path]
    return [path[-1] if path and leaves.count(path[-1]) == 1 else path_text(path) for path in paths]
