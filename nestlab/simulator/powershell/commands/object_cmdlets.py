"""The table of the cmdlets that process pipeline objects, with Out-Default and Out-Null."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nestlab.model import Record
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.commands.measure_object import MeasureObject
from nestlab.simulator.powershell.commands.object_cmdlet import ObjectCmdlet
from nestlab.simulator.powershell.commands.select_object import SelectObject
from nestlab.simulator.powershell.commands.sort_object import SortObject
from nestlab.simulator.powershell.commands.where_object import WhereObject


class OutDefault:
    """Out-Default, which remoting appends to pipelines: passes all objects on."""

    def __init__(self, _bound: Bound, sink: Sink) -> None:
        self._sink = sink

    def process(self, record: Record) -> None:
        """Pass an object on."""
        self._sink.output(record)

    def end(self) -> None:
        """Do nothing."""


class OutNull:
    """Out-Null: discards all objects."""

    def __init__(self, _bound: Bound, _sink: Sink) -> None:
        pass

    def process(self, record: Record) -> None:
        """Discard an object."""

    def end(self) -> None:
        """Do nothing."""


OBJECT_CMDLETS: Mapping[str, Callable[[Bound, Sink], ObjectCmdlet]] = {
    "Measure-Object": MeasureObject,
    "Out-Default": OutDefault,
    "Out-Null": OutNull,
    "Select-Object": SelectObject,
    "Sort-Object": SortObject,
    "Where-Object": WhereObject,
}
