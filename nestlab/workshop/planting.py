"""Planting the fault of a stage at a seat: a run with a journal, of a topology with the fault."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.apply import OnEvent, StepResult
from nestlab.dataclass import replace
from nestlab.errors import UsageError
from nestlab.lab import Lab
from nestlab.lab.drift import compared, observed_for_drift
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session
from nestlab.workshop.faults import fault_topology
from nestlab.workshop.host_queues import until_failure
from nestlab.workshop.stage_cut import stage_topology
from nestlab.workshop.workshop_values import Seat, StageFault, WorkshopStage


def require_fault(stage: WorkshopStage | None) -> StageFault:
    """Return the fault of a stage; raises UsageError if it has none."""
    if stage is not None and stage.fault is not None:
        return stage.fault
    name = stage.name if stage is not None else ""
    message = (
        tr("The stage {stage} has no fault.", stage=name)
        if name
        else tr("No stage was named whose fault is to be planted.")
    )
    hint = tr("Write fault: {kind: nat, at: LabNet} into a stage, for example.")
    raise UsageError(message, hint=hint)


def planted(
    seat: Seat,
    stage: WorkshopStage,
    session: Session,
    *,
    on_event: OnEvent,
    cancel: Cancel | None,
    workers: int,
) -> Iterator[StepResult]:
    """Bring a seat to the end of a stage if it is not there, then plant its fault.

    A seat that is at the end of a later stage stays there, with the fault. Only objects of the seat
    are changed. The journal of the run is that of its topology: `nestlab undo` takes the fault
    back, as does every run that builds the seat. Raises the errors of `Lab.apply`, and UsageError
    if the fault changes nothing.
    """
    fault = require_fault(stage)
    reached, has_fault = _reached(seat, stage, session, cancel)
    if reached is None:
        lab = Lab(stage_topology(seat, stage), session)
        applied = lab.apply(cancel=cancel, on_event=on_event, workers=workers)
        if not (yield from until_failure(applied)):
            return
    faulty = Lab(seat.copy(fault_topology(seat.workshop, reached or stage, fault)), session)
    for result in faulty.apply(cancel=cancel, on_event=on_event, workers=workers):
        has_fault = True
        yield result
    if not has_fault:
        raise UsageError(
            tr(
                "The fault {kind} at {at} changes nothing at the seat {seat}.",
                kind=str(fault.kind),
                at=fault.at,
                seat=seat.name,
            ),
            hint=tr(
                "Choose another VM, or give its guest a credential: nestlab cannot change a guest "
                "that it does not reach."
            ),
        )


def has_fault(
    seat: Seat, stage: WorkshopStage, session: Session, cancel: Cancel | None = None
) -> bool:
    """Whether a seat is as the fault of a stage makes it, whether or not that was noted."""
    return _reached(seat, stage, session, cancel)[1]


def _reached(
    seat: Seat, stage: WorkshopStage, session: Session, cancel: Cancel | None
) -> tuple[WorkshopStage | None, bool]:
    """Return the first stage from `stage` on that a seat is exactly at the end of, if any.

    The second value is whether the seat has the fault of `stage` besides.
    """
    planner, states = observed_for_drift(seat.topology, session, cancel)
    fault = require_fault(stage)
    stages = seat.workshop.stages
    for each in stages[stages.index(stage) :]:
        faulty = seat.copy(fault_topology(seat.workshop, each, fault))
        for topology in (stage_topology(seat, each), faulty):
            plan, found = compared(replace(planner, topology=topology), states)
            if plan is not None and all(item.kind in ("not-known", "left-over") for item in found):
                return each, topology is faulty
    return None, False
