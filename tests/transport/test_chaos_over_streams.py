"""Killed in the middle of an apply, on either end: no child is left, and the next run converges.

Some moments in turn; with NESTLAB_CHAOS=all, forty.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import NestlabError
from nestlab.topology_file import loads
from nestlab.transport.process.child import Child
from tests.transport.doors import simulated
from tests.transport.test_chaos import TOPOLOGY
from tests.transport.test_child_failures import ends

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the kills of the test are signals")

LINES = 80
"""Lines that an apply of the topology writes to its child at least; it is 86 of them."""

MOMENTS = sorted(random.Random(13).sample(range(3, LINES), 20))  # noqa: S311  # no secret
SOME = MOMENTS if os.environ.get("NESTLAB_CHAOS") == "all" else MOMENTS[4::8]
KERNEL = """
import os, signal, sys, nestlab
from pathlib import Path
from nestlab.topology_file import loads
from nestlab.transport.process.child import Child
at, folder, *command = sys.argv[1:]
write, count, folder = Child.write, 0, Path(folder)
def counted(child, line):
    global count
    count += 1
    (folder / "child").write_text(str(child.process_id))
    if count == int(at):
        os.kill(os.getpid(), signal.SIGKILL)
    write(child, line)
Child.write = counted
session = nestlab.connect("local:", command=command)
text = (folder / "topology.yml").read_text()
list(nestlab.Lab(loads(text), session, journal=folder / "journal.jsonl").apply())
session.close()
"""


@pytest.fixture
def command(tmp_path):
    return simulated("--state", str(tmp_path / "state.json"), "--scenario", "ws2022-intel")


def lab_on(session, tmp_path):
    return nestlab.Lab(loads(TOPOLOGY), session, journal=tmp_path / "journal.jsonl")


def converges(command, tmp_path):
    """Whether the next run builds the whole, once."""
    with contextlib.closing(nestlab.connect("local:", command=command)) as session:
        lab = lab_on(session, tmp_path)
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        hyper_v = lab.observe()[()].hyper_v
        assert [vm.name for vm in hyper_v.vms].count("c1") == 1
        assert [switch.name for switch in hyper_v.switches].count("ChaosNet") == 1


@pytest.mark.parametrize("at", SOME)
def test_a_child_that_is_killed_in_the_middle_is_named_and_the_next_run_converges(
    at, command, tmp_path, monkeypatch
):
    write, killed, started = Child.write, [], set()

    def counted(child, line):
        started.add(child.process_id)
        killed.append(child.process_id)
        write(child, line)
        if len(killed) == at:
            os.kill(child.process_id, signal.SIGKILL)

    monkeypatch.setattr(Child, "write", counted)
    session = nestlab.connect("local:", command=command)
    told = ""
    try:
        results = list(lab_on(session, tmp_path).apply())
        told = " ".join(result.message for result in results if not result.ok)
    except NestlabError as error:
        assert error.hint  # noqa: PT017  # what to do, in the words of the error
        told = error.message
    session.close()
    assert len(killed) >= at
    assert not told or "killed (SIGKILL)" in told, told
    monkeypatch.undo()
    assert all(ends(number) for number in started)
    converges(command, tmp_path)


@pytest.mark.parametrize("at", SOME)
def test_a_kernel_that_is_killed_in_the_middle_leaves_no_child_and_the_next_run_converges(
    at, command, tmp_path
):
    (tmp_path / "topology.yml").write_text(TOPOLOGY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", KERNEL, str(at), str(tmp_path), *command],
        capture_output=True,
        timeout=120,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert ends(int((tmp_path / "child").read_text(encoding="utf-8")))
    converges(command, tmp_path)
