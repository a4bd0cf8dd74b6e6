"""A disk that somebody else stands on is no disk for a VM of a lab."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

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
