"""DVD drives: planned, observed, corrected, undone and captured, with their ISO files."""

from __future__ import annotations

from itertools import permutations

import pytest

import nestlab
from nestlab.lab.capture import capture
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.topology_file import loads

SETUP, TOOLS = r"D:\iso\setup.iso", r"D:\iso\tools.iso"
LAB = r"""
name: media
vms:
  - {{name: web1, generation: {generation}, disk: {{size: 20GB}}, disks: [{{size: 1GB}}], state: {state}, dvd_drives: {drives}}}
"""
BOTH = [1, 2]
ONE = r"[{path: 'D:\iso\setup.iso'}]"
OTHER = r"[{path: 'D:\iso\tools.iso'}]"
FIRST = r"[{path: 'D:\iso\setup.iso'}, {}]"
TWO = r"[{path: 'D:\iso\setup.iso'}, {path: 'D:\iso\tools.iso'}]"


def text(drives, generation=2, state="Running"):
    return LAB.format(generation=generation, state=f"'{state}'", drives=drives)


@pytest.fixture
def host():
    return nestlab.connect(prepared_for=loads(text(TWO)))


@pytest.fixture
def lab(host, tmp_path):
    def make(drives, generation=2, state="Running"):
        journal = tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl"
        return nestlab.Lab(loads(text(drives, generation, state)), host, journal)

    return make


def applied(lab):
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return [result.step for result in results]


def drives(host, name="web1"):
    found = host.run(Cmdlet("Get-VMDvdDrive", {"VMName": name}))
    return sorted(drive["Path"] or "" for drive in found)


def state(host):
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": "web1"}))
    return str(vm["State"])


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("[{}]", [""]),
        ("[]", []),
        (ONE, [SETUP]),
        (TWO, [SETUP, TOOLS]),
        (r"[{}, {path: 'd:/iso/SETUP.iso'}]", ["", SETUP]),
        ("[{}, {}, {}]", ["", "", ""]),
    ],
)
def test_a_new_vm_gets_exactly_these_drives(host, lab, generation, declared, expected):
    steps = applied(lab(declared, generation))
    assert [path.lower() for path in drives(host)] == [path.lower() for path in expected]
    actions = [step.action for step in steps]
    assert all(actions.index("start-vm") > i for i, a in enumerate(actions) if "dvd" in a)


@pytest.mark.parametrize("generation", BOTH)
def test_without_the_key_they_stay_as_they_are(host, lab, generation):
    applied(lab(TWO, generation))
    path = text(TWO, generation).replace(f", dvd_drives: {TWO}", "")
    assert nestlab.Lab(loads(path), host).plan().is_empty
    assert drives(host) == [SETUP, TOOLS]


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize(("before", "after"), [*permutations(("[]", "[{}]", ONE, OTHER, TWO), 2)])
def test_each_list_becomes_any_other_and_undo_restores_it(host, lab, generation, before, after):
    applied(lab(before, generation))
    had = drives(host)
    changing = lab(after, generation)
    applied(changing)
    wanted = [drive.path or "" for drive in changing.topology.vms[0].dvd_drives]
    assert drives(host) == wanted
    assert state(host) == "Running"
    assert all(result.ok for result in changing.undo())
    assert drives(host) == had


def test_generation_1_is_restarted_for_a_drive_and_not_for_a_disc(lab):
    applied(lab("[{}]", 1))
    assert [step.effect for step in lab(ONE, 1).plan().steps] == ["live"]
    steps = lab(TWO, 1).plan().steps
    assert [step.action for step in steps] == ["stop-vm", "insert-dvd", "add-dvd-drive", "start-vm"]
    assert {step.effect for step in steps} == {"restart"}


def test_generation_2_takes_both_while_it_runs(lab):
    applied(lab("[{}]"))
    assert {step.effect for step in lab(TWO).plan().steps} == {"live"}


def test_a_saved_vm_is_turned_off_first(host, lab):
    applied(lab("[{}]"))
    host.run(Cmdlet("Save-VM", {"Name": "web1"}))
    assert lab(ONE).plan().steps[0].action == "remove-saved-state"
    applied(lab(ONE))
    assert (drives(host), state(host)) == ([SETUP], "Running")


def first_boot_device(host):
    device = Cmdlet("Select-Object", {"ExpandProperty": "Device"})
    order = Cmdlet("Select-Object", {"ExpandProperty": "BootOrder"}, device)
    return host.run(Cmdlet("Get-VMFirmware", {"VMName": "web1"}, order)).records[0]["Path"]


@pytest.mark.parametrize(
    ("declared", "first"), [(ONE, SETUP), (FIRST, SETUP), ("[{}]", ".vhdx"), ("[]", ".vhdx")]
)
def test_a_vm_with_nothing_else_to_boot_boots_from_the_disc_first(host, lab, declared, first):
    applied(lab(declared))
    assert first_boot_device(host).endswith(first)


def test_a_vm_on_an_image_boots_from_its_disk_first(host):
    on_image = text(ONE).replace("{size: 20GB}", r"{parent: 'D:\images\ws2022.vhdx'}")
    applied(nestlab.Lab(loads(on_image), host))
    assert first_boot_device(host).endswith(".vhdx")


def test_a_disc_that_somebody_changed_is_put_back(host, lab):
    applied(lab(ONE))
    host.run(Cmdlet("Set-VMDvdDrive", {"VMName": "web1", "Path": TOOLS}))
    (step,) = lab(ONE).plan().steps
    assert step.title == rf"Insert {SETUP} into DVD drive 1 of web1"
    assert step.why == rf"{TOOLS} is in it"
    host.run(Cmdlet("Set-VMDvdDrive", {"VMName": "web1", "Path": None}))
    (step,) = lab(ONE).plan().steps
    assert step.why == "it is empty"
    applied(lab(ONE))
    assert drives(host) == [SETUP]


@pytest.mark.parametrize("generation", BOTH)
@pytest.mark.parametrize("declared", ["[]", "[{}]", TWO, r"[{}, {path: 'D:\iso\setup.iso'}]"])
def test_capture_writes_them_and_plans_nothing(host, lab, generation, declared):
    applied(lab(declared, generation))
    captured = capture(host, of_topology="media")
    assert nestlab.Lab(captured, host).plan().is_empty
    usual = {1: "[{}]", 2: "[]"}[generation]
    written = captured.to_dict()["vms"][0].get("dvd_drives")
    assert (written is None) == (declared == usual)


def test_a_capture_says_what_a_file_has_no_words_for(host, lab):
    applied(lab("[{}]"))
    world = host.simulated_host.world.host
    vm = next(vm for vm in world.hyper_v.vms if vm.name == "web1")
    (drive,) = (each for each in vm.settings.drives if each.kind == "dvd")
    drive.path = "E:"
    found = nestlab.lab.capture_all(host, of_topology="media")
    assert [loss for loss in found.losses if "DVD" in loss] != []
    assert found.topology.vms[0].dvd_drives is None
    assert list(nestlab.validate(found.topology).errors) == []


def test_destroy_keeps_the_iso_files(host, lab):
    built = lab(TWO)
    applied(built)
    assert all(result.ok for result in built.destroy())
    files = host.simulated_host.world.host.files
    assert {SETUP.lower(), TOOLS.lower()} <= files.keys()


def test_a_seed_disk_and_data_disks_leave_the_drives_their_places(host):
    linux = r"""
name: media
images: {ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
vms:
  - name: web1
    disk: {image: ubuntu}
    disks: [{size: 1GB, count: 3}]
    dvd_drives: [{path: 'D:\iso\setup.iso'}, {}]
    guest: {os: linux, credential: lab-linux, cloud_init: true}
"""
    built = nestlab.Lab(loads(linux), host)
    applied(built)
    assert drives(host) == ["", SETUP]
    host.run(Cmdlet("Stop-VM", {"Name": "web1", "TurnOff": SwitchParameter.ON}))
    assert [step.action for step in built.plan().steps] == ["start-vm"]
