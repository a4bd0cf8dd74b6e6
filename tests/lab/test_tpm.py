"""A virtual TPM: planned with its key protector, observed, corrected, undone and captured."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.capture import capture
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.topology_file import loads

LAB = """
name: secured
vms:
  - {name: web1, memory_startup: 2GB, disk: {parent: 'D:\\images\\ws2022.vhdx'}, tpm: true}
  - {name: db1, memory_startup: 2GB, disk: {size: 10GB}, state: "Off"}
"""


@pytest.fixture
def host():
    return nestlab.connect()


def applied(text, host, tmp_path):
    lab = nestlab.Lab(loads(text), host, tmp_path / "lab.jsonl")
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return lab, [result.step for result in results]


def has_tpm(host, name="web1"):
    (security,) = host.run(Cmdlet("Get-VMSecurity", {"VMName": name}))
    return security["TpmEnabled"]


def protector(host, name="web1"):
    (record,) = host.run(Cmdlet("Get-VMKeyProtector", {"VMName": name}))
    return record["Value"]


def test_a_new_vm_gets_its_tpm_before_it_starts(host, tmp_path):
    lab, steps = applied(LAB, host, tmp_path)
    actions = [step.action for step in steps]
    assert actions.index("set-tpm") < actions.index("start-vm")
    step = steps[actions.index("set-tpm")]
    assert [str(cmdlet).partition("| ")[2] for cmdlet in step.cmdlets] == [
        "Set-VMKeyProtector -NewLocalKeyProtector",
        "Enable-VMTPM",
    ]
    assert has_tpm(host)
    assert not has_tpm(host, "db1")
    assert all(result.ok for result in lab.undo())


@pytest.mark.parametrize("state", ["Running", '"Off"'])
def test_one_that_was_taken_away_comes_back_and_undo_takes_it_away_again(host, tmp_path, state):
    text = LAB.replace("tpm: true", f"tpm: true, state: {state}")
    applied(text, host, tmp_path)
    if state == "Running":
        host.run(Cmdlet("Stop-VM", {"Name": "web1", "TurnOff": SwitchParameter.ON}))
    host.run(Cmdlet("Disable-VMTPM", {"VMName": "web1"}))
    lab = nestlab.Lab(loads(text), host, tmp_path / "again.jsonl")
    assert lab.plan().steps[0].action == "set-tpm"
    assert all(result.ok for result in lab.apply())
    assert has_tpm(host)
    assert all(result.ok for result in lab.undo())
    assert not has_tpm(host)


def test_false_takes_it_away_and_nothing_leaves_it_as_it_is(host, tmp_path):
    applied(LAB, host, tmp_path)
    unmanaged = nestlab.Lab(loads(LAB.replace(", tpm: true", "")), host, tmp_path / "b.jsonl")
    assert unmanaged.plan().is_empty
    lab = nestlab.Lab(loads(LAB.replace("tpm: true", "tpm: false")), host, tmp_path / "c.jsonl")
    assert all(result.ok for result in lab.apply())
    assert not has_tpm(host)
    kept = protector(host)
    assert all(result.ok for result in lab.undo())
    assert has_tpm(host)
    assert protector(host) == kept


def test_capture_writes_one_that_is_there(host, tmp_path):
    applied(LAB, host, tmp_path)
    captured = capture(host)
    tpm = {vm.name: vm.tpm for vm in captured.vms}
    assert (tpm["web1"], tpm["db1"]) == (True, None)


def test_a_vm_of_an_old_version_is_reported_before_the_host_refuses(tmp_path):
    host = nestlab.connect("sim:ws2016-intel")
    host.run(
        Cmdlet("New-VM", {"Name": "old", "Generation": 2, "Version": "6.2"}),
        Cmdlet("Set-VM", {"Name": "old", "Notes": "nestlab:secured"}),
    )
    text = "name: secured\nvms: [{name: old, state: 'Off', tpm: true}]"
    with pytest.raises(
        PlanRefused, match=r"has configuration version 6\.2; a virtual TPM needs 7.0"
    ):
        nestlab.Lab(loads(text), host, tmp_path / "lab.jsonl").plan()
    upgraded = text.replace("tpm: true", "tpm: true, version: '8.0'")
    applied(upgraded, host, tmp_path)
    assert has_tpm(host, "old")
