"""A trace in a notebook: the answer, and beside it the path on the picture of the topology."""

from __future__ import annotations

from nestlab import rules
from nestlab.dataclass import fields
from nestlab.drawing.embedded import svg_image
from nestlab.drawing.layout import layout
from nestlab.drawing.svg import svg
from nestlab.html import Html, without_math
from nestlab.model.topology import Topology
from nestlab.reachability import Network, Trace


class DrawnTrace(Trace):
    """A trace through a topology, which a notebook shows with its picture.

    It equals the same trace without a picture.
    """

    topology: Topology

    @classmethod
    def of(cls, trace: Trace, topology: Topology) -> DrawnTrace:
        """Return the trace with the topology that it goes through."""
        drawn = cls(**{item.name: getattr(trace, item.name) for item in fields(trace)})
        object.__setattr__(drawn, "topology", topology)
        return drawn

    def __eq__(self, other: object) -> bool:
        names = [item.name for item in fields(self)]
        return isinstance(other, Trace) and all(
            getattr(self, name) == getattr(other, name) for name in names
        )

    def __hash__(self) -> int:
        return super().__hash__()

    def svg(self, theme: str = "auto") -> str:
        """Return the picture with the path, as `nestlab.drawing.svg` draws it."""
        return svg(self.topology, theme, trace=self.to_dict())

    def _repr_html_(self) -> str:
        return without_math(self.beside(self._image()))

    def beside(self, picture: Html) -> Html:
        """Return the answer, with a picture beside it where there is room, else below."""
        width = layout(self.topology).width
        answer = f'<div style="flex:1 1 340px;min-width:0">{super()._repr_html_()}</div>'
        shown = f'<div style="flex:1 1 {min(width, 560):.0f}px;min-width:0">{picture}</div>'
        return Html(
            '<div style="display:flex;flex-wrap:wrap;gap:0 1em;align-items:flex-start">'
            f"{answer}{shown}</div>"
        )

    def _image(self) -> Html:
        return svg_image(self.svg(), self.verdict, layout(self.topology).width)


def trace(network: Network | Topology, source: str, target: str) -> Trace:
    """Walk an echo request from one endpoint to another, and the reply back.

    Args:
        network: The network, or a topology (then the network it describes).
        source: A VM name where it is unique, else a machine path; ``host``; ``internet``; an IP
            address of a machine.
        target: The same; any IP address.

    Returns:
        The status, the hops, where and why a packet is dropped, and fixes: verified by walking
        again, by the other checks of the topology, and by the rules for its file. If a fix would
        break something, `breaks` says what, and it does not count as verified.

    Raises:
        UnknownEndpoint: An endpoint names no machine, or several.
    """
    answer = rules.trace(network, source, target)
    return DrawnTrace.of(answer, network) if isinstance(network, Topology) else answer
