"""Two kernels on one host, each through a child of its own, building the same topology at the same time."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import nestlab
from nestlab.topology_file import loads
from tests.transport.doors import simulated
from tests.transport.test_chaos import TOPOLOGY

KERNEL = """
import json, sys, nestlab
from nestlab.errors import NestlabError
from nestlab.topology_file import loads
topology, journal, *command = sys.argv[1:]
session = nestlab.connect("local:", command=command)
told = []
try:
    lab = nestlab.Lab(loads(topology), session, journal=journal)
    told = [[result.message] for result in lab.apply() if not result.ok]
except NestlabError as error:
    told = [[error.message, error.hint]]
session.close()
print(json.dumps(told))
"""


def test_nothing_is_made_twice_and_who_stopped_says_why(tmp_path):
    command = simulated("--state", str(tmp_path / "state.json"), "--scenario", "ws2022-intel")
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", KERNEL, TOPOLOGY, str(tmp_path / journal), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for journal in ("one.jsonl", "other.jsonl")
    ]
    said = [kernel.communicate(timeout=240) for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0, 0], said
    assert [errors for _, errors in said] == ["", ""]
    for told in (json.loads(output) for output, _ in said):
        assert all(text for texts in told for text in texts), told
    with contextlib.closing(nestlab.connect("local:", command=command)) as session:
        lab = nestlab.Lab(loads(TOPOLOGY), session, journal=tmp_path / "third.jsonl")
        assert [result.message for result in lab.apply() if not result.ok] == []
        assert lab.plan().is_empty
        hyper_v = lab.observe()[()].hyper_v
        assert [vm.name for vm in hyper_v.vms].count("c1") == 1
        assert [switch.name for switch in hyper_v.switches].count("ChaosNet") == 1
