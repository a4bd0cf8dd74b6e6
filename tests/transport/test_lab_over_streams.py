"""The whole loop over a child and over ssh: every example, with the same result as in process."""

from __future__ import annotations

import contextlib
import json

import pytest

import nestlab
from tests.transport.doors import STREAMS, streams
from tests.transport.test_lab_over_winrm import TOPOLOGIES, build


def world(state):
    data = json.loads(state.read_text(encoding="utf-8"))
    data.pop("clock")
    return data


@pytest.mark.parametrize("way", STREAMS)
@pytest.mark.parametrize("name", sorted(path.stem for path in TOPOLOGIES.glob("*.yml")))
def test_an_example_is_built_verified_and_undone(name, way, tmp_path, monkeypatch):
    near = nestlab.connect()
    _, expected_cmdlets, expected_report = build(name, near, tmp_path / "near")
    with streams(way, monkeypatch) as (connect, state), contextlib.closing(connect()) as session:
        before = world(state)
        lab, cmdlets, report = build(name, session, tmp_path / "far")
        assert cmdlets == expected_cmdlets
        assert report == expected_report
        assert [result.message for result in lab.undo() if not result.ok] == []
        assert world(state) == before
