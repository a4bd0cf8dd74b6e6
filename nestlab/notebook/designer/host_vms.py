"""Whether the VMs of a topology run on a host, read again and again while a designer shows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from nestlab.dataclass import dataclass, field
from nestlab.errors import AccessDenied, NestlabError
from nestlab.lab.vm_states import VMStateReader
from nestlab.model import MachinePath
from nestlab.model.topology import Topology
from nestlab.notebook.repeating import Repeating
from nestlab.texts import tr
from nestlab.transport.session import Session
from nestlab.transport.threads import has_threads

SECONDS = 5.0
"""Between two readings, which each take a statement per machine."""
UNSEEN = 150.0
"""Seconds without news of a page that shows the states, after which reading pauses. A kernel that
runs a cell takes no news."""


@dataclass(frozen=True)
class Reading:
    """The states of VMs on a host, or one sentence on why they are not known."""

    host: str
    states: Mapping[MachinePath, str] = field(default_factory=dict)
    problem: str = ""


class HostVMs:
    """Reads the states of VMs at once, and then in the background until it is stopped."""

    def __init__(
        self,
        host: Session,
        topology: Callable[[], Topology],
        show: Callable[[Reading], None],
        seconds: float = SECONDS,
    ) -> None:
        self._host, self._topology, self._show = host, topology, show
        self._reader = VMStateReader(topology(), host)
        self._repeating = Repeating(seconds, self._read_if_seen, name="nestlab-vm-states")
        self._stopped = threading.Event()
        self._reading = threading.Lock()
        self._showing = threading.RLock()  # what is shown may call stop
        self._seen = time.monotonic()
        self._is_paused = False

    def start(self) -> None:
        """Read, and go on reading in the background where Python has threads."""
        self.read()
        if has_threads():
            self._repeating.start()

    def seen(self) -> None:
        """Take note that a page shows the states: a closed one must not burden the host."""
        self._seen = time.monotonic()
        if self._is_paused:
            self._repeating.wake()

    def stop(self) -> None:
        """Stop reading; a reading that has begun is not shown."""
        with self._showing:
            self._stopped.set()
        self._repeating.stop()

    def read(self) -> None:
        """Read the states now, and show them or why they are not known."""
        with self._reading:
            if self._stopped.is_set():
                return
            is_denied = False
            try:
                reading = Reading(self._host.host, self._reader.read(self._topology()))
            except NestlabError as error:
                reading = Reading(self._host.host, problem=error.message)
                is_denied = isinstance(error, AccessDenied)
            self._show_unless_stopped(reading)
            if is_denied:
                self.stop()  # Windows locks accounts after some attempts

    def read_without_threads(self) -> None:
        """Read now where nothing is read in the background: in Python for browsers."""
        if not has_threads():
            self.read()

    def _read_if_seen(self) -> None:
        if time.monotonic() - self._seen < UNSEEN:
            self._is_paused = False
            self.read()
        elif not self._is_paused:
            self._is_paused = True
            why = tr("not read while the kernel is busy or no page shows the designer")
            self._show_unless_stopped(Reading(self._host.host, problem=why))

    def _show_unless_stopped(self, reading: Reading) -> None:
        with self._showing:
            if not self._stopped.is_set():
                self._show(reading)
