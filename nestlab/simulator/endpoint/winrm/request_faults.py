"""Faults injected into the endpoint, each once, at the n-th WS-Management request."""

from __future__ import annotations

import enum
import threading

from nestlab.dataclass import dataclass


class RequestFaultKind(enum.Enum):
    """What goes wrong at a request."""

    DROP_BEFORE = "the connection closes before the service gets the request"
    DROP_AFTER = "the service handles the request, and the connection closes without a response"
    DELAY = "the response arrives after the client has timed out"
    STATUS = "an HTTP status without a body arrives instead of a response"
    KILL_SHELL = (
        "the shell of the request no longer exists, as after a restart of the WinRM service"
    )
    TIMED_OUT = "the service responds that the operation timed out"


@dataclass(frozen=True)
class RequestFault:
    """One fault of a request; `value` is the seconds of a delay or the number of an HTTP status."""

    kind: RequestFaultKind
    value: float = 0.0


class FaultPlan:
    """The injected faults of one endpoint, and a record of the requests it served.

    Requests are numbered from 0, since the start of the endpoint or since `restart`. The requests
    of an authentication that is not complete do not count.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: dict[int, RequestFault] = {}
        self._actions: list[str] = []

    def drop(self, at: int, *, after: bool = False) -> None:
        """Close the connection at this request, before it takes effect or after."""
        self._inject(
            at, RequestFault(RequestFaultKind.DROP_AFTER if after else RequestFaultKind.DROP_BEFORE)
        )

    def delay(self, at: int, seconds: float) -> None:
        """Delay the response to this request.

        A client that has timed out gets it when it repeats the request.
        """
        self._inject(at, RequestFault(RequestFaultKind.DELAY, seconds))

    def respond_with_status(self, at: int, status: int) -> None:
        """Respond to this request with an HTTP status without a body: 400, 401, 503."""
        self._inject(at, RequestFault(RequestFaultKind.STATUS, status))

    def kill_shell(self, at: int) -> None:
        """End the shell that this request addresses, before the service handles the request."""
        self._inject(at, RequestFault(RequestFaultKind.KILL_SHELL))

    def time_out(self, at: int) -> None:
        """Respond to this request with the service's timeout fault."""
        self._inject(at, RequestFault(RequestFaultKind.TIMED_OUT))

    def restart(self) -> None:
        """Remove all faults and the record of requests; count from 0 again."""
        with self._lock:
            self._faults.clear()
            self._actions.clear()

    @property
    def served(self) -> tuple[str, ...]:
        """The actions of the requests so far: ``Create``, ``Receive``, ``Command``..."""
        with self._lock:
            return tuple(self._actions)

    def next_fault(self, action: str) -> RequestFault | None:
        """Count this request, and remove and return its fault, if any."""
        with self._lock:
            self._actions.append(action.rsplit("/", 1)[-1])
            return self._faults.pop(len(self._actions) - 1, None)

    def _inject(self, at: int, fault: RequestFault) -> None:
        with self._lock:
            self._faults[at] = fault
