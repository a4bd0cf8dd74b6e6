"""One file, one situation: a topology, and what each trace on it must say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nestlab.errors import UnknownEndpoint
from nestlab.model.machine_path import path_text
from nestlab.reachability import Trace, from_topology, trace
from nestlab.topology_file import loads

CASES = Path(__file__).parents[1] / "cases" / "trace"


def _cases() -> Iterator[Any]:
    for path in sorted(CASES.glob("*.yml")):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        for expected in case["traces"]:
            yield pytest.param(
                case["topology"],
                expected,
                id=f"{path.stem}: {expected['from']} to {expected['to']}",
            )


def _cmdlets(answer: Trace) -> list[str]:
    return [f"{path_text(fix.machine)}: {cmdlet}" for fix in answer.fixes for cmdlet in fix.cmdlets]


@pytest.mark.parametrize(("topology", "expected"), list(_cases()))
def test_trace_says_what_the_situation_calls_for(
    topology: dict[str, Any], expected: dict[str, Any]
) -> None:
    network = from_topology(loads(json.dumps({"name": "x", **topology})))
    if "unknown" in expected:
        with pytest.raises(UnknownEndpoint) as raised:
            trace(network, expected["from"], expected["to"])
        assert expected["unknown"] in raised.value.hint
        return
    answer = trace(network, expected["from"], expected["to"])
    assert answer.status == expected["status"], str(answer)
    assert (answer.drop is None) == (answer.status == "reachable")
    if answer.drop is not None:
        assert answer.drop.reason == expected.get("reason", answer.drop.reason), str(answer)
        assert str(answer.drop.at) == expected.get("at", str(answer.drop.at)), str(answer)
    assert answer.leg == expected.get("leg", answer.leg), str(answer)
    assert bool(answer.fixes) == expected.get("fixed", bool(answer.fixes)), str(answer)
    assert all(fix.verified == (not answer.breaks) for fix in answer.fixes)
    assert list(answer.breaks) == expected.get("breaks", [])
    assert _cmdlets(answer) == expected.get("fix", _cmdlets(answer))
    if "assumes" in expected:
        assert any(expected["assumes"] in text for text in answer.assumptions), str(answer)
    if "assumes_not" in expected:
        assert expected["assumes_not"] not in str(answer.assumptions), str(answer)
