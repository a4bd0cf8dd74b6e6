"""A recreation that is stopped at any point: the VM never gets the disk of the one that was removed."""

import contextlib

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, SwitchParameter
from tests.lab.interrupted import Counter, Interrupted, PowerCut

PLAIN = """
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx', os: windows, prepared: true}}
vms:
  - {name: web, disk: {image: ws}, guest: {os: windows, credential: lab-admin}}
"""
CHANGED = PLAIN.replace("name: web,", "name: web, version: '9.0',")
ON = SwitchParameter.ON
OLD_WRITES = 1 << 20  # of the disk whose VM is removed


def disk(host):
    """Return the simulated file of the VM's disk; None where there is none."""
    files = host.simulated_host.world.host.files
    return next((file for key, file in files.items() if key.endswith("nestlab.lab.web.vhdx")), None)


def lab_on(session, text, tmp_path):
    return nestlab.Lab(nestlab.loads(text), session, journal=tmp_path / "journal.jsonl")


def built(tmp_path, *, checkpoint):
    """Return a host with the lab, whose disk has been written to."""
    host = nestlab.connect()
    assert [str(result) for result in lab_on(host, PLAIN, tmp_path).apply() if not result.ok] == []
    disk(host).writes = OLD_WRITES
    if checkpoint:
        host.run(Cmdlet("Checkpoint-VM", {"Name": "web"}))
    return host


def recreate(session, text, tmp_path):
    lab = lab_on(session, text, tmp_path)
    plan = lab.plan(recreate=["web"])
    return [str(result) for result in lab.apply(plan) if not result.ok]


def statements(tmp_path, *, checkpoint):
    """Return how many statements change something while the VM is recreated."""
    host, counter = built(tmp_path, checkpoint=checkpoint), Counter(0)
    assert recreate(Interrupted(host, counter, "cut after"), CHANGED, tmp_path) == []
    return -counter.left


def is_refused(lab):
    """Whether the plan says that the old VM, which is still there, cannot change in place."""
    try:
        lab.plan()
    except PlanRefused as refused:
        return {finding.code for finding in refused.findings} == {"cannot-change"}
    return False


@pytest.mark.parametrize("checkpoint", [False, True])
@pytest.mark.parametrize("again", ["recreate", "apply"])
def test_the_vm_gets_a_fresh_disk_wherever_the_recreation_was_cut_off(tmp_path, checkpoint, again):
    for number in range(1, statements(tmp_path, checkpoint=checkpoint) + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        host = built(folder, checkpoint=checkpoint)
        with contextlib.suppress(PowerCut):
            recreate(Interrupted(host, Counter(number), "cut after"), CHANGED, folder)
        lab = lab_on(host, CHANGED, folder)
        if again == "apply" and is_refused(lab):
            continue
        failed = (
            recreate(host, CHANGED, folder)
            if again == "recreate"
            else [str(result) for result in lab.apply() if not result.ok]
        )
        assert failed == []
        (vm,) = (vm for vm in host.run(Cmdlet("Get-VM")) if vm["Name"] == "web")
        assert (str(vm["Version"]), str(vm["State"])) == ("9.0", "Running")
        assert disk(host).writes < OLD_WRITES, f"cut after statement {number}"
        assert lab.plan().is_empty


def test_the_disk_of_a_vm_that_is_off_is_created_again_where_its_file_is_missing(tmp_path):
    host = built(tmp_path, checkpoint=False)
    host.run(Cmdlet("Stop-VM", {"Name": "web", "TurnOff": ON, "Force": ON}))
    host.run(Cmdlet("Remove-Item", {"LiteralPath": disk(host).path}))
    lab = lab_on(host, PLAIN, tmp_path)
    assert [step.action for step in lab.plan()] == ["create-disk", "start-vm"]
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert disk(host).writes < OLD_WRITES
    assert lab.plan().is_empty


def test_the_plan_deletes_the_disk_before_the_vm_so_that_it_is_never_left_over(tmp_path):
    host = built(tmp_path, checkpoint=True)
    plan = lab_on(host, CHANGED, tmp_path).plan(recreate=["web"])
    (step,) = [step for step in plan if step.action == "remove-vm"]
    assert step.title == "Remove the VM web and its disk, after stopping it"
    assert [cmdlet.last_command.name for cmdlet in step.cmdlets] == [
        "Stop-VM",
        "Remove-VMSnapshot",
        "Remove-Item",
        "Remove-VM",
    ]
    assert not [step for step in plan if step.action == "delete-disk"]
