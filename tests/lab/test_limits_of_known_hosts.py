"""What a file alone leaves open is not said any more where the host is known."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused

NINE = ", ".join(f"{{name: n{number}}}" for number in range(9))
TEXT = f"name: lab\nvms: [{{name: a, state: Off, network_adapters: [{NINE}]}}]\n"


def test_the_limit_of_an_old_windows_is_a_warning_of_the_file_alone():
    found = nestlab.validate(nestlab.loads(TEXT))
    assert [(item.code, item.severity) for item in found] == [("too-many-adapters", "warning")]


def test_a_host_without_that_limit_is_not_judged_by_it(tmp_path):
    lab = nestlab.Lab(nestlab.loads(TEXT), nestlab.connect("sim:ws2022-intel"), tmp_path / "j")
    assert "too-many-adapters" not in [item.code for item in lab.plan().warnings]
    assert "too-many-adapters" not in lab.check().codes


def test_a_host_with_that_limit_is(tmp_path):
    lab = nestlab.Lab(nestlab.loads(TEXT), nestlab.connect("sim:ws2016-intel"), tmp_path / "j")
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    found = [item for item in refused.value.findings if item.code == "too-many-adapters"]
    assert [item.severity for item in found] == ["error"]
