"""A child process whose standard streams carry packets: bounded in memory, and always ended."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import threading
from collections import deque

from nestlab.dataclass import dataclass
from nestlab.texts import tr
from nestlab.transport.process.packets import DamagedLine, LineTooLong, PacketReader, ServerPacket

_CHUNK = 262_144
_QUEUE_SIZE = 64
_STDERR_BYTES = 16_384
_POLL_SECONDS = 0.2
_KILL_SECONDS = 5.0
_EXIT_SECONDS = 3.0


@dataclass(frozen=True)
class Ended:
    """The child closed its output; `problem` says in a sentence how the output was cut off."""

    problem: str = ""


Event = ServerPacket | DamagedLine | str | Ended


class Child:
    """A running program; threads read its output, so that every wait has a time limit.

    It ends when this process does, for whatever reason: its standard input closes, and on Windows a
    job object ends it.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._output: queue.Queue[bytes] = queue.Queue(_QUEUE_SIZE)  # empty bytes are its end
        self._reader = PacketReader()
        self._to_write: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._stderr: deque[bytes] = deque()
        self._discarded = threading.Event()
        self._threads = [
            threading.Thread(
                target=target, name=f"nestlab-{target.__name__.strip('_')}", daemon=True
            )
            for target in (self._read, self._read_errors, self._write)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._process.pid

    def write(self, line: bytes) -> None:
        """Queue a line for the child, which may read it later or never."""
        self._to_write.put(line)

    def next(self, seconds: float) -> list[Event] | None:
        """Return its next output, or None when the time is over; `Ended` is the last event.

        The list is empty when a part of a line arrived.
        """
        try:
            data = self._output.get(timeout=seconds) if seconds > 0 else self._output.get_nowait()
        except queue.Empty:
            return None
        if not data:
            return [Ended(_cut_off(self._reader.incomplete_line()))]
        try:
            return list(self._reader.feed(data))
        except LineTooLong as too_long:
            self._discarded.set()
            text = too_long.beginning.decode("utf-8", "replace")
            return [
                Ended(
                    tr("It wrote a line that does not end, which begins with {text!r}.", text=text)
                )
            ]

    def has_ended(self) -> bool:
        """Whether the process is known to have ended."""
        return self._process.poll() is not None

    def exit_code(self) -> int | None:
        """Wait briefly, then return its exit code, or None; a negative one is a signal."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_EXIT_SECONDS)
        return self._process.returncode

    def standard_error(self) -> str:
        """Return the end of its standard error; wait briefly for it if the process has ended."""
        if self.has_ended():
            # A process that it started may keep the stream open.
            self._threads[1].join(_EXIT_SECONDS)
        return b"".join(self._stderr).decode("utf-8", "replace").strip()

    def close(self, seconds: float) -> None:
        """Close its input, wait `seconds` for it to end, then kill it."""
        self._to_write.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self.kill()

    def kill(self) -> None:
        """Kill it. May be called twice, from any thread."""
        self._discarded.set()
        self._to_write.put(None)
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_KILL_SECONDS)
        for thread in self._threads:
            # Another process may keep a stream open, and then its thread does not end.
            thread.join(_POLL_SECONDS)

    def _read(self) -> None:
        """Pass the output on unparsed: the thread that waits for it parses it.

        With two threads that alternate for each read, most of the time is spent on switching.
        """
        stream = self._process.stdout
        assert stream is not None  # noqa: S101  # Popen was given PIPE
        with contextlib.suppress(OSError, ValueError), stream:
            while not self._discarded.is_set() and (data := os.read(stream.fileno(), _CHUNK)):
                self._pass_on(data)
        self._pass_on(b"")

    def _pass_on(self, data: bytes) -> None:
        while not self._discarded.is_set():
            try:
                self._output.put(data, timeout=_POLL_SECONDS)
            except queue.Full:
                continue
            return

    def _read_errors(self) -> None:
        stream, held = self._process.stderr, 0
        assert stream is not None  # noqa: S101  # Popen was given PIPE
        with contextlib.suppress(OSError, ValueError), stream:
            while data := os.read(stream.fileno(), _CHUNK):
                data = data[-_STDERR_BYTES:]
                self._stderr.append(data)
                held += len(data)
                while held > _STDERR_BYTES and len(self._stderr) > 1:
                    held -= len(self._stderr.popleft())

    def _write(self) -> None:
        stream = self._process.stdin
        assert stream is not None  # noqa: S101  # Popen was given PIPE
        with contextlib.suppress(OSError, ValueError), stream:
            while (line := self._to_write.get()) is not None:
                left = memoryview(line)
                while left:
                    left = left[stream.write(left) :]


def _cut_off(rest: bytes) -> str:
    """Return a sentence about the last line, if it is incomplete."""
    if not rest.strip():
        return ""
    beginning = rest[:80].decode("utf-8", "replace")
    return tr(
        "The last line that it wrote is cut off after {count} bytes: {beginning!r}.",
        count=len(rest),
        beginning=beginning,
    )
