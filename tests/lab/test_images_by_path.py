"""What `images` says of a file holds for every VM on that file, by its name or by its path.

Before, an image's own `os` decided nothing: a VM without `guest` on a Linux image got the template
of Windows, under which it does not boot, and `parent` or `path` of an image's file was taken for
some other file.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.rules import validate

UBUNTU = r"ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}"
WINDOWS = r"ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}"
SPELLINGS = [
    r"D:\images\ubuntu2404.vhdx",
    r"d:\IMAGES\Ubuntu2404.VHDX",
    "D:/images/ubuntu2404.vhdx",
    r"D:\images\\.\ubuntu2404.vhdx",
    r"D:\vms\..\images\ubuntu2404.vhdx",
]
DISKS = ["image: ubuntu", *(f"parent: '{spelling}'" for spelling in SPELLINGS)]


def topology(images, *vms):
    listed = "\n".join(f"  - {vm}" for vm in vms)
    return nestlab.loads(f"name: lab\nimages: {{{images}}}\nvms:\n{listed}\n")


def applied(lab):
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return [result.step.action for result in results]


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("guest", ["", ", guest: {os: none}"])
def test_a_linux_image_is_booted_under_its_template_without_a_guest_too(disk, guest, tmp_path):
    host = nestlab.connect()
    text = topology(UBUNTU, f"{{name: a, memory_startup: 2GB, disk: {{{disk}}}{guest}}}")
    actions = applied(nestlab.Lab(text, host, tmp_path / "j.jsonl"))
    assert actions.index("set-secure-boot") < actions.index("start-vm")
    host.wait(300)
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": "a"})).records
    assert str(vm["Heartbeat"]).startswith("Ok")


def test_a_windows_image_gets_its_template_back(tmp_path):
    host = nestlab.connect()
    text = topology(WINDOWS, "{name: a, state: Off, disk: {image: ws2022}}")
    lab = nestlab.Lab(text, host, tmp_path / "j.jsonl")
    assert "set-secure-boot" not in applied(lab)
    other = {"VMName": "a", "SecureBootTemplate": "MicrosoftUEFICertificateAuthority"}
    host.run(Cmdlet("Set-VMFirmware", other))
    assert [step.action for step in lab.plan()] == ["set-secure-boot"]


@pytest.mark.parametrize("disk", [*DISKS, *(f"path: '{s}'" for s in SPELLINGS)])
@pytest.mark.parametrize("template", ["MicrosoftWindows", "MicrosoftUEFICertificateAuthority"])
def test_a_template_that_the_image_does_not_boot_under_is_a_finding(disk, template):
    text = topology(UBUNTU, f"{{name: a, disk: {{{disk}}}, secure_boot: {template}}}")
    wrong = template == "MicrosoftWindows"
    assert ("secure-boot-mismatch" in validate(text).codes) is wrong


@pytest.mark.parametrize("disk", [*DISKS, *(f"path: '{s}'" for s in SPELLINGS)])
def test_the_system_and_the_generation_of_an_image_are_compared_by_path_too(disk):
    images = UBUNTU.replace("}", ", generation: 1}")
    vm = f"{{name: a, disk: {{{disk}}}, guest: {{os: windows, credential: c}}}}"
    codes = validate(topology(images, vm)).codes
    assert {"image-of-another-system", "image-of-another-generation"} <= set(codes)


@pytest.mark.parametrize("disk", DISKS)
def test_an_image_that_is_used_by_its_path_is_used(disk):
    assert (
        "image-not-used" not in validate(topology(UBUNTU, f"{{name: a, disk: {{{disk}}}}}")).codes
    )


def test_a_generalized_image_gets_its_answer_file_by_its_path_too(tmp_path):
    host = nestlab.connect("sim:ws2022-generalized?language=en")
    images = WINDOWS.replace("}", ", prepared: false}")
    vm = "{name: pc1, memory_startup: 2GB, disk: {parent: 'd:/images/WS2022.vhdx'}, guest: {os: windows, credential: lab}}"
    lab = nestlab.Lab(topology(images, vm), host, tmp_path / "j.jsonl")
    assert "write-answer-file" in applied(lab)
    ((_, _, guest),) = (found for found in host.simulated_host.world.host.machines() if found[0])
    assert guest.name.casefold() == "pc1"


def test_the_same_file_in_other_spellings_is_one_file():
    images = UBUNTU + ", other: {path: 'd:/images/ubuntu2404.vhdx', os: linux}"
    vms = ("{name: a, disk: {path: 'D:/vms/x.vhdx'}}", r"{name: b, disk: {path: 'd:\VMs\x.vhdx'}}")
    found = validate(topology(images, *vms))
    assert {"duplicate-image", "disk-in-two-vms"} <= set(found.codes)


@pytest.mark.parametrize("path", SPELLINGS)
def test_the_file_of_an_image_as_the_disk_of_a_vm_is_a_finding(path):
    own = f"{{name: a, disk: {{path: '{path}'}}}}"
    alone = [f for f in validate(topology(UBUNTU, own)) if f.code == "image-as-disk"]
    assert [finding.severity for finding in alone] == ["warning"]
    assert "disk: {image: ubuntu}" in alone[0].hint
    shared = validate(topology(UBUNTU, own, "{name: b, disk: {image: ubuntu}}"))
    assert [f.severity for f in shared if f.code == "image-as-disk"] == ["error"]
    followed = own.replace(f"path: '{path}'", "image: ubuntu")
    assert "image-as-disk" not in validate(topology(UBUNTU, followed)).codes
