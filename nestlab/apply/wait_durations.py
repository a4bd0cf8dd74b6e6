"""Records in the journal how long a run waited for each guest, for what later runs expect."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nestlab.apply.events import (
    Event,
    OnEvent,
    RunFinished,
    RunStatus,
    StepStarted,
    Waiting,
    WaitKind,
)
from nestlab.apply.guest_events import AddressesNotUsed, GuestLeftOut, GuestsNotUp
from nestlab.apply.waiting import POLL_SECONDS
from nestlab.model import path_text

Record = Callable[[str, str, float], None]
"""Called with the kind of a wait, the machine path of its guest as text, and its seconds."""


class WaitDurations:
    """Passes events on, and records the waits that ended because the guest was ready.

    A guest is ready when a later event of the same kind no longer names it, when a step runs in it,
    or when the run is done. A wait that reached its limit, or was cancelled, is not recorded.
    """

    def __init__(self, on_event: OnEvent, record: Record) -> None:
        self._on_event, self._record = on_event, record
        self._open: dict[tuple[WaitKind, str], float] = {}

    def __call__(self, event: Event) -> None:
        """Handle an event of a run."""
        match event:
            case Waiting(kind=kind, names=names, seconds=seconds):
                self._end(key for key in [*self._open] if key[0] is kind and key[1] not in names)
                self._open |= {(kind, name): seconds + POLL_SECONDS for name in names}
            case StepStarted(step=step):
                key = (WaitKind.ANSWER, path_text(step.machine))
                self._end([key] if key in self._open else [])
            case GuestsNotUp() | AddressesNotUsed() | GuestLeftOut():
                self._open.clear()
            case RunFinished(status=status):
                self._end([*self._open] if status is RunStatus.DONE else [])
            case _:
                pass
        self._on_event(event)

    def _end(self, keys: Iterable[tuple[WaitKind, str]]) -> None:
        for kind, name in keys:
            self._record(str(kind), name, self._open.pop((kind, name)))
