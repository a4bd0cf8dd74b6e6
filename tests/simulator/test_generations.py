"""Windows boots in generation 1 from MBR disks, in generation 2 from GPT disks; Linux in both."""

import json

import pytest

import nestlab
from nestlab.errors import GuestUnreachable, ScenarioFileError
from nestlab.model import Cmdlet

IMAGES = [
    {"path": r"D:\images\gpt.vhdx", "operating_system": "ws2022"},
    {"path": r"D:\images\mbr.vhdx", "operating_system": "ws2022", "partition_style": "MBR"},
    {"path": r"D:\images\old.vhd", "operating_system": "ws2022"},
    {"path": r"D:\images\ubuntu.vhdx", "operating_system": "ubuntu2404"},
]
SCENARIO = {
    "name": "generations",
    "description": "Images with both partition tables",
    "based_on": "ws2022-intel",
    "images": [{"size": "40GB", "length": "8GB", **image} for image in IMAGES],
    "vms": [],
}


@pytest.fixture
def host(tmp_path):
    path = tmp_path / "generations.json"
    path.write_text(json.dumps(SCENARIO), encoding="utf-8")
    return nestlab.connect(f"sim:{path}")


@pytest.mark.parametrize(
    ("image", "generation", "boots"),
    [
        ("gpt.vhdx", 2, True),
        ("gpt.vhdx", 1, False),
        ("mbr.vhdx", 1, True),
        ("mbr.vhdx", 2, False),
        ("old.vhd", 1, True),
        ("ubuntu.vhdx", 1, True),
        ("ubuntu.vhdx", 2, True),
    ],
)
def test_a_vm_boots_from_a_disk_of_its_generation_only(host, image, generation, boots):
    disk = f"D:\\child.{image.rpartition('.')[2]}"
    parent = {"ParentPath": f"D:\\images\\{image}", "Differencing": True}
    host.run(Cmdlet("New-VHD", {"Path": disk, **parent}))
    host.run(Cmdlet("New-VM", {"Name": "x", "Generation": generation, "VHDPath": disk}))
    if generation == 2:
        host.run(Cmdlet("Set-VMFirmware", {"VMName": "x", "EnableSecureBoot": "Off"}))
    assert host.run(Cmdlet("Start-VM", {"Name": "x"})).errors == ()
    host.wait(300)
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": "x"})).records
    assert str(vm["Heartbeat"]).startswith("Ok") is boots


def test_images_without_those_of_inherited_vms_say_what_to_do(tmp_path):
    # Before, the hint was to change the image's path in a file of the package.
    path = tmp_path / "images.json"
    scenario = {key: value for key, value in SCENARIO.items() if key != "vms"}
    path.write_text(json.dumps(scenario), encoding="utf-8")
    with pytest.raises(ScenarioFileError, match="there is no disk image") as error:
        nestlab.connect(f"sim:{path}")
    assert "'vms: []' for none" in str(error.value)


def test_a_first_boot_that_never_begins_names_what_the_disk_may_be(host, tmp_path):
    # Before, the error spoke of the screens of Windows Setup only.
    text = r"""
name: first
images: {old: {path: 'D:\images\mbr.vhdx', os: windows, prepared: false}}
vms: [{name: w, disk: {image: old}, guest: {os: windows, credential: lab-admin}}]
"""
    lab = nestlab.Lab(nestlab.loads(text), host, tmp_path / "journal.jsonl")
    with pytest.raises(GuestUnreachable) as error:
        list(lab.apply())
    assert error.value.message == (
        "No Windows has finished its first boot in w: its VM has run for 20 minutes without a heartbeat"
    )
    for reason in ("other generation", "another operating system", "Secure Boot", "setuperr.log"):
        assert reason in error.value.hint
