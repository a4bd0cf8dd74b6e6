"""The designer's picture with the states of its parts."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import traitlets

from nestlab.apply import Event, StepResult
from nestlab.drawing.geometry import machine_id
from nestlab.lab import Lab
from nestlab.model.topology import Topology
from nestlab.model.vm_state import state_text
from nestlab.notebook.arguments import require_host
from nestlab.notebook.designer.file_view import FileView
from nestlab.notebook.designer.host_vms import SECONDS, HostVMs, Reading
from nestlab.notebook.designer.live_states import LiveStates
from nestlab.plan import Plan
from nestlab.transport.session import Session

if TYPE_CHECKING:
    from nestlab.lab import DriftFindings
    from nestlab.notebook.plan_panel import PlanPanel

_LOOKS = {"Running": "vm-running", "Off": "vm-off"}
"""The looks of states of VMs; all others are between these."""


class LivePicture(FileView):
    """A picture whose parts have colors and signs: planned, running, done, failed, drifted."""

    states = traitlets.Dict(
        help="The states of parts, by their ids.",  # not shown
    ).tag(sync=True)

    host_vms = traitlets.Dict(
        help="The host, and the states of its VMs, by their ids.",  # not shown
    ).tag(sync=True)

    _host_vms: HostVMs | None = None  # of the class: a widget whose arguments are refused is closed

    def __init__(self, **options: Any) -> None:
        self._live = LiveStates()
        super().__init__(**options)

    def follow(self, panel: PlanPanel) -> None:
        """Show what a `PlanPanel` plans and applies, and whether the VMs run on its host."""
        self.show_host(panel.lab)
        panel.watch(self.show_progress)

    def show_host(self, host: Session | Lab | None, *, seconds: float = SECONDS) -> None:
        """Show at each VM its state on a host: now, and while a page shows the designer.

        It is read again every so many seconds, also in nested hosts whose credentials are known.
        None shows no states any more. Raises UsageError if `host` is something else.
        """
        session = host.host if isinstance(host, Lab) else host
        if self._host_vms is not None:
            self._host_vms.stop()
        self._host_vms, self.host_vms = None, {}
        if session is not None:
            require_host(session, type(self).__name__)
            self._host_vms = HostVMs(session, lambda: self.topology, self._show_vms, seconds)
            self._host_vms.start()

    def seen(self) -> None:
        """Take note that a page shows the designer."""
        if self._host_vms is not None:
            self._host_vms.seen()

    def close(self) -> None:
        """Close the widget; its host is not read any more."""
        if self._host_vms is not None:
            self._host_vms.stop()
        super().close()

    @property
    @abstractmethod
    def topology(self) -> Topology:
        """The topology whose picture it is."""

    def _show_vms(self, reading: Reading) -> None:
        vms = {
            machine_id(path): [_LOOKS.get(state, "vm-between"), state_text(state)]
            for path, state in reading.states.items()
        }
        self.host_vms = {"host": reading.host, "vms": vms, "problem": reading.problem}

    def show_progress(self, news: Plan | Event | StepResult) -> None:
        """Show the states after a plan was made, or after an event or a result of a run.

        Without a panel: ``designer.show_progress(plan)``, and for the run
        ``lab.apply(plan, on_event=designer.show_progress)`` with each of its results.
        """
        self._live = self._live.after(news)
        self.states = self._live.parts()
        if self._host_vms is not None and isinstance(news, StepResult):
            self._host_vms.read_without_threads()

    def show_drift(self, drift: DriftFindings) -> None:
        """Show which parts differ from the host, as `nestlab.drift` found, and nothing else."""
        self._live = self._live.with_drift(drift.differences)
        self.states = self._live.parts()
