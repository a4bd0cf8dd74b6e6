"""A disk that somebody else stands on is no disk for a VM of a lab."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, SwitchParameter

IMAGE = r"D:\images\ws2022.vhdx"
THEIRS = r"D:\theirs.vhdx"
GB = 2**30


@pytest.fixture
def host():
    session = nestlab.connect()
    session.run(Cmdlet("New-VHD", {"Path": THEIRS, "ParentPath": IMAGE}))
    session.run(Cmdlet("New-VM", {"Name": "theirs", "MemoryStartupBytes": GB, "VHDPath": THEIRS}))
    return session


@pytest.mark.parametrize(
    ("path", "said"), [(IMAGE, "is the parent of"), (THEIRS, "is a disk of VM theirs")]
)
def test_a_disk_of_others_is_refused_by_the_plan_and_by_the_check(host, path, said):
    lab = nestlab.Lab(
        nestlab.loads(f"name: lab\nvms: [{{name: a, disk: {{path: '{path}'}}}}]"), host
    )
    with pytest.raises(PlanRefused, match=said):
        lab.plan()
    assert "disk-in-use" in lab.check().codes


def test_the_hint_about_a_disk_of_a_running_vm_leads_to_a_plan(host):
    """A differencing disk on it would be the next error: `parent-in-use`."""
    host.run(Cmdlet("Start-VM", {"Name": "theirs"}))
    text = f"name: lab\nvms: [{{name: a, disk: {{path: '{THEIRS}'}}}}]"
    with pytest.raises(PlanRefused) as refused:
        nestlab.Lab(nestlab.loads(text), host).plan()
    (finding,) = refused.value.findings.errors
    assert finding.hint == "Copy the file, and write the path of the copy."
    host.run(Cmdlet("New-VHD", {"Path": r"D:\copy.vhdx", "ParentPath": IMAGE}))
    copied = nestlab.Lab(nestlab.loads(text.replace(THEIRS, r"D:\copy.vhdx")), host)
    assert all(result.ok for result in copied.apply())


def test_a_vm_keeps_its_own_disk(host):
    host.run(Cmdlet("New-VHD", {"Path": r"D:\own.vhdx", "ParentPath": IMAGE}))
    lab = nestlab.Lab(
        nestlab.loads(r"{name: lab, vms: [{name: a, disk: {path: 'D:\own.vhdx'}}]}"), host
    )
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty


def test_a_renamed_vm_of_the_lab_keeps_its_disk(host):
    host.run(Cmdlet("New-VHD", {"Path": r"D:\own.vhdx", "ParentPath": IMAGE}))
    lab = nestlab.Lab(
        nestlab.loads(r"{name: lab, vms: [{name: a, disk: {path: 'D:\own.vhdx'}}]}"), host
    )
    assert all(result.ok for result in lab.apply())
    host.run(Cmdlet("Rename-VM", {"Name": "a", "NewName": "b"}))
    with pytest.raises(PlanRefused, match="a disk of VM b"):
        lab.plan()
    renamed = nestlab.Lab(
        nestlab.loads(r"{name: lab, vms: [{name: b, disk: {path: 'D:\own.vhdx'}}]}"), host
    )
    assert renamed.plan().is_empty


BASED = """
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
vms: [{name: c1, disk: {image: ws}, disks: [{size: 1GB}], checkpoints: [clean]}]
"""


@pytest.fixture
def given_away(host):
    """A lab whose data disk somebody took from its VM and gave to a VM of his own, which runs."""
    lab = nestlab.Lab(nestlab.loads(BASED), host)
    assert all(result.ok for result in lab.apply())
    (_, drive) = host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "c1"}))
    base = f"{drive['Path'].partition('_')[0]}.vhdx"
    host.run(
        Cmdlet("Stop-VM", {"Name": "c1", "TurnOff": SwitchParameter.ON}),
        Cmdlet("New-VM", {"Name": "bob", "VHDPath": base, "Generation": 2}),
    )
    return lab, base


def test_a_vm_whose_parent_disk_another_vm_has_is_not_started(host, given_away):
    lab, base = given_away
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings.errors
    assert (finding.code, finding.subject) == ("disk-in-use", "c1")
    assert finding.message == (
        f"would depend on a parent that another VM writes to: {base} is a disk of VM bob"
    )
    assert finding.hint == f"Detach {base} from bob: c1 has a disk on it."
    host.run(Cmdlet("Remove-VM", {"Name": "bob", "Force": SwitchParameter.ON}))
    assert [step.title for step in lab.plan().steps] == ["Start c1"]


def test_a_vm_goes_not_back_to_a_checkpoint_on_a_disk_that_another_vm_has(host, given_away):
    lab, base = given_away
    where = {"ControllerType": "SCSI", "ControllerNumber": 0, "ControllerLocation": 1}
    host.run(Cmdlet("Remove-VMHardDiskDrive", {"VMName": "c1", **where}))
    with pytest.raises(PlanRefused) as refused:
        lab.plan_reset()
    (finding,) = refused.value.findings
    assert finding.code == "cannot-reset"
    assert finding.message == f"{base} is a disk of VM bob"


def test_a_vm_of_others_that_gets_the_parent_after_the_plan_stops_the_start_and_the_reset(host):
    lab = nestlab.Lab(nestlab.loads(BASED), host)
    assert all(result.ok for result in lab.apply())
    (_, drive) = host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "c1"}))
    base = f"{drive['Path'].partition('_')[0]}.vhdx"
    host.run(Cmdlet("Stop-VM", {"Name": "c1", "TurnOff": SwitchParameter.ON}))

    def confirm(_step):
        host.run(Cmdlet("New-VM", {"Name": "bob", "VHDPath": base, "Generation": 2}))
        return True

    for run in (lab.reset, lab.apply):
        (result,) = run(confirm=confirm)
        assert (result.ok, f"{base} is a disk of VM bob" in result.message) == (False, True)
        host.run(Cmdlet("Remove-VM", {"Name": "bob", "Force": SwitchParameter.ON}))


def test_the_reason_of_a_deletion_tells_a_disk_of_a_vm_from_one_with_only_the_name(host):
    text = "name: lab\nvms: [{name: c1, disk: {size: 10GB}}, {name: c2, disk: {size: 10GB}}]"
    lab = nestlab.Lab(nestlab.loads(text), host)
    (folder,) = {record["VirtualHardDiskPath"] for record in host.run(Cmdlet("Get-VMHost"))}
    by_name = f"{folder}\\nestlab.lab.c2.vhdx"
    host.run(Cmdlet("New-VHD", {"Path": by_name, "SizeBytes": 10 * GB}))

    def why():
        steps = [step for step in lab.plan_destroy() if step.action == "delete-disk"]
        return [step.why for step in steps]

    assert why() == [
        (
            "its name is that of a disk of this topology, and no VM has it; nothing else shows who "
            "created it"
        )
    ]
    one = nestlab.Lab(nestlab.loads("name: lab\nvms: [{name: c1, disk: {size: 10GB}}]"), host)
    assert all(result.ok for result in one.apply())
    assert why() == [
        "nestlab created them for this topology; of those that no VM has, only the name shows it: "
        + by_name
    ]
    host.run(Cmdlet("Remove-Item", {"LiteralPath": by_name}))
    assert why() == ["nestlab created it for this topology"]
