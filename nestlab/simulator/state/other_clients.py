"""Processes that share one state file: time passes for all when each of them waits."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from nestlab.simulator.state.clock_clients import GRACE

POLL_SECONDS = 0.01


class OtherProcesses:
    """The clients of a state file, in a small file beside it.

    See `nestlab.simulator.state.clock_clients.OtherClients`.

    The file exists while a client is active. It has an entry for each process: the virtual time
    that the process waits for, and the real time until which the entry is valid, after which a
    killed process is ignored.
    """

    poll = POLL_SECONDS

    def __init__(
        self, state: Path, locked: Callable[[], AbstractContextManager[None]], grace: float = GRACE
    ) -> None:
        self.grace = grace
        self._path = state.with_name(state.name + ".clients")
        self._locked = locked
        self._key = os.urandom(8).hex()
        self._joined = False

    def join(self, now: float) -> None:
        """Announce that this process is busy, with the time of its clock."""
        with self._locked():
            data = self._read()
            self._joined = True
            clients = {
                **data["clients"],
                self._key: {"wake": None, "until": time.time() + self.grace},
            }
            self._write(max(data["now"], now), clients)

    def agree(self, now: float, wake: float) -> float:
        """Announce a wait until `wake`; return the time that all processes agree on."""
        with self._locked():
            data, real = self._read(), time.time()
            clients, now = data["clients"], max(data["now"], now)
            own = clients.get(self._key)
            if not self._joined and not clients:
                return wake
            changed = own is None or own["wake"] != wake or own["until"] < real + self.grace / 2
            clients[self._key] = {"wake": wake, "until": real + self.grace}
            self._joined = True
            wakes = [client["wake"] for client in clients.values()]
            if all(other is not None and other > now for other in wakes):
                now, changed = min(wakes), True
                clients |= {
                    key: {**client, "until": real + self.grace}
                    for key, client in clients.items()
                    if client["wake"] <= now
                }
            if changed:
                self._write(now, clients)
            return float(now)

    def leave(self) -> None:
        """Announce that this process is no longer busy or waiting."""
        if not self._joined:
            return
        with self._locked():
            data = self._read()
            data["clients"].pop(self._key, None)
            self._joined = False
            self._write(data["now"], data["clients"])

    def is_alone(self) -> bool:
        """Whether no other process is active; the caller has locked the state file."""
        return not self._read()["clients"].keys() - {self._key}

    def reached(self) -> float:
        """Return the common time of all processes; the caller has locked the state file."""
        return float(self._read()["now"])

    def _read(self) -> dict[str, Any]:
        """Return the entries that are still valid.

        A file that cannot be read was left incomplete by a killed process, and counts as empty.
        """
        real, data = time.time(), {}
        with contextlib.suppress(OSError, ValueError):
            data = json.loads(self._path.read_text(encoding="utf-8"))
        clients = {
            key: client for key, client in data.get("clients", {}).items() if client["until"] > real
        }
        return {"now": data["now"] if clients else 0.0, "clients": clients}

    def _write(self, now: float, clients: dict[str, Any]) -> None:
        if not clients:
            self._path.unlink(missing_ok=True)
            return
        text = json.dumps({"now": now, "clients": clients})
        self._path.write_text(text, encoding="utf-8", newline="\n")
