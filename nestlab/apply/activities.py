"""Progress of nested activities as one line: an activity is shown after its parents."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.apply.events import StepProgress
from nestlab.model import Progress
from nestlab.plan import Step


class Activities:
    """The activities of one step, by activity id."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._known: dict[int, Progress] = {}

    def event(self, progress: Progress) -> StepProgress:
        """Return the event of a progress record.

        The percentage is that of the outermost activity, so that it never goes down.
        """
        self._known[progress.activity_id] = progress
        chain = [progress, *self._parents(progress)]
        known = [current.percent_complete for current in chain if current.percent_complete >= 0]
        percent = known[-1] if known else progress.percent_complete
        activity = ": ".join(current.activity for current in reversed(chain))
        return StepProgress(self._step, activity, progress.status, percent)

    def _parents(self, progress: Progress) -> Iterator[Progress]:
        """Yield the parent activities of an activity, the nearest first."""
        current, seen = progress, {progress.activity_id}
        while parent := self._known.get(current.parent_activity_id):
            if parent.activity_id in seen:
                return
            seen.add(parent.activity_id)
            yield parent
            current = parent
