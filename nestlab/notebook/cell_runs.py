"""What a run of a cell keeps going in the background, until the cell is run again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nestlab.dataclass import dataclass, field


@dataclass
class _CellRun:
    """The last run of a cell, by the id of its message, and what stops what it started."""

    message: str
    stops: list[Callable[[], object]] = field(default_factory=list)


_runs: dict[str, _CellRun] = {}


def stop_with_cell(stop: Callable[[], object]) -> None:
    """Call `stop` when the cell that runs now is run again.

    ipywidgets and the history of outputs keep the widgets of every run, though no page shows those
    of an earlier one any more. Nothing happens outside a notebook whose page names its cells.
    """
    from IPython import get_ipython  # noqa: PLC0415  # only where a kernel runs it is loaded already

    parent: dict[str, Any] = getattr(get_ipython(), "parent_header", None) or {}
    cell = parent.get("metadata", {}).get("cellId")
    if not cell:
        return
    message = parent.get("header", {}).get("msg_id", "")
    run = _runs.get(cell)
    if run is None or run.message != message:
        for former in run.stops if run is not None else ():
            former()
        run = _runs[cell] = _CellRun(message)
    run.stops.append(stop)
