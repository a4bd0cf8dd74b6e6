"""Build, verify and undo over a child process and ssh: every example, with the same result as in process."""

from __future__ import annotations

import contextlib
import json

import pytest

import nestlab
from nestlab.model import Cmdlet
from tests.transport.doors import STREAMS, streams
from tests.transport.test_lab_over_winrm import LARGE_TOPOLOGIES, TOPOLOGIES, build


def world(state):
    data = json.loads(state.read_text(encoding="utf-8"))
    data.pop("clock")
    return data


EXAMPLES = sorted(
    path.stem for folder in (TOPOLOGIES, LARGE_TOPOLOGIES) for path in folder.glob("*.yml")
)


# The largest example takes one way only: the two share everything behind the start of the child.
EXAMPLES_BY_WAY = [
    (name, way) for name in EXAMPLES for way in STREAMS if (name, way) != ("eight-seats", "ssh")
]


def prepared(session, name):
    """Return the session of a host that has what the example uses and does not create."""
    if name == "office-bridge":
        session.run(Cmdlet("New-VMSwitch", {"Name": "Office", "NetAdapterName": "Ethernet"}))
    return session


def test_the_large_examples_are_there():
    assert {"eight-seats", "office-bridge"} <= set(EXAMPLES)


@pytest.mark.parametrize(("name", "way"), EXAMPLES_BY_WAY)
def test_an_example_is_built_verified_and_undone(name, way, tmp_path, monkeypatch):
    near = prepared(nestlab.connect(), name)
    _, expected_cmdlets, expected_report = build(name, near, tmp_path / "near")
    with streams(way, monkeypatch) as (connect, state), contextlib.closing(connect()) as session:
        prepared(session, name)
        before = world(state)
        lab, cmdlets, report = build(name, session, tmp_path / "far")
        assert cmdlets == expected_cmdlets
        assert report == expected_report
        assert [result.message for result in lab.undo() if not result.ok] == []
        assert world(state) == before
