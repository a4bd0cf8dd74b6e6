"""Undoing a journal, whatever wrote it: guests that were started again are asked to shut down, with patience."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nestlab.apply import Journal, OnEvent, StepResult
from nestlab.lab import lab
from nestlab.lab.nesting_history import TOPOLOGY_PREFIX, record_finished_starts
from nestlab.lab.shutdown_retry import SHUTDOWN_SECONDS, ShutdownRetry
from nestlab.model import HOST
from nestlab.observe import observe
from nestlab.transport.session import Cancel, Session


def undo(
    host: Session,
    journal: str | Path,
    *,
    cut_off: bool = False,
    cancel: Cancel | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[StepResult]:
    """Undo a journal on a host, without its topology: last step first, back to the values it remembers.

    What others stand on stays: disks in their chains, and switches that they are connected to
    unless `cut_off`. Raises JournalError where there is no such journal.
    """
    path = Path(journal)
    if str(Journal(path).header().get("topology", "")).startswith(TOPOLOGY_PREFIX):
        yield from undo_nesting(host, path, cancel=cancel, on_event=on_event)
    else:
        yield from lab.undo(host, path, cut_off=cut_off, cancel=cancel, on_event=on_event)


def undo_nesting(
    host: Session,
    path: Path,
    *,
    seconds: float = SHUTDOWN_SECONDS,
    cancel: Cancel | None = None,
    on_event: OnEvent | None = None,
) -> Iterator[StepResult]:
    """Undo the journal of a change of nesting.

    A guest that is still starting is waited for, as long as one that shuts down.

    Raises JournalError where there is no such journal, Cancelled.
    """
    shutdown = ShutdownRetry(host, seconds, cancel, on_event or (lambda _event: None))
    record_finished_starts(Journal(path), observe(host, machine=HOST, cancel=cancel))
    while True:
        failed = yield from shutdown.attempt(
            lab.undo(host, path, cancel=shutdown, on_event=shutdown.on_event)
        )
        if failed is None:
            shutdown.finish()
            return
        if failed.step.cmdlets[0].act.name != "Stop-VM" or shutdown.is_over(failed.step.thing.name):
            yield shutdown.give_up(
                failed, "Nothing was cut off. Log on to the VM and shut it down, then undo again."
            )
            return
        shutdown.wait_a_little()
