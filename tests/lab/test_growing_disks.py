"""The system disk of a VM grows: while it runs, or while it is off where Hyper-V requires that."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

FOLDER = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"
GB = 2**30


def lab_of(host, generation, size):
    disk = f"{{image: ws2022, size: {size}}}" if generation == 2 else f"{{size: {size}}}"
    text = rf"""
name: lab
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx'}}}}
vms: [{{name: web1, generation: {generation}, disk: {disk}}}]
"""
    return nestlab.Lab(nestlab.loads(text), host)


def applied(lab):
    plan = lab.plan()
    assert [str(result) for result in lab.apply(plan) if not result.ok] == []
    return [str(step.action) for step in plan.steps]


@pytest.mark.parametrize(
    ("generation", "actions"),
    [
        pytest.param(1, ["stop-vm", "expand-disk", "start-vm"], id="on-ide"),
        pytest.param(2, ["expand-disk"], id="on-scsi"),
    ],
)
def test_a_system_disk_grows_while_the_vm_runs_only_on_a_scsi_controller(generation, actions):
    host = nestlab.connect()
    applied(lab_of(host, generation, "200GB"))
    lab = lab_of(host, generation, "300GB")
    assert applied(lab) == actions
    (disk,) = host.run(Cmdlet("Get-VHD", {"Path": rf"{FOLDER}\nestlab.lab.web1.vhdx"}))
    assert disk["Size"] == 300 * GB
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": "web1"}))
    assert str(vm["State"]) == "Running"
    assert lab.plan().is_empty
    # No heartbeat: nothing is installed on the disk.
    assert list(nestlab.drift(lab.topology, host).codes) == ["drift-not-known"]


def test_a_clone_that_would_shrink_is_refused():
    host = nestlab.connect()
    applied(lab_of(host, 2, "300GB"))
    with pytest.raises(PlanRefused, match="cannot shrink from 300GB to 200GB"):
        lab_of(host, 2, "200GB").plan()
