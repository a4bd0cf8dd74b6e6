"""Waiting for guests: until one answers over PowerShell Direct, after a restart with a new time of its start."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.apply.results import OnEvent
from nestlab.apply.sessions import Sessions
from nestlab.errors import GuestUnreachable, HostError, SessionBroken
from nestlab.model import Cmdlet, path_text
from nestlab.plan import Deferred
from nestlab.transport.session import Cancel

POLL_SECONDS = 5.0
LIMIT_SECONDS = 1200.0
"""The first start of a Windows image, with its set-up and restarts, takes up to a quarter of an hour on slow disks."""

_ASK = Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"})


class Waiting:
    """Waits for deferred machines, and knows how long it has waited since something last went on."""

    def __init__(self, sessions: Sessions, on_event: OnEvent, cancel: Cancel | None) -> None:
        self._sessions = sessions
        self._on_event = on_event
        self._cancel = cancel
        self._waited = 0.0

    def went_on(self) -> None:
        """Start the time limit anew."""
        self._waited = 0.0

    def until_one_answers(self, deferred: Sequence[Deferred]) -> None:
        """Let time pass until one of the machines answers.

        Raises GuestUnreachable where none does within the time limit, or the credential is refused; Cancelled.
        """
        names = ", ".join(path_text(item.machine) for item in deferred)
        while True:
            if self._waited >= LIMIT_SECONDS:
                message = f"{names} did not answer over PowerShell Direct within {LIMIT_SECONDS / 60:.0f} minutes"
                raise GuestUnreachable(self._sessions.to(()).host, message, hint=_HINT)
            self._on_event({"event": "progress", "activity": f"Waiting for {names}", "status": self._status(), "percent": self._percent()})
            self._sessions.to(()).wait(POLL_SECONDS, self._cancel)
            self._waited += POLL_SECONDS
            if any(self._answers(item) for item in deferred):
                return

    def _status(self) -> str:
        return f"{self._waited:.0f} s of at most {LIMIT_SECONDS:.0f} s"

    def _percent(self) -> int:
        return int(100 * self._waited / LIMIT_SECONDS)

    def _answers(self, deferred: Deferred) -> bool:
        try:
            outcome = self._sessions.to(deferred.machine).run(_ASK, cancel=self._cancel)
        except (GuestUnreachable, SessionBroken) as error:
            self._sessions.forget(deferred.machine)
            _refused(error)
            return False
        booted = next((record.get("LastBootUpTime") for record in outcome), None)
        return booted is not None and (deferred.booted is None or booted != deferred.booted)


def _refused(error: HostError) -> None:
    # A wrong password stays wrong: waiting for it would lock the account.
    if "credential is invalid" in error.message:
        raise error


_HINT = "Look at its console: does it start from its disk, is Windows set up, is the service vmicvmsession running?"
