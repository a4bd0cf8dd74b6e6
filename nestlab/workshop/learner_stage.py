"""A stage at a learner's seat: check it, give help, solve it, restore the seat to its end."""

from __future__ import annotations

import time
from collections.abc import Iterator

from nestlab.apply import OnEvent, ignore_event
from nestlab.dataclass import replace
from nestlab.lab import Lab
from nestlab.lab.part_drift import part_drift
from nestlab.transport.session import Cancel, Session
from nestlab.workshop.host_survey import Connect
from nestlab.workshop.named_parts import require_stages
from nestlab.workshop.planting import has_fault
from nestlab.workshop.seat_events import OnSeatEvent, SeatResult, ignore_seat_event
from nestlab.workshop.seat_host import seat_session
from nestlab.workshop.stage_cut import stage_named, stage_topology
from nestlab.workshop.stage_progress import StageProgress
from nestlab.workshop.stage_report import StageHint, StageReport
from nestlab.workshop.workshop_run import WorkshopRun
from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage

SETTLE_SECONDS = 60
"""How long a check waits, by default, for what needs time: a DHCP lease, a service of a guest.
Guests that boot are waited for in addition."""
_PAUSE_SECONDS = 5.0


class LearnerStage:
    """A stage of a workshop at one seat.

    Args:
        workshop: The workshop, from its file.
        seat: The name of the seat, in any case; KeyError if there is none.
        stage: The name of the stage, in any case; KeyError if there is none.
        connect: Opens a session to the host with an address.
        progress: What is known of the seat; by default in its file in `progress_folder`.
    """

    def __init__(
        self,
        workshop: Workshop,
        seat: str,
        stage: str,
        connect: Connect,
        *,
        progress: StageProgress | None = None,
    ) -> None:
        self.workshop = workshop
        self.seat: Seat = workshop.seat(seat)
        self.stage: WorkshopStage = stage_named(workshop, stage)
        self.progress = progress or StageProgress(self.seat)
        self._connect = connect

    def check(
        self,
        *,
        wait: float = SETTLE_SECONDS,
        cancel: Cancel | None = None,
        on_event: OnEvent = ignore_event,
    ) -> StageReport:
        """Return the results of the stage's checks, and how the seat differs from the stage.

        While nothing is known to differ and a check does not pass, it is checked again for `wait`
        seconds. Nothing is changed. A stage with a fault passes only after it was planted. Raises
        the errors of `Lab.verify`, and HostError.
        """
        self.progress.reload()
        is_planted = self.stage.fault is None or self.progress.is_planted(self.stage)
        with seat_session(self.seat, self._connect, cancel=cancel) as session:
            report = checked(self.seat, self.stage, session, wait, cancel=cancel, on_event=on_event)
            is_planted = is_planted or has_fault(self.seat, self.stage, session, cancel)
        return replace(report, is_planted=is_planted)

    def hint(self, level: int = 1, *, wait: float = SETTLE_SECONDS) -> StageHint | None:
        """Check, and return the help of a level, at most the last; None if the stage is done."""
        hints = self.check(wait=wait).hints
        return hints[min(max(level, 1), len(hints)) - 1] if hints else None

    def solve(
        self, *, cancel: Cancel | None = None, on_event: OnSeatEvent = ignore_seat_event
    ) -> Iterator[SeatResult]:
        """Build the seat up to the end of the stage; nothing is done where the stage is done.

        Once it is built, the stage counts as solved by nestlab, and as done where a check passes.
        """
        if self.check(wait=0, cancel=cancel).passed:
            return
        ended = []
        for result in self._run(cancel, on_event).up():
            ended.append(result.ok)
            yield result
        if ended and all(ended):
            self.progress.mark_solved(self.stage)
            report = self.check(wait=0, cancel=cancel)
            if report.passed:
                self.progress.note(self.stage, report)

    def plant(
        self, *, cancel: Cancel | None = None, on_event: OnSeatEvent = ignore_seat_event
    ) -> Iterator[SeatResult]:
        """Plant the fault of the stage at the seat, which is built up to the stage first.

        `solve` and `restore` take the fault back, as does `nestlab undo`. Raises UsageError for a
        stage without a fault.
        """
        yield from self._run(cancel, on_event).plant()

    def restore(
        self, *, cancel: Cancel | None = None, on_event: OnSeatEvent = ignore_seat_event
    ) -> Iterator[SeatResult]:
        """Remove what the seat has, and build it again up to the end of the stage."""
        yield from self._run(cancel, on_event).reset()

    def _run(self, cancel: Cancel | None, on_event: OnSeatEvent) -> WorkshopRun:
        return WorkshopRun(
            self.workshop,
            self._connect,
            progress=lambda _seat: self.progress,
            seats=(self.seat.name,),
            stage=self.stage,
            cancel=cancel,
            on_event=on_event,
        )


def current_stage(
    workshop: Workshop,
    seat: str,
    connect: Connect,
    *,
    cancel: Cancel | None = None,
    progress: StageProgress | None = None,
) -> WorkshopStage:
    """Return the first stage that is not done at a seat; the last if all are.

    A stage whose fault was not planted, by `progress`, is not done.

    Raises UsageError for a workshop without stages.
    """
    require_stages(workshop)
    found = workshop.seat(seat)
    known = progress or StageProgress(found)
    with seat_session(found, connect, cancel=cancel) as session:
        for stage in workshop.stages[:-1]:
            if stage.fault is not None and not known.is_planted(stage):
                return stage
            if not checked(found, stage, session, 0, cancel=cancel).passed:
                return stage
    return workshop.stages[-1]


def checked(
    seat: Seat,
    stage: WorkshopStage,
    session: Session,
    wait: float,
    *,
    cancel: Cancel | None = None,
    on_event: OnEvent = ignore_event,
) -> StageReport:
    """Return the report of a stage at a seat on its host, checked again while it may settle."""
    began, waited = time.monotonic(), 0.0
    while True:
        report = _report(seat, stage, session, cancel, on_event)
        if not report.may_settle or max(waited, time.monotonic() - began) >= wait:
            return report
        session.wait(_PAUSE_SECONDS, cancel)
        waited += _PAUSE_SECONDS


def _report(
    seat: Seat,
    stage: WorkshopStage,
    session: Session,
    cancel: Cancel | None,
    on_event: OnEvent,
) -> StageReport:
    topology = stage_topology(seat, stage)
    checks = Lab(topology, session).verify(cancel=cancel, on_event=on_event)
    found = part_drift(topology, seat.topology, session, cancel=cancel)
    return StageReport(
        seat=seat.name,
        stage=stage.name,
        host=session.host,
        checks=checks,
        findings=found.findings,
        steps=found.steps,
        author_hint=stage.hint or "",
    )
