"""The machine's own adapter on a switch of the lab, renamed by hand in Windows: it is the same one.

Rename-NetAdapter changes the name of an adapter in Windows only; Hyper-V knows its own adapter by
its DeviceId, which stays
(https://learn.microsoft.com/powershell/module/netadapter/rename-netadapter).
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet

FILE = r"""
name: lab
forwarding: true
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
vms: [{name: a, network_adapters: [{switch: Lab, ip_address: 10.5.0.11/24, gateway: 10.5.0.1, dns_servers: [1.1.1.1]}]}]
checks: [{from: a, to: host}, {from: a, to: internet}]
"""
NESTED = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}}}
switches: [{name: Out, switch_type: Internal, ip_address: 10.4.0.1/24, nat: 10.4.0.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    network_adapters: [{switch: Out, ip_address: 10.4.0.11/24, gateway: 10.4.0.1, dns_servers: [1.1.1.1]}]
    nested:
      switches: [{name: Lab, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}]
      vms: [{name: a, memory_startup: 1GB, network_adapters: [{switch: Lab, ip_address: 10.5.0.11/24, gateway: 10.5.0.1, dns_servers: [1.1.1.1]}]}]
checks: [{from: a, to: internet}]
"""
RENAMED = Cmdlet("Rename-NetAdapter", {"Name": "vEthernet (Lab)", "NewName": "LabLAN"})
LEVELS = pytest.mark.parametrize(
    ("text", "path"), [(FILE, ()), (NESTED, ("HV1",))], ids=["host", "nested"]
)


def applied(text, path, address="sim:ws2022-intel"):
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect(address))
    assert all(result.ok for result in lab.apply())
    at(lab, path).run(RENAMED)
    return lab


def problems(findings):
    return [each.code for each in findings if each.severity in ("warning", "error")]


def at(lab, path):
    return lab.host.guest(*path, "lab-admin") if path else lab.host


@LEVELS
def test_it_is_neither_a_difference_nor_anothers(text, path):
    lab = applied(text, path)
    assert problems(lab.check()) == []
    assert list(nestlab.drift(lab.topology, lab.host)) == []
    plan = lab.plan()
    assert list(plan.steps) == []
    assert problems(plan.warnings) == []
    assert [result.passed for result in lab.verify()] == [True] * len(lab.topology.checks)


@LEVELS
def test_its_settings_are_changed_and_removed_under_its_name(text, path):
    lab = applied(text, path)
    changed = nestlab.Lab(nestlab.loads(text.replace("10.5.0", "10.6.0")), lab.host)
    done = list(changed.apply())
    assert all(result.ok for result in done)
    assert list(nestlab.drift(changed.topology, lab.host)) == []
    assert all(result.ok for result in changed.destroy())
    assert not any(
        "LabLAN" in str(record["Name"])
        for record in lab.host.run(Cmdlet("Get-NetAdapter", {})).records
    )


@LEVELS
def test_undo_removes_what_was_made(text, path, tmp_path):
    journal = tmp_path / "run.jsonl"
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect("sim:ws2022-intel"), journal)
    assert all(result.ok for result in lab.apply())
    at(lab, path).run(RENAMED)
    assert [result.title for result in nestlab.undo(lab.host, journal) if not result.ok] == []
    assert list(lab.host.run(Cmdlet("Get-VMSwitch", {})).records) == []


def test_undo_finds_it_under_its_new_name(tmp_path):
    text = FILE.replace("forwarding: true\n", "")
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect("sim:ws2022-intel"))
    assert all(result.ok for result in lab.apply())
    more = text.replace("ip_address: 10.5.0.1/24,", "ip_address: 10.5.0.1/24, interface_metric: 7,")
    journal = tmp_path / "more.jsonl"
    changed = nestlab.Lab(nestlab.loads("forwarding: true" + more), lab.host, journal)
    actions = [result.step.action for result in changed.apply()]
    assert actions == ["set-metric", "set-forwarding"]
    lab.host.run(RENAMED)
    assert [result.status for result in nestlab.undo(lab.host, journal)] == ["done", "done"]
    assert list(nestlab.drift(lab.topology, lab.host)) == []
