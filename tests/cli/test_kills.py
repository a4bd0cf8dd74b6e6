"""A real `nestlab` process is killed at a random moment of its work; the next run ends where an uninterrupted one does.

Some moments are tried; with NESTLAB_CHAOS=all, sixty.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import nestlab
from nestlab.model import Size

ROOT = Path(__file__).parents[2]
TOPOLOGY = ROOT / "tests" / "cases" / "topologies" / "nat-lab.yml"
MOMENTS = 60 if os.environ.get("NESTLAB_CHAOS") == "all" else 5
OF_TIME = {"started", "booted_at", "ready_at", "writes", "created", "last_seen"}
"""Keys of a state file that say when guests ran: a run that goes on later boots them later."""

WORDS = {
    "apply": ("apply", str(TOPOLOGY)),
    "undo": ("undo", str(TOPOLOGY)),
    "destroy": ("destroy", str(TOPOLOGY)),
    "enable": (
        "nesting",
        "enable",
        "build-agent",
        "sql-test",
        "--memory",
        "4GB",
        "--mac-spoofing",
        "--turn-off",
    ),
    "disable": ("nesting", "disable", "build-agent", "sql-test", "--turn-off"),
}


@dataclass(frozen=True)
class Place:
    """A host in a state file, and a folder of journals of its own."""

    folder: Path

    @property
    def address(self):
        return f"sim:ws2022-intel?state={self.folder / 'host.json'}"

    def prepare(self, kind):
        """Bring the host to where this kind of work begins."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NESTLAB_JOURNALS", str(self.folder / "journals"))
            host = nestlab.connect(self.address)
            if kind in {"undo", "destroy"}:
                assert all(
                    result.ok for result in nestlab.Lab(nestlab.load(TOPOLOGY), host).apply()
                )
            elif kind == "disable":
                options = {
                    "memory_startup": Size.parse("4GB"),
                    "mac_address_spoofing": True,
                    "turn_off": True,
                }
                assert nestlab.enable_nesting(host, ["build-agent", "sql-test"], **options).ok

    def start(self, kind):
        words = [
            sys.executable,
            "-m",
            "nestlab",
            *WORDS[kind],
            "--host",
            self.address,
            "--yes",
            "--json",
        ]
        paths = {"NESTLAB_JOURNALS": str(self.folder / "journals"), "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            words,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **paths},
            cwd=self.folder,
        )

    def run(self, kind):
        """Run to the end; return the lines it printed."""
        process = self.start(kind)
        out, err = process.communicate()
        assert process.returncode == 0, (out, err)
        return out.splitlines()

    def kill(self, kind, line, moment):
        """Kill the process a moment after it printed its n-th line; return whether it was still at work."""
        process = self.start(kind)
        for _ in range(line):
            process.stdout.readline()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        process.kill()
        process.communicate()
        return process.returncode != 0

    def state(self):
        data = json.loads((self.folder / "host.json").read_text(encoding="utf-8"))
        return without_time({key: value for key, value in data.items() if key != "clock"})


def without_time(value):
    if isinstance(value, dict):
        return {key: without_time(item) for key, item in value.items() if key not in OF_TIME}
    return [without_time(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    """Return, for a kind of work, how many lines it prints without any kill, and the state in which it ends."""
    known = {}

    def ending(kind):
        if kind not in known:
            place = Place(tmp_path_factory.mktemp(kind))
            place.prepare(kind)
            lines = place.run(kind)
            known[kind] = (len(lines), place.state())
        return known[kind]

    return ending


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_at_any_moment_the_next_run_ends_where_it_should(tmp_path, uninterrupted, moment):
    chance = random.Random(f"moment {moment}")  # noqa: S311  # a moment, no secret
    kind = list(WORDS)[moment % len(WORDS)]
    lines, end = uninterrupted(kind)
    place = Place(tmp_path)
    place.prepare(kind)
    kills = sum(
        place.kill(kind, chance.randint(0, lines - 1), chance.uniform(0, 0.1))
        for _ in range(chance.randint(1, 2))
    )
    place.run(kind)
    assert place.state() == end, f"{kind}, killed {kills} times"
    if kind == "apply":
        place.run("destroy")
        fresh = Place(tmp_path / "fresh")
        fresh.folder.mkdir()
        fresh.prepare(kind)
        assert place.state() == fresh.state()
    shutil.rmtree(tmp_path)
