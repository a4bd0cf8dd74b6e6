"""The virtual time that cmdlets take, and the progress that they report meanwhile."""

from __future__ import annotations

from nestlab.model import Progress
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine


def pass_time(machine: Machine, sink: Sink, activity: str, seconds: float, steps: int = 4) -> None:
    """Let the virtual time of an activity pass, in seconds, and report progress."""
    for step in range(steps):
        sink.progress(Progress(activity, "", step * 100 // steps))
        machine.world.clock.advance(seconds / steps)
    sink.progress(Progress(activity, "Completed", 100))
