"""Faults planted into the endpoint: at the n-th WS-Management request, once each."""

from __future__ import annotations

import enum
import threading
from dataclasses import dataclass


class Trouble(enum.Enum):
    """What goes wrong at a request."""

    DROP_BEFORE = "the connection closes before the request is read by the service"
    DROP_AFTER = "the service did what was asked, and the connection closes instead of the answer"
    DELAY = "the answer comes later than the client waits"
    STATUS = "a bare HTTP status comes instead of an answer"
    KILL_SHELL = "the shell of the request is gone, as after a restart of the WinRM service"
    TIMED_OUT = "the service says that the operation timed out"


@dataclass(frozen=True)
class PlantedFault:
    """One trouble; `value` is the seconds of a delay or the number of an HTTP status."""

    trouble: Trouble
    value: float = 0.0


class FaultPlan:
    """The planted faults of one endpoint, and a record of the requests it served.

    Requests count from 0, from the endpoint's start or from `restart`; authentication legs do not
    count.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planted: dict[int, PlantedFault] = {}
        self._actions: list[str] = []

    def drop(self, at: int, *, after: bool = False) -> None:
        """Close the connection at this request, before it takes effect or after."""
        self._plant(at, PlantedFault(Trouble.DROP_AFTER if after else Trouble.DROP_BEFORE))

    def delay(self, at: int, seconds: float) -> None:
        """Hold the answer of this request back.

        A client that stopped waiting finds it when it asks again.
        """
        self._plant(at, PlantedFault(Trouble.DELAY, seconds))

    def answer(self, at: int, status: int) -> None:
        """Answer this request with a bare HTTP status: 400, 401, 503."""
        self._plant(at, PlantedFault(Trouble.STATUS, status))

    def kill_shell(self, at: int) -> None:
        """End the shell that this request is for, then let the service answer."""
        self._plant(at, PlantedFault(Trouble.KILL_SHELL))

    def time_out(self, at: int) -> None:
        """Answer this request with the service's own time-out fault."""
        self._plant(at, PlantedFault(Trouble.TIMED_OUT))

    def restart(self) -> None:
        """Forget what was planted and served; count from 0 again."""
        with self._lock:
            self._planted.clear()
            self._actions.clear()

    @property
    def served(self) -> tuple[str, ...]:
        """The actions of the requests so far: ``Create``, ``Receive``, ``Command``..."""
        with self._lock:
            return tuple(self._actions)

    def meet(self, action: str) -> PlantedFault | None:
        """Count this request and return what was planted for it, once."""
        with self._lock:
            self._actions.append(action.rsplit("/", 1)[-1])
            return self._planted.pop(len(self._actions) - 1, None)

    def _plant(self, at: int, fault: PlantedFault) -> None:
        with self._lock:
            self._planted[at] = fault
