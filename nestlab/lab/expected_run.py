"""What a run of a topology is expected to do: its steps, and how long it waits for guests.

The steps inside a nested host are planned when it answers. A run on an empty simulated host has
them all; the waits are those of earlier runs on the same host, as their journals record them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from nestlab.apply import Journal, WaitDurations, WaitRecord, ignore_event
from nestlab.dataclass import dataclass, field
from nestlab.errors import NestlabError
from nestlab.lab.journal_folder import journals_of
from nestlab.lab.lab import Lab
from nestlab.lab.simulated_run import scenario_for
from nestlab.model import path_text
from nestlab.model.topology import Topology
from nestlab.plan import Plan, SubjectKind
from nestlab.transport import connect
from nestlab.transport.session import Cancel

MOST_VMS = 40
"""A run on a simulated host takes 10 ms for a step: 4 s for a lab of so many VMs."""
_JOURNALS = 5  # of the newest runs

Waits = Mapping[tuple[str, str], tuple[float, ...]]
"""The seconds of each wait of a run, by its kind and the machine path of its guest as text."""


class MachineWork(NamedTuple):
    """How many steps of a machine are planned, and how many are expected when it answers.

    `later` is None where that is not known; 0 for a machine that is not deferred.
    """

    machine: str
    planned: int
    later: int | None


@dataclass(frozen=True)
class ExpectedRun:
    """The steps of a whole run, as ids and machines, and its waits; a restart may occur twice.

    `steps` is None where they are not known. `is_simulated` is whether the waits are those of a
    simulated host, not of an earlier run.
    """

    steps: tuple[tuple[str, str], ...] | None = None
    waits: Waits = field(default_factory=dict)
    is_simulated: bool = False

    def seconds(self, kind: str, names: Mapping[str, int]) -> float | None:
        """Return how long a wait for guests is expected to take; None if not known for each.

        `names` has the number of waits for each guest that were before.
        """
        known = [(self.waits.get((kind, name), ()), before) for name, before in names.items()]
        if not known or not all(waits for waits, _ in known):
            return None
        return max(waits[min(before, len(waits) - 1)] for waits, before in known)

    def left(self, plan: Plan, done: Iterable[str]) -> tuple[MachineWork, ...]:
        """Return what is left of a plan for each machine, deferred parts included.

        `done` has the ids of the steps that were applied. Inside a machine that does not answer
        yet, every step of the whole run is expected that was not.
        """
        planned = {step.id: path_text(step.machine) for step in plan.steps}
        deferred = [path_text(item.machine) for item in plan.deferred]
        later: dict[str, int | None] = dict.fromkeys(deferred, None if self.steps is None else 0)
        ended = Counter((*done, *planned))
        for step_id, machine in self.steps or ():
            if ended[step_id]:
                ended[step_id] -= 1
            elif any(_is_in(machine, path) for path in deferred):
                later[machine] = (later.get(machine) or 0) + 1
        machines = dict.fromkeys((*planned.values(), *later))
        counts = [*planned.values()]
        work = (
            MachineWork(machine, counts.count(machine), later.get(machine, 0))
            for machine in sorted(machines, key=lambda name: (name != "host", name))
        )
        return tuple(each for each in work if each.planned or each.later != 0)


def _is_in(machine: str, path: str) -> bool:
    return machine == path or machine.startswith(f"{path}/")


def expected_run(lab: Lab, *, cancel: Cancel | None = None) -> ExpectedRun:
    """Return what a run of a lab on its host is expected to do; raises Cancelled."""
    waits = _earlier_waits(lab)
    vms = sum(1 for _ in lab.topology.machines()) - 1
    simulated = _simulated(lab.topology, cancel) if vms <= MOST_VMS else None
    if simulated is None:
        return ExpectedRun(None, waits)
    is_simulated = lab.host.host.startswith("sim:")
    return ExpectedRun(
        simulated.steps, {**(simulated.waits if is_simulated else {}), **waits}, is_simulated
    )


def _earlier_waits(lab: Lab) -> Waits:
    """Return the waits in the journals of the newest runs; the newest one counts."""
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    journals = journals_of(lab.host, kind=SubjectKind.TOPOLOGY, subject=lab.topology.name)
    own = [Journal(lab.journal)] if lab.journal is not None and lab.journal.exists() else []
    for journal in reversed([*own, *islice(journals, _JOURNALS)]):
        try:
            records = journal.records()
        except NestlabError:
            continue
        found |= _by_guest(
            (record.kind, record.name, record.seconds)
            for record in records
            if isinstance(record, WaitRecord)
        )
    return found


def _by_guest(waits: Iterable[tuple[str, str, float]]) -> Waits:
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    for kind, name, seconds in waits:
        found[kind, name] = (*found.get((kind, name), ()), seconds)
    return found


def _simulated(topology: Topology, cancel: Cancel | None) -> ExpectedRun | None:
    """Return the whole run on an empty simulated host; None where it does not reach its end."""
    steps: list[tuple[str, str]] = []
    waits: list[tuple[str, str, float]] = []

    def record(kind: str, name: str, seconds: float) -> None:
        waits.append((kind, name, seconds))

    with (
        closing(connect(scenario_for(topology), prepared_for=topology)) as session,
        TemporaryDirectory(prefix="nestlab-", ignore_cleanup_errors=True) as folder,
    ):
        lab = Lab(topology, session, journal=Path(folder) / "run.jsonl")
        on_event = WaitDurations(ignore_event, record)
        try:
            plan = lab.plan(cancel=cancel)
            for result in lab.apply(plan, workers=1, on_event=on_event, cancel=cancel):
                if not result.ok:
                    return None
                steps.append((result.step.id, path_text(result.step.machine)))
        except NestlabError:
            return None
    return ExpectedRun(tuple(steps), _by_guest(waits), is_simulated=True)
