"""A DHCP server that is stopped, or a scope that is inactive: said, and no match."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, SwitchParameter

FILE = r"""
name: lab
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.110}}]
"""
STOP = Cmdlet("Stop-Service", {"Name": "DHCPServer", "Force": SwitchParameter.ON})
DEACTIVATE = Cmdlet("Set-DhcpServerv4Scope", {"ScopeId": "10.5.0.0", "State": "InActive"})


@pytest.fixture(params=["sim:ws2022-intel", "sim:ws2022-spanish"])
def lab(request):
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect(request.param))
    assert all(result.ok for result in built.apply())
    return built


def said(lab):
    (why,) = (each.why for each in lab.plan().unchanged if "DHCP on A" in each.subject)
    return why


def found(findings):
    return [each for each in findings if each.code == "dhcp-not-served"]


def test_one_that_runs_serves(lab):
    assert said(lab) == "the scope nestlab.lab.A serves 10.5.0.100 to 10.5.0.110"
    assert found(lab.check()) == []
    assert "matches lab" in lab.plan().nothing_to_do_text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([STOP], "the service DHCPServer is Stopped"),
        ([DEACTIVATE], "the scope nestlab.lab.A is inactive"),
        (
            [DEACTIVATE, STOP],
            "the service DHCPServer is Stopped and the scope nestlab.lab.A is inac",
        ),
    ],
)
def test_one_that_does_not_run_serves_nothing(lab, changes, reason):
    lab.host.run(*changes)
    assert "serves" not in said(lab)
    assert "and gives no address" in said(lab)
    (finding,) = found(lab.check())
    assert reason in finding.message
    assert found(lab.plan().warnings)
    assert "differs from lab" in lab.plan().nothing_to_do_text
    drift = nestlab.drift(lab.topology, lab.host)
    assert drift.differs
    assert found(drift)
    lab.host.run(*finding.fix)
    assert found(lab.check()) == []
    assert not nestlab.drift(lab.topology, lab.host).differs
