"""A process that builds, resets or removes seats over WinRM is killed at a random moment; the next run ends where an uninterrupted one does.

Three moments are tried; with NESTLAB_CHAOS=all, forty.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.lab.many import timeless
from tests.transport.doors import guests_of
from tests.workshop.classes import SMALL_CLASS, SMALL_LAB, written

ROOT = Path(__file__).parents[2]
MOMENTS = 40 if os.environ.get("NESTLAB_CHAOS") == "all" else 3
CLOCK_RATE = 200
WORDS = {"up": (), "reset": ("--seat", "ada", "--seat", "seat02"), "down": ()}


@dataclass(frozen=True)
class Class:
    """A workshop whose seats are on a simulated host behind WinRM."""

    host: SimulatedHost
    file: Path
    variables: dict[str, str]

    def start(self, kind):
        words = [sys.executable, "-m", "nestlab", "workshop", kind, str(self.file), *WORDS[kind]]
        return subprocess.Popen(
            [*words, "--yes", "--json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.variables, "PYTHONPATH": str(ROOT)},
        )

    def run(self, kind):
        """Run to the end; return the lines it printed."""
        process = self.start(kind)
        out, err = process.communicate()
        assert process.returncode == 0, (out[-2000:], err)
        return out.splitlines()

    def kill(self, kind, line, moment):
        """Kill the process a moment after it printed its n-th line; return whether it was at work."""
        process = self.start(kind)
        for _ in range(line):
            process.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        process.kill()
        process.communicate()
        return process.returncode != 0


@contextmanager
def served(folder):
    """Yield a class on a host of its own, with journals of its own."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    with (
        serve(host, tls=True, clock_rate=CLOCK_RATE) as endpoint,
        pytest.MonkeyPatch.context() as environment,
    ):
        guests_of(endpoint, environment)
        account = f"{endpoint.user}:{endpoint.password}"
        variables = {
            "NESTLAB_JOURNALS": str(folder / "journals"),
            "NESTLAB_CREDENTIAL_HOST": account,
        }
        address = f"'{endpoint.address}?ca={endpoint.certificate}'"
        text = SMALL_CLASS.replace("sim:ws2022-intel, sim:ws2025-amd", address)
        yield Class(host, written(folder, text, SMALL_LAB), variables)


def prepare(course, kind):
    if kind != "up":
        course.run("up")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Return, for a kind of run, how many lines it prints without a kill, and the state of the host then."""
    known = {}

    def ending(kind):
        if kind not in known:
            with served(tmp_path_factory.mktemp(kind)) as course:
                prepare(course, kind)
                lines = course.run(kind)
                known[kind] = (len(lines), timeless(course.host))
        return known[kind]

    return ending


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_at_any_moment_the_next_run_converges(tmp_path, uninterrupted, moment):
    chance = random.Random(f"workshop {moment}")  # noqa: S311  # a moment, no secret
    kind = list(WORDS)[moment % len(WORDS)]
    lines, end = uninterrupted(kind)
    with served(tmp_path) as course:
        prepare(course, kind)
        killed = course.kill(kind, chance.randint(0, lines - 1), chance.uniform(0, 0.2))
        course.run(kind)
        assert timeless(course.host) == end, f"{kind}, killed: {killed}"
        if kind != "down":
            again = course.run("up")
            assert [line for line in again if '"step-finished"' in line] == []
