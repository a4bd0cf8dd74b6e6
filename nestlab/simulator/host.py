"""A simulated host: a world from a scenario, in memory or kept in a state file."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from nestlab.errors import StateFileError
from nestlab.simulator import state_file
from nestlab.simulator.clock import Clock
from nestlab.simulator.faults import Fault
from nestlab.simulator.machine import Machine
from nestlab.simulator.scenarios import load_scenario
from nestlab.simulator.world import World


class SimulatedHost:
    """A Hyper-V host in Python.

    Several sessions, threads and, with a state file, processes may use it at once: one invocation runs at a time.
    """

    def __init__(self, world: World, state: Path | None = None) -> None:
        self._world = world
        self._state = state
        self._lock = threading.RLock()
        self._depth = 0
        self._seen: tuple[int, int, int] | None = None

    @classmethod
    def from_scenario(cls, name: str, *, time_scale: float = 0.0) -> SimulatedHost:
        """Return a new host as the scenario describes it; raises UnknownHost where there is none of that name."""
        return cls(load_scenario(name, Clock(time_scale=time_scale)))

    @classmethod
    def load(cls, state: str | Path, *, scenario: str | None = None, time_scale: float = 0.0) -> SimulatedHost:
        """Return the host that a state file keeps; with `scenario`, a missing file is begun.

        Raises StateFileError where it cannot be read or holds another scenario.
        """
        path = Path(state)
        if not path.exists() and scenario is None:
            msg = f"{path}: there is no such state file"
            raise StateFileError(msg)
        with state_file.locked(path):
            if path.exists():
                host = cls(_read(path, Clock(time_scale=time_scale)), path)
                host._check_scenario(scenario)
            else:
                host = cls(load_scenario(scenario or "", Clock(time_scale=time_scale)), path)
                host.save()
            host._seen = _signature(path)
        return host

    def _check_scenario(self, scenario: str | None) -> None:
        if scenario is not None and scenario != self._world.scenario:
            msg = f"{self._state}: this state file keeps the scenario {self._world.scenario}, not {scenario}"
            raise StateFileError(msg, hint=f"Use sim:{self._world.scenario}?state={self._state}, or another state file.")

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self._world

    @property
    def machine(self) -> Machine:
        """The host itself."""
        return self._world.host

    @property
    def clock(self) -> Clock:
        """The virtual clock."""
        return self._world.clock

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The planted faults, spent ones too."""
        return tuple(self._world.faults)

    def plant(self, *faults: Fault) -> None:
        """Plant faults; a state file keeps them, and counts their calls."""
        with self.exclusively() as world:
            world.faults.extend(faults)

    def clear_faults(self) -> None:
        """Take all faults out."""
        with self.exclusively() as world:
            world.faults.clear()

    def save(self) -> None:
        """Write the state file, where there is one."""
        if self._state is not None:
            state_file.write(self._state, self._world.to_dict())
            self._seen = _signature(self._state)

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[World]:
        """Hold the world alone, as the state file has it now; what changed is saved at the end, whatever happens."""
        with self._lock:
            if self._state is None or self._depth:
                yield self._world
                return
            with state_file.locked(self._state):
                self._refresh(self._state)
                before = self._world.to_dict()
                self._depth += 1
                try:
                    yield self._world
                finally:
                    self._depth -= 1
                    if self._world.to_dict() != before or not self._state.exists():
                        self.save()

    def _refresh(self, path: Path) -> None:
        if path.exists() and _signature(path) != self._seen:
            passwords = self._world.guest_passwords
            self._world = _read(path, self._world.clock)
            self._world.guest_passwords = passwords  # secrets are not in the file
            self._seen = _signature(path)


def _signature(path: Path) -> tuple[int, int, int]:
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _read(path: Path, clock: Clock) -> World:
    data = state_file.read(path)
    try:
        return World.from_dict(data, clock)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path}: damaged state file: {error}"
        raise StateFileError(msg, hint="Begin a new state file, or take this one from a backup.") from None
