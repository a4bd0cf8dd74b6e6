"""The file of an image in a nested host that a VM of others uses is not written to."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Size
from nestlab.plan import Action
from tests.lab.many import session
from tests.lab.test_images import INSIDE, NESTED, guest, nested_lab, simulated

__all__ = ["simulated"]

SMALL = {"MemoryStartupBytes": Size.parse("1GB"), "Generation": 2}
FIRST = NESTED.replace("{image: ubuntu}", "{size: 20GB}").replace(
    "  ubuntu: {path: 'D:\\images\\ubuntu2404.vhdx', os: linux}\n", ""
)
"""The same nested host and VMs without the image `ubuntu`."""


@pytest.fixture
def nested(simulated):
    """A simulated host with the nested host, in which no image is yet."""
    empty = FIRST[: FIRST.index("      vms:")] + "      vms: []\n"
    assert all(result.ok for result in nested_lab(simulated, empty).apply())
    return simulated


def inside(simulated):
    return session(simulated).guest("HV1", "lab-admin")


def vm_of_others(simulated, path=INSIDE, **disk):
    if disk:
        inside(simulated).run(Cmdlet("New-VHD", {"Path": path, **disk}))
    inside(simulated).run(Cmdlet("New-VM", {"Name": "theirs", "VHDPath": path, **SMALL}))


def refused(lab):
    with pytest.raises(PlanRefused) as info:
        lab.plan()
    return info.value.findings.errors


def parent_of(simulated, path):
    (record,) = inside(simulated).run(Cmdlet("Get-VHD", {"Path": path}))
    return record["ParentPath"]


def test_a_disk_of_others_at_the_place_of_an_image_is_not_replaced(nested):
    vm_of_others(nested, SizeBytes=Size.parse("5GB"))
    before = guest(nested).files[INSIDE].length
    lab = nested_lab(nested)
    assert {each.code for each in refused(lab)} == {"parent-in-use"}
    codes = {(each.code, each.subject) for each in lab.check().errors}
    assert ("disk-in-use", "HV1") in codes
    assert guest(nested).files[INSIDE].length == before


def test_a_parent_of_others_at_the_place_of_an_image_is_not_replaced(nested):
    inside(nested).run(Cmdlet("New-VHD", {"Path": INSIDE, "SizeBytes": Size.parse("5GB")}))
    vm_of_others(nested, r"C:\theirs.vhdx", ParentPath=INSIDE, Differencing=True)
    lab = nested_lab(nested)
    (finding,) = refused(lab)
    assert (finding.code, finding.subject) == ("disk-in-use", "HV1")
    assert r"is the parent of C:\theirs.vhdx of VM theirs" in finding.message
    assert "image ubuntu" in finding.message
    assert finding.location
    assert "`images`" in finding.hint
    assert finding.message in [each.message for each in lab.check().errors]
    renamed = NESTED.replace("ubuntu:", "linux:").replace("image: ubuntu", "image: linux")
    results = list(nested_lab(nested, renamed).apply())
    assert all(result.ok for result in results), results
    assert parent_of(nested, r"C:\theirs.vhdx").lower() == INSIDE


def test_a_disk_below_a_checkpoint_of_others_is_not_replaced(nested):
    vm_of_others(nested, SizeBytes=Size.parse("5GB"))
    inside(nested).run(Cmdlet("Checkpoint-VM", {"Name": "theirs"}))
    (finding,) = refused(nested_lab(nested))
    assert finding.code == "disk-in-use"
    assert "VM theirs" in finding.message


def test_a_file_that_no_vm_uses_is_replaced(nested):
    inside(nested).run(Cmdlet("New-VHD", {"Path": INSIDE, "SizeBytes": Size.parse("5GB")}))
    lab = nested_lab(nested)
    (copy,) = (step for step in lab.plan() if step.action is Action.COPY_IMAGE)
    assert "instead of 3GB" in copy.why
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty


def test_a_disk_that_others_make_during_the_run_is_not_replaced(nested):
    """The uses of the file are read again right before the copy."""
    more = NESTED.replace(
        "vms:\n  - name: HV1", "switches: [{name: S, switch_type: Private}]\nvms:\n  - name: HV1"
    )
    lab = nested_lab(nested, more)
    run = lab.apply()
    assert next(run).step.action is Action.CREATE_SWITCH
    vm_of_others(nested, SizeBytes=Size.parse("5GB"))
    before = guest(nested).files[INSIDE].length
    results = list(run)
    (copy,) = (each for each in results if each.step.action is Action.COPY_IMAGE)
    assert not copy.ok
    assert "is a disk of VM theirs" in copy.message
    assert guest(nested).files[INSIDE].length == before


def test_a_leftover_vm_of_the_lab_keeps_the_file_that_its_disk_is_on(simulated):
    lab = nested_lab(simulated)
    assert all(result.ok for result in lab.apply())
    guest(simulated).files[INSIDE].length += 1
    other = NESTED.replace("name: a,", "name: c,").replace("name: b,", "name: d,")
    plan = nested_lab(simulated, other).plan()
    assert Action.COPY_IMAGE not in {step.action for step in plan}
    assert any("disks were created on it" in item.why for item in plan.unchanged)


@pytest.mark.parametrize("state", ["Off", "Running"])
def test_a_vm_of_others_on_the_copy_itself_is_an_error_as_on_the_host(simulated, state):
    one = NESTED[: NESTED.index("        - {name: b")]
    assert all(result.ok for result in nested_lab(simulated, one).apply())
    vm_of_others(simulated)
    if state == "Running":
        inside(simulated).run(Cmdlet("Start-VM", {"Name": "theirs"}))
    lab = nested_lab(simulated)
    (finding,) = refused(lab)
    assert finding.code == "parent-in-use"
    assert "HV1/a" in finding.subject
    assert "HV1/b" in str(finding)
    assert "VM theirs" in finding.message
    assert INSIDE in finding.message.lower()
    assert finding.location
    assert "`images`" in finding.hint
    assert "parent-in-use" in lab.check().codes
    found = nestlab.drift(nestlab.loads(one), session(simulated))
    assert any("VM theirs" in each.message for each in found)


def test_a_disk_of_others_by_its_path_is_an_error_as_on_the_host(nested):
    vm_of_others(nested, r"C:\theirs.vhdx", SizeBytes=Size.parse("5GB"))
    text = FIRST.replace("{size: 20GB}", r"{path: 'C:\theirs.vhdx'}", 1)
    lab = nested_lab(nested, text)
    assert ("disk-in-use", "HV1/a") in {(each.code, each.subject) for each in refused(lab)}
    assert "disk-in-use" in lab.check().codes


def test_the_copy_that_a_deeper_host_gets_its_image_from_is_no_disk_of_others(simulated):
    deeper = NESTED[: NESTED.index("        - {name: a")] + (
        """        - name: HV2
          memory_startup: 6GB
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          nested: {vms: [{name: deep, memory_startup: 1GB, state: 'Off', disk: {image: ubuntu}}]}
"""
    )
    assert all(result.ok for result in nested_lab(simulated, deeper).apply())
    vm_of_others(simulated)
    (finding,) = refused(nested_lab(simulated, deeper))
    assert (finding.code, finding.subject) == ("parent-in-use", "HV1/HV2/deep")
