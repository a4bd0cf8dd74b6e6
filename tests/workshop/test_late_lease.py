"""A check waits for a DHCP lease that comes late, and for nothing that is not there."""

from __future__ import annotations

import time

import pytest

import nestlab
from nestlab import workshop
from nestlab.cli import main
from nestlab.model import Cmdlet
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession
from nestlab.workshop import LearnerStage
from tests.workshop.classes import SMALL_CLASS, written
from tests.workshop.test_faults import HOST, OneHost

LAB = """\
name: lease
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24, dhcp: {range: 192.168.100.100-192.168.100.100}}
vms:
  - name: client
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: LabNet, dhcp: true}]
"""
CLASS = SMALL_CLASS.partition("stages:")[0].replace(", sim:ws2025-amd", "") + (
    "stages:\n  - {name: all, until: [all], checks: [{from: client, to: internet}]}\n"
)
VISITOR = """\
name: visitor
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}
switches: [{name: ada-LabNet, existing: true, switch_type: Internal}]
vms:
  - name: visitor
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: ada-LabNet, dhcp: true}]
"""


class LeavingVisitor(OneHost):
    """A host where another VM, which has the only address, leaves when a check waits."""

    def connect(self, address):
        return _Session(Runspace(self.host), address)


class _Session(SimulatedSession):
    def wait(self, seconds, cancel=None):
        super().wait(seconds, cancel)
        there = {record["Name"] for record in self.run(Cmdlet("Get-VM")).records}
        if "visitor" in there:
            self.run(Cmdlet("Stop-VM", {"Name": "visitor", "Force": True}))


@pytest.fixture
def late(tmp_path):
    """Return a host whose seat has no lease, and the stage there."""
    host = LeavingVisitor()
    course = workshop.load(written(tmp_path, CLASS, LAB))
    stage = LearnerStage(course, "ada", "all", host.connect)
    assert all(result.ok for result in stage.solve())
    plain = OneHost.connect(host, HOST)
    plain.run(Cmdlet("Stop-VM", {"Name": "ada-client", "Force": True}))
    assert all(result.ok for result in nestlab.Lab(nestlab.loads(VISITOR), plain).apply())
    plain.run(Cmdlet("Start-VM", {"Name": "ada-client"}))
    plain.wait(300)  # it has booted
    return host, stage


def test_a_lease_that_comes_while_a_check_waits_is_enough(late):
    _, stage = late
    report = stage.check(wait=0)
    assert (report.passed, report.may_settle, report.is_unknown) == (False, True, False)
    assert "no DHCP server gave it one" in report.reason
    assert stage.check(wait=60).passed


def test_a_check_waits_in_the_time_of_the_host_and_not_for_what_is_missing(late):
    host, stage = late
    plain = OneHost.connect(host, HOST)
    plain.run(Cmdlet("Set-DhcpServerv4Scope", {"ScopeId": "10.64.0.0", "State": "InActive"}))
    before, began = host.host.world.clock.now, time.monotonic()
    report = stage.check(wait=60)
    assert not report.passed
    assert not report.may_settle
    assert "the scope" in str(report)
    assert host.host.world.clock.now - before < 5
    assert time.monotonic() - began < 30


def test_the_command_line_waits_as_long_as_it_is_told(tmp_path, capsys):
    state = f"'{HOST}?state={tmp_path / 'host.json'}'"
    path = str(written(tmp_path, CLASS.replace(HOST, state), LAB))
    assert main(["workshop", "up", path, "--yes", "--seat", "ada"]) == 0
    assert main(["workshop", "check", path, "ada", "--wait", "0"]) == 0
    assert "is done" in capsys.readouterr().out
