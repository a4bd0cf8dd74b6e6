"""A simulated host: a world from a scenario, in memory or kept in a state file."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nestlab.errors import Cancelled, StateFileError
from nestlab.simulator.faults import Fault
from nestlab.simulator.scenarios import load_scenario
from nestlab.simulator.state import state_file
from nestlab.simulator.state.clock import Clock
from nestlab.simulator.state.clock_clients import CancelFlag, Hold
from nestlab.simulator.state.machine import Machine, World
from nestlab.simulator.state.other_clients import OtherProcesses

if TYPE_CHECKING:
    from nestlab.model.topology import Topology


class SimulatedHost:
    """A simulated Hyper-V host.

    Several sessions, threads and, with a state file, processes may use it at once. An invocation
    is atomic; the time that it takes passes for all clients in parallel (see
    `nestlab.simulator.state.clock.Clock`).
    """

    def __init__(
        self, world: World, state: Path | None = None, lock: state_file.Lock | None = None
    ) -> None:
        self._world = world
        self._state_path = state
        self._others: OtherProcesses | None = None
        if state is not None:
            self._file_lock = lock or state_file.Lock(state, _lock_timeout(world.clock.time_scale))
            world.clock.others = self._others = OtherProcesses(state, self._file_lock.held)
        self._lock = threading.RLock()
        self._depth = 0
        self._revision = ""
        self.token = os.urandom(8).hex()  # distinguishes this host from all others in this process
        self._saved: Mapping[str, Any] | None = None  # the contents of the state file

    @classmethod
    def from_scenario(
        cls,
        name: str,
        *,
        time_scale: float = 0.0,
        language: str = "",
        prepared_for: Topology | None = None,
    ) -> SimulatedHost:
        """Return a new host as its scenario describes it; raises UnknownHost.

        It also has what the topology `prepared_for` expects to find on its host.
        """
        clock = Clock(time_scale=time_scale)
        return cls(load_scenario(name, clock, language=language, prepared_for=prepared_for))

    @classmethod
    def load(
        cls,
        state: str | Path,
        *,
        scenario: str | None = None,
        time_scale: float = 0.0,
        language: str = "",
        prepared_for: Topology | None = None,
    ) -> SimulatedHost:
        """Return the host of a state file; with `scenario`, a missing file is created.

        Only a new host is prepared for a topology.

        Raises StateFileError if the file cannot be read, or has another scenario or language.
        """
        path = Path(state)
        if not path.exists() and scenario is None:
            msg = f"{path}: the state file does not exist"
            raise StateFileError(msg)
        clock = Clock(time_scale=time_scale)
        lock = state_file.Lock(path, _lock_timeout(time_scale))
        with lock.held():
            if path.exists():
                data = state_file.read(path)
                host = cls(_world(path, data, clock), path, lock)
                host._check_scenario(scenario)
                host._check_language(language)
                host._remember_saved(data)
            else:
                world = load_scenario(
                    scenario or "", clock, language=language, prepared_for=prepared_for
                )
                host = cls(world, path, lock)
                host._write(path, host.world.to_dict())
        return host

    def _check_scenario(self, scenario: str | None) -> None:
        if scenario is not None and scenario != self._world.scenario:
            msg = f"{self._state_path}: the state file belongs to the scenario {self._world.scenario}, not {scenario}"
            raise StateFileError(
                msg,
                hint=f"Use sim:{self._world.scenario}?state={self._state_path}, or another state file.",
            )

    def _check_language(self, language: str) -> None:
        saved_language = self._world.quirks.language
        if language and language != saved_language:
            msg = f"{self._state_path}: the language of Windows in the state file is {saved_language}, not {language}"
            raise StateFileError(msg, hint="Omit the language, or use another state file.")

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
        """The injected faults, including those that have already happened."""
        return tuple(self._world.faults)

    def inject_faults(self, *faults: Fault) -> None:
        """Inject faults; a state file keeps them with their counts."""
        with self.exclusively() as world:
            world.faults.extend(faults)

    def clear_faults(self) -> None:
        """Remove all faults."""
        with self.exclusively() as world:
            world.faults.clear()

    def save(self) -> None:
        """Write the state file, if there is one."""
        if self._state_path is None:
            return
        with self._lock, self._file_lock.held():
            self._write(self._state_path, self._world.to_dict())

    @contextlib.contextmanager
    def exclusively(self) -> Iterator[World]:
        """Lock the world, after reading the state file; changes are saved at the end."""
        with self._lock:
            if self._state_path is None or self._depth:
                yield self._world
                return
            with self._file_lock.held():
                self._refresh(self._state_path)
                self._depth += 1
                try:
                    yield self._world
                finally:
                    self._depth -= 1
                    self.clock.commit_own_time()
                    self._save_changes(self._state_path)

    @contextlib.contextmanager
    def call(self, cancel: CancelFlag | None = None, hold: Hold | None = None) -> Iterator[World]:
        """Lock the world for one invocation, and wait at the end until its time has passed for all.

        Inside `Clock.own_time` there is no wait. `hold` is that of a remote client.
        Raises Cancelled.
        """
        if self.clock.has_own_time:
            with self.exclusively() as world:
                yield world
            return
        try:
            with self.clock.own_time(call=True) as reached, self.exclusively() as world:
                yield world
        except Cancelled:
            raise
        except Exception:
            self._wait_until(reached(), cancel, hold)
            raise
        self._wait_until(reached(), cancel, hold)

    def _wait_until(self, moment: float, cancel: CancelFlag | None, hold: Hold | None) -> None:
        if moment > self.clock.common_time:
            self.clock.pass_until(moment, cancel, hold)
            self.save_time()

    def wait(self, seconds: float, cancel: CancelFlag | None = None) -> None:
        """Let virtual time pass, in seconds; other clients may use the host meanwhile.

        Raises Cancelled.
        """
        self.clock.advance(seconds, cancel)
        self.save_time()

    def save_time(self) -> None:
        """Save the current time, if there is a state file."""
        if self._state_path is not None and not self.clock.has_own_time:
            with self.exclusively():
                pass

    def _save_changes(self, path: Path) -> None:
        data = self._world.to_dict()
        if data != self._saved or not path.exists():
            self._write(path, data)

    def _write(self, path: Path, data: Mapping[str, Any]) -> None:
        self._revision = state_file.write(path, data)
        self._saved = data

    def _refresh(self, path: Path) -> None:
        if self._others is not None:
            self.clock.catch_up(self._others.reached())
        if path.exists() and state_file.revision(path) != self._revision:
            passwords = self._world.guest_passwords
            data = state_file.read(path)
            self._world = _world(path, data, self.clock)
            self._remember_saved(data)
            self._world.guest_passwords = passwords  # secrets are not in the state file

    def _remember_saved(self, data: Mapping[str, Any]) -> None:
        """Remember the contents of the file, to detect changes later."""
        clock = {key: value for key, value in data["clock"].items() if key != "revision"}
        self._revision = str(data["clock"].get("revision", ""))
        self._saved = {
            **{key: value for key, value in data.items() if key not in ("format", "version")},
            "clock": clock,
        }


def _lock_timeout(time_scale: float) -> float:
    # With a time scale, another process may hold the file during a cmdlet of up to ten minutes.
    return state_file.LOCK_TIMEOUT + 600 * time_scale


def _world(path: Path, data: Mapping[str, Any], clock: Clock) -> World:
    # Not imported at the start, because a host without a state file does not need them.
    from nestlab.simulator.state.checks.state_checks import (  # noqa: PLC0415
        check_clock,
        check_world,
    )

    try:
        check_clock(data)
        world = World.from_dict(dict(data), clock)
        check_world(world)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        msg = f"{path}: damaged state file: {what}"
        raise StateFileError(
            msg, hint="Use a new state file, or restore this one from a backup."
        ) from None
    return world
