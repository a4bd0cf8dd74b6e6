"""Progress of several activities at one time, as one line: a part is told under the whole that it belongs to."""

from __future__ import annotations

from typing import Any

from nestlab.model import Progress


class Activities:
    """The activities of one run, by their numbers."""

    def __init__(self) -> None:
        self._known: dict[int, Progress] = {}

    def told(self, progress: Progress) -> dict[str, Any]:
        """Return what an event says of a progress record: the percentage is that of the whole, so that it does not jump back.

        >>> activities = Activities()
        >>> activities.told(Progress("Copy", "", 40, activity_id=1))
        {'activity': 'Copy', 'status': '', 'percent': 40}
        >>> activities.told(Progress("disk.vhdx", "", 5, activity_id=2, parent_activity_id=1))
        {'activity': 'Copy: disk.vhdx', 'status': '', 'percent': 40}
        """
        self._known[progress.activity_id] = progress
        names, percent, part = [progress.activity], progress.percent_complete, progress
        seen = {progress.activity_id}
        while (
            whole := self._known.get(part.parent_activity_id)
        ) is not None and whole.activity_id not in seen:
            seen.add(whole.activity_id)
            names.insert(0, whole.activity)
            percent, part = (
                whole.percent_complete if whole.percent_complete >= 0 else percent,
                whole,
            )
        return {"activity": ": ".join(names), "status": progress.status, "percent": percent}
