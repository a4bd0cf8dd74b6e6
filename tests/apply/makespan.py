"""How long an apply takes in virtual time, and how long it has to take at least."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import nestlab
from nestlab.model import MachinePath
from nestlab.model.topology import Topology
from nestlab.plan import Step


@dataclass
class Timed:
    """The steps of an apply with their virtual durations, and how long guests took to answer after their start."""

    makespan: float = 0.0
    steps: list[tuple[Step, float, float]] = field(
        default_factory=list
    )  # step, its duration, the boot after it

    def critical_path(self) -> float:
        """Return the length of the longest way: steps of a machine in order, each after its needs, and boots in between."""
        ends: dict[str, float] = {}
        free: dict[MachinePath, float] = {}
        for step, seconds, boot in self.steps:
            end = (
                max(
                    [
                        free.get(step.machine, 0.0),
                        *(ends[need] for need in step.needs if need in ends),
                    ]
                )
                + seconds
            )
            ends[step.id] = free[step.machine] = end
            if boot:
                free[started_by(step)] = end + boot
        return max([*free.values(), *ends.values()])


def started_by(step: Step) -> MachinePath:
    """Return the machine that a step starts, or starts again."""
    return (*step.machine, step.target.name) if step.action == "start-vm" else step.machine


def apply_timed(topology: Topology, journal: Path, workers: int) -> Timed:
    """Apply a topology to a new simulated host, and watch its clock."""
    session = nestlab.connect()
    host = session.simulated_host
    timed, began = Timed(), {}

    def watch(event):
        if event["event"] == "step-started":
            began[event["id"]] = host.clock.now

    start = host.clock.now
    for result in nestlab.Lab(topology, session, journal).apply(
        on_event=lambda event: watch(event.to_dict()), workers=workers
    ):
        assert result.ok, str(result)
        boot = 0.0
        if result.step.action in {"start-vm", "restart"}:
            boots = {path: machine.ready_at for path, _, machine in host.world.host.machines()}
            boot = boots[started_by(result.step)] - host.clock.now
        timed.steps.append((result.step, host.clock.now - began[result.step.id], boot))
    timed.makespan = host.clock.now - start
    return timed
