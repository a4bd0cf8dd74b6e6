"""Undoing a journal, of a topology or of a nesting change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from nestlab.apply import (
    Header,
    Journal,
    OnEvent,
    Sessions,
    StepResult,
    UndoContext,
    ignore_event,
    undo_journal,
)
from nestlab.errors import GuestUnreachable, SessionBroken
from nestlab.lab.nesting_history import record_finished_starts
from nestlab.lab.shutdown_retry import SHUTDOWN_SECONDS, ShutdownRetry
from nestlab.model import HOST, MachinePath
from nestlab.model.state import HostState
from nestlab.observe import identify, missing_objects, observe
from nestlab.plan import SubjectKind
from nestlab.transport.session import Cancel, Session

_HINT = "The VM was not turned off. Sign in to it and shut it down, then undo again."


def undo(
    host: Session,
    journal: str | Path,
    *,
    disconnect_others: bool = False,
    shutdown_seconds: float = SHUTDOWN_SECONDS,
    cancel: Cancel | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[StepResult]:
    """Undo a journal on a host, last step first; yield one result per step.

    The values in the journal are restored; its topology is not needed. Disks that are parents of
    other disks are kept, and switches that other VMs are connected to, unless `disconnect_others`.
    After a nesting change, a guest that is still starting is asked to shut down for up to
    `shutdown_seconds`. Raises JournalError where there is no such journal, Cancelled, and before
    anything is changed UndoRefused where a disk or switch that the undo needs no longer exists.
    """
    recorded = Journal(Path(journal))
    report = on_event or ignore_event
    if recorded.header().kind is SubjectKind.NESTING:
        yield from _undo_nesting(host, recorded, shutdown_seconds, cancel, report)
    else:
        yield from _undo(
            host, recorded, disconnect_others=disconnect_others, cancel=cancel, on_event=report
        )


def _undo(
    host: Session,
    journal: Journal,
    *,
    disconnect_others: bool,
    cancel: Cancel | None,
    on_event: OnEvent,
) -> Iterator[StepResult]:
    header = journal.header()
    sessions = Sessions(host, header.credentials_by_machine)

    def observe_machine(path: MachinePath) -> HostState | None:
        try:
            return observe(sessions.to(path), machine=path, cancel=cancel)
        except (GuestUnreachable, SessionBroken):
            if path == HOST:
                raise
            sessions.disconnect(path)
            return None

    context = UndoContext(
        session=host,
        observe_machine=observe_machine,
        identify=partial(
            identify,
            topology=_owner(header),
            may_disconnect_others=disconnect_others,
            cancel=cancel,
        ),
        missing=partial(missing_objects, topology=_owner(header), cancel=cancel),
        cancel=cancel,
        on_event=on_event,
    )
    with journal.locked():
        yield from undo_journal(journal, context)


def _owner(header: Header) -> str:
    """Return the topology whose mark the objects have; VMs that the user named need none."""
    return header.subject if header.kind is SubjectKind.TOPOLOGY else ""


def _undo_nesting(
    host: Session, journal: Journal, seconds: float, cancel: Cancel | None, on_event: OnEvent
) -> Iterator[StepResult]:
    """Undo a nesting change, and retry while a guest that was started does not shut down."""
    shutdown = ShutdownRetry(host, seconds, cancel, on_event)
    record_finished_starts(journal, observe(host, machine=HOST, cancel=cancel))
    while True:
        failed = yield from shutdown.attempt(
            _undo(
                host, journal, disconnect_others=False, cancel=shutdown, on_event=shutdown.on_event
            )
        )
        if failed is None:
            shutdown.finish()
            return
        stops = failed.step.cmdlets[0].last_command.name == "Stop-VM"
        if not stops or shutdown.has_timed_out(failed.step.target.name):
            yield shutdown.fail(failed, _HINT)
            return
        shutdown.wait_before_retry()
