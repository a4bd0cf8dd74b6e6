"""A disk whose Windows is set up, given to a VM again: no answer file is written into it."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.model.first_boot_note import first_boot_of
from nestlab.simulator.faults import Fault

FILE = r"""
name: first
images: {ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}}
vms:
  - name: DC01
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin, language: es-ES}
"""
SET_UP = "no answer file is written into it, because its Windows may be set up"
REMOVE = Cmdlet("Remove-VM", {"Name": "DC01", "Force": True})


@pytest.fixture
def lab(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    return nestlab.Lab(nestlab.loads(FILE), nestlab.connect("sim:ws2022-generalized"))


def actions(plan):
    return [step.action for step in plan]


def notes(lab):
    (record,) = lab.host.run(Cmdlet("Get-VM", {"Name": "DC01"})).records
    return str(record["Notes"])


def remove_vm(lab):
    lab.host.run(Cmdlet("Stop-VM", {"Name": "DC01", "TurnOff": True, "Force": True}), REMOVE)


def test_it_is_not_written_after_the_vm_was_removed_by_hand(lab):
    assert all(result.ok for result in lab.apply())
    assert first_boot_of(notes(lab)) is not None
    remove_vm(lab)
    plan = lab.plan()
    assert actions(plan)[0] == "create-vm"
    assert "write-answer-file" not in actions(plan)
    assert SET_UP in plan.steps[0].why
    assert "the credential lab-admin needs an account that it has" in plan.steps[0].why
    assert all(result.ok for result in lab.apply(plan))
    assert first_boot_of(notes(lab)) is None
    assert lab.plan().is_empty


def test_nor_where_the_disk_was_detached_by_hand(lab):
    assert all(result.ok for result in lab.apply())
    before = notes(lab)
    lab.host.run(Cmdlet("Stop-VM", {"Name": "DC01", "TurnOff": True, "Force": True}))
    drives = Cmdlet("Get-VMHardDiskDrive", {"VMName": "DC01"}, Cmdlet("Remove-VMHardDiskDrive"))
    lab.host.run(drives)
    plan = lab.plan()
    assert actions(plan) == ["add-disk", "start-vm"]
    assert SET_UP in plan.steps[0].why
    assert all(result.ok for result in lab.apply(plan))
    assert notes(lab) == before


def test_nor_into_one_of_which_no_journal_is_here(lab, monkeypatch, tmp_path):
    lab.host.simulated_host.inject_faults(Fault("fail", cmdlet="New-VM", nth=1))
    assert not all(result.ok for result in lab.apply())
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "elsewhere"))
    assert SET_UP in lab.plan().steps[0].why


@pytest.mark.parametrize("cmdlet", ["New-VHD", "Mount-VHD", "Set-Content", "New-VM"])
@pytest.mark.parametrize("after_effects", [0, 1])
def test_it_is_written_again_after_a_run_that_did_not_create_the_vm(lab, cmdlet, after_effects):
    fault = Fault("drop", cmdlet=cmdlet, nth=1, after_effects=after_effects)
    lab.host.simulated_host.inject_faults(fault)
    assert [result.status for result in lab.apply()][-1] == "failed"
    plan = lab.plan()
    if "create-vm" in actions(plan):  # else New-VM was done before the session was lost
        assert "write-answer-file" in actions(plan)
    assert all(result.ok for result in lab.apply())
    assert first_boot_of(notes(lab)) is not None
    assert lab.plan().is_empty


def test_a_saved_plan_of_such_a_run_can_be_applied(lab, tmp_path):
    lab.host.simulated_host.inject_faults(Fault("fail", cmdlet="New-VM", nth=1))
    assert not all(result.ok for result in lab.apply())
    plan = lab.plan()
    (step,) = [step for step in plan if step.action == "write-answer-file"]
    assert step.why.endswith(
        "; a run created the disk and no VM with it, as its journal shows; if anyone has started a "
        "VM from it since, delete the file and plan again"
    )
    plan.save(tmp_path / "plan.json")
    assert all(result.ok for result in lab.apply(nestlab.load_plan(tmp_path / "plan.json")))


def test_once_the_disk_is_deleted_a_new_one_gets_it(lab):
    assert all(result.ok for result in lab.apply())
    (path,) = lab.host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "DC01"})).records
    remove_vm(lab)
    lab.host.run(Cmdlet("Remove-Item", {"LiteralPath": str(path["Path"])}))
    assert actions(lab.plan())[:3] == ["create-disk", "write-answer-file", "create-vm"]
