"""Building, resetting and removing the seats of a workshop on their hosts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from nestlab.apply import OnEvent, StepResult
from nestlab.errors import HostError
from nestlab.lab import Lab
from nestlab.plan import Step
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session
from nestlab.workshop.host_queues import HostQueues, SeatWork, until_failure
from nestlab.workshop.host_survey import (
    Connect,
    Opened,
    opened_and_read,
)
from nestlab.workshop.planting import planted, require_fault
from nestlab.workshop.seat_events import (
    OnSeatEvent,
    SeatResult,
    SeatStatus,
    ignore_seat_event,
)
from nestlab.workshop.stage_cut import stage_topology
from nestlab.workshop.stage_progress import StageProgress
from nestlab.workshop.workshop_plan import WorkshopPlan, planned, require_allowed
from nestlab.workshop.workshop_values import Seat, Workshop, WorkshopStage

Confirm = Callable[[WorkshopPlan], bool]


class WorkshopRun:
    """Runs that change the seats of a workshop.

    Args:
        workshop: The workshop, from its file.
        connect: Opens a session to the host with an address.
        seats: The names of the seats that are meant; by default all.
        stage: What a seat is built up to; by default the whole topology.
        progress: Returns what is known of a seat; by default from its file in `progress_folder`.
        on_event: Receives what happens, one event at a time.
    """

    def __init__(
        self,
        workshop: Workshop,
        connect: Connect,
        *,
        seats: Collection[str] = (),
        stage: WorkshopStage | None = None,
        progress: Callable[[Seat], StageProgress] = StageProgress,
        cancel: Cancel | None = None,
        on_event: OnSeatEvent = ignore_seat_event,
    ) -> None:
        self.workshop = workshop
        self._connect = connect
        self._stage = stage
        self._progress = progress
        self._cancel = cancel
        self._on_event = on_event
        wanted = {workshop.seat(name).name for name in seats}
        self.seats = tuple(seat for seat in workshop.all_seats if not wanted or seat.name in wanted)

    def up(self, confirm: Confirm | None = None) -> Iterator[SeatResult]:
        """Build the seats on their hosts; yield how each ended, as they end.

        A seat that is built already has nothing to do: a second run continues one that was stopped.
        `confirm` gets the plan before anything changes; without its consent nothing is done.

        Raises PlanRefused where a seat is above the quota, or the topology has errors; HostError
        where no host answers.
        """
        yield from self._run(self._built, confirm)

    def reset(self, confirm: Confirm | None = None) -> Iterator[SeatResult]:
        """Remove what the seats have, and build them again, up to the stage; as `up`."""
        yield from self._run(self._rebuilt, confirm)

    def plant(self, confirm: Confirm | None = None) -> Iterator[SeatResult]:
        """Plant the fault of the stage at the seats, which are built up to it first; as `up`.

        Raises UsageError where the stage has no fault.
        """
        require_fault(self._stage)
        yield from self._run(self._planted, confirm)

    def down(self, confirm: Confirm | None = None) -> Iterator[SeatResult]:
        """Remove what the seats created, on every host that has some of it; as `up`."""
        with opened_and_read(self.workshop, self._connect, cancel=self._cancel) as (opened, hosts):
            if confirm is not None and not confirm(planned(self.workshop, hosts)):
                return
            wanted = [
                (seat, host.address)
                for seat in self.seats
                for host in hosts
                if seat.name in host.there
            ]
            yield from self._queues(opened).run(wanted, self._ended)

    def _run(self, work: SeatWork, confirm: Confirm | None) -> Iterator[SeatResult]:
        with opened_and_read(self.workshop, self._connect, cancel=self._cancel) as (opened, hosts):
            plan = planned(self.workshop, hosts)
            require_allowed(plan)
            if confirm is not None and not confirm(plan):
                return
            placed, silent = plan.placement.hosts, plan.on_silent
            wanted = [(seat, placed[seat.name]) for seat in self.seats if seat.name in placed]
            yield from self._queues(opened).run(wanted, work)
            for seat in self.seats:
                if seat.name in silent:
                    yield _on_silent(seat, silent[seat.name])
                elif seat.name not in placed:
                    yield _without_host(seat)

    def _built(
        self, seat: Seat, session: Session, on_event: OnEvent, cancel: Cancel
    ) -> Iterator[StepResult]:
        topology = seat.topology if self._stage is None else stage_topology(seat, self._stage)
        lab = Lab(topology, session)
        workers = self.workshop.limits.workers
        yield from lab.apply(cancel=cancel, on_event=on_event, workers=workers)

    def _rebuilt(
        self, seat: Seat, session: Session, on_event: OnEvent, cancel: Cancel
    ) -> Iterator[StepResult]:
        begun: list[Step] = []

        def begin(step: Step) -> bool:
            # Not before: another run may be changing the seat, and this one is refused.
            if not begun:
                self._forget(seat)
            begun.append(step)
            return True

        lab = Lab(seat.topology, session)
        removing = lab.destroy(cancel=cancel, on_event=on_event, confirm=begin)
        if (yield from until_failure(removing)):
            if not begun:
                self._forget(seat)
            yield from self._built(seat, session, on_event, cancel)

    def _planted(
        self, seat: Seat, session: Session, on_event: OnEvent, cancel: Cancel
    ) -> Iterator[StepResult]:
        if self._stage is not None:
            workers = self.workshop.limits.workers
            results = planted(
                seat, self._stage, session, on_event=on_event, cancel=cancel, workers=workers
            )
            if (yield from until_failure(results)):
                self._progress(seat).mark_planted(self._stage)

    def _ended(
        self, seat: Seat, session: Session, on_event: OnEvent, cancel: Cancel
    ) -> Iterator[StepResult]:
        removing = Lab(seat.topology, session).destroy(cancel=cancel, on_event=on_event)
        if (yield from until_failure(removing)):
            self._progress(seat).mark_ended()

    def _forget(self, seat: Seat) -> None:
        """Show as not done what is removed; the fault of the stage itself counts as found."""
        progress, stages, stage = self._progress(seat), self.workshop.stages, self._stage
        was_planted = stage is not None and progress.is_planted(stage)
        progress.forget(*stages[stages.index(stage) if stage is not None else 0 :])
        if stage is not None and was_planted:
            progress.mark_planted(stage)

    def _queues(self, opened: Mapping[str, Opened]) -> HostQueues:
        sessions = {
            address: session
            for address, session in opened.items()
            if not isinstance(session, HostError)
        }
        at_once = self.workshop.limits.seats_at_once
        return HostQueues(sessions, at_once, self._on_event, self._cancel)


def _on_silent(seat: Seat, host: str) -> SeatResult:
    return SeatResult(
        seat=seat.name,
        host=host,
        status=SeatStatus.FAILED,
        message=tr("it was built on {host}, which does not answer", host=host),
        hint=tr("Wait for the host, or remove the host from the file to build the seat elsewhere."),
    )


def _without_host(seat: Seat) -> SeatResult:
    return SeatResult(
        seat=seat.name,
        host="",
        status=SeatStatus.FAILED,
        message=tr("no host has room for it"),
        hint=tr("nestlab workshop plan says what there is too little of."),
    )
