"""Start-Sleep, in virtual seconds."""

from __future__ import annotations

from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine


@cmdlet("Start-Sleep")
def start_sleep(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Start-Sleep, in virtual time."""
    machine.world.clock.advance(
        float(bound.get("Seconds", 0)) + float(bound.get("Milliseconds", 0)) / 1000
    )
