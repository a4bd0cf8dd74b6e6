"""A disk named by its path that is the parent of another VM's disk: known from the file, or not."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

BASE = r"D:\vms\base.vhdx"
CHILD = r"D:\vms\child.vhdx"


def topology(*vms, more=""):
    return nestlab.loads(f"name: lab\n{more}\nvms: [{', '.join(vms)}]")


def of_file(found):
    return [(each.subject, each.message) for each in found if each.code == "disk-in-use"]


def clause(vm):
    return f"which is the parent of the disk that the file gives to VM {vm}: writing to it would destroy that disk"


@pytest.mark.parametrize(
    "other",
    [
        f"{{name: b, disk: {{path: '{BASE}'}}}}",
        f"{{name: b, disks: [{{path: '{BASE}'}}]}}",
        "{name: b, disk: {path: 'd:/VMS/Base.vhdx'}}",
    ],
)
def test_validate_says_it_where_the_file_names_the_parent(other):
    found = nestlab.validate(topology(f"{{name: a, disk: {{parent: '{BASE}'}}}}", other))
    ((subject, message),) = of_file(found)
    assert subject == "b"
    assert message.endswith(clause("a"))


def test_validate_says_it_once_of_an_image():
    images = f"images: {{i: {{path: '{BASE}'}}}}"
    found = nestlab.validate(
        topology(
            "{name: a, disk: {image: i}}", f"{{name: b, disk: {{path: '{BASE}'}}}}", more=images
        )
    )
    assert [f.code for f in found if f.severity == "error"] == ["image-as-disk"]


def test_a_path_inside_another_nested_host_is_another_file():
    inner = f"{{name: HV, memory_startup: 8GB, guest: {{os: windows, credential: c}}, nested: {{vms: [{{name: b, memory_startup: 1GB, disk: {{path: '{BASE}'}}}}]}}}}"
    found = nestlab.validate(topology(f"{{name: a, disk: {{parent: '{BASE}'}}}}", inner))
    assert of_file(found) == []


@pytest.fixture
def host():
    session = nestlab.connect()
    session.run(Cmdlet("New-VHD", {"Path": BASE, "SizeBytes": 2**34}))
    session.run(Cmdlet("New-VHD", {"Path": CHILD, "ParentPath": BASE}))
    return session


@pytest.mark.parametrize("child", [f"{{path: '{CHILD}'}}", f"{{parent: '{CHILD}'}}"])
def test_plan_and_check_say_it_of_the_parents_that_the_host_shows(child, host):
    wanted = topology(f"{{name: a, disk: {child}}}", f"{{name: b, disk: {{path: '{BASE}'}}}}")
    assert of_file(nestlab.validate(wanted)) == []
    lab = nestlab.Lab(wanted, host)
    ((subject, message),) = of_file(lab.check())
    assert (subject, message.endswith(clause("a"))) == ("b", True)
    with pytest.raises(PlanRefused, match="disk-in-use"):
        lab.plan()


def test_the_child_alone_is_no_fault(host):
    assert (
        of_file(nestlab.Lab(topology(f"{{name: a, disk: {{path: '{CHILD}'}}}}"), host).check())
        == []
    )
