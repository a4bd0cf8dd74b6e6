"""Images: one name in the file, and the file of the image wherever a VM is."""

from pathlib import Path

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet
from nestlab.plan import Action
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from tests.lab.comparer import differences
from tests.lab.many import session

FILE = r"""
name: images
{images}
vms:
  - name: a
    memory_startup: 1GB
    state: 'Off'
    disk: {disk}
    network_adapters: []
"""
IMAGES = r"images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows}}"
PATH = r"{parent: 'D:\images\ws2022.vhdx'}"


def lab_of(images, disk, host):
    return nestlab.Lab(nestlab.loads(FILE.format(images=images, disk=disk)), host)


def applied(lab):
    results = list(lab.apply(lab.plan()))
    assert all(result.ok for result in results), results
    return results


def disk_on(host, name="nestlab.images.a"):
    path = f"C:\\Users\\Public\\Documents\\Hyper-V\\Virtual Hard Disks\\{name}.vhdx"
    record = next(iter(host.run(Cmdlet("Get-VHD", {"Path": path}))))
    return record["ParentPath"], record["Size"]


def test_on_the_host_an_image_is_the_path_of_its_file():
    host = nestlab.connect()
    by_name, by_path = lab_of(IMAGES, "{image: ws}", host), lab_of("", PATH, host)
    assert by_name.plan() == by_path.plan()
    applied(by_name)
    assert by_name.plan().steps == by_path.plan().steps == ()
    assert disk_on(host)[0] == r"D:\images\ws2022.vhdx"


def test_a_disk_on_an_image_is_larger_where_the_file_says_so_and_grows_in_place():
    host = nestlab.connect()
    applied(lab_of(IMAGES, "{image: ws, size: 200GB}", host))
    assert disk_on(host)[1] == 200 << 30
    larger = lab_of(IMAGES, "{image: ws, size: 300GB}", host)
    assert [step.action for step in larger.plan()] == ["expand-disk"]
    applied(larger)
    assert disk_on(host)[1] == 300 << 30
    assert larger.plan().steps == ()


def test_a_disk_cannot_be_smaller_than_its_image():
    check = lab_of(IMAGES, "{image: ws, size: 20GB}", nestlab.connect()).check()
    assert "disk-smaller-than-image" in check.codes


def test_the_name_of_an_image_changes_and_its_disks_do_not():
    host = nestlab.connect()
    applied(lab_of(IMAGES, "{image: ws}", host))
    renamed = lab_of(IMAGES.replace("ws:", "win:"), "{image: win}", host)
    assert renamed.plan().steps == ()


NESTED = r"""
name: nested
images:
  ws2022: {path: 'D:\images\ws2022.vhdx'}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
vms:
  - name: HV1
    memory_startup: 16GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    nested:
      vms:
        - {name: a, memory_startup: 1GB, state: 'Off', disk: {image: ubuntu}, guest: {os: linux}}
        - {name: b, memory_startup: 1GB, state: 'Off', disk: {image: ubuntu}, guest: {os: linux}}
"""
INSIDE = r"c:\users\public\documents\hyper-v\virtual hard disks\nestlab-images\ubuntu.vhdx"


@pytest.fixture
def simulated():
    return SimulatedHost.from_scenario("ws2022-intel")


def nested_lab(simulated, text=NESTED, journal=None):
    return nestlab.Lab(nestlab.loads(text), session(simulated), journal)


def guest(simulated, name="HV1"):
    host = simulated.world.host
    return host.guest(next(vm for vm in host.hyper_v.vms if vm.name == name))


def copies(results):
    return [r.step.target.name for r in results if r.step.action is Action.COPY_IMAGE]


@pytest.mark.parametrize("language", ["en", "de"])
def test_an_image_is_brought_into_a_nested_host_once_for_all_its_vms(language):
    simulated = SimulatedHost.from_scenario("ws2022-intel", language=language)
    events = []
    lab = nested_lab(simulated)
    results = list(lab.apply(on_event=events.append))
    assert all(result.ok for result in results), results
    assert [name.lower() for name in copies(results)] == [INSIDE]
    assert differences(lab.topology, simulated.world.host) == []
    percents = [e.percent for e in events if getattr(e, "activity", "").startswith("Copying")]
    assert percents == [0, 25, 50, 75, 100]
    again = lab.plan()
    assert again.steps == ()
    assert any("image ubuntu" in item.subject for item in again.unchanged)


def test_the_copy_runs_on_the_host_and_goes_by_ids(simulated):
    step = next(r.step for r in nested_lab(simulated).apply() if r.step.action is Action.COPY_IMAGE)
    assert step.to_dict()["machine"] == "host"
    assert str(step.cmdlets[0]).startswith("Get-VM -Id ")
    assert "Guest Service" not in str(step.cmdlets)


def test_a_vm_that_is_added_later_finds_its_image_in_the_nested_host(simulated):
    list(nested_lab(simulated).apply())
    more = NESTED + "        - {name: c, memory_startup: 1GB, disk: {image: ubuntu}}\n"
    results = list(nested_lab(simulated, more).apply())
    assert all(result.ok for result in results)
    assert copies(results) == []


def test_images_go_down_through_every_level(simulated):
    deeper = NESTED.replace(
        "        - {name: a,",
        """        - name: HV2
          memory_startup: 6GB
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          nested: {vms: [{name: deep, memory_startup: 1GB, state: 'Off', disk: {image: ubuntu}}]}
        - {name: a,""",
    )
    lab = nested_lab(simulated, deeper)
    results = list(lab.apply())
    assert all(result.ok for result in results), results
    assert len(copies(results)) == 3
    assert differences(lab.topology, simulated.world.host) == []


@pytest.mark.parametrize("moment", [1, 2, 4])
def test_a_copy_that_was_cut_off_is_made_again_and_whole(simulated, moment):
    lab = nested_lab(simulated)
    simulated.world.faults.append(Fault("power-cut", "Copy-VMFile", after_effects=moment))
    assert not all(result.ok for result in lab.apply())
    simulated.world.clock.advance(600)
    partial = guest(simulated).files[INSIDE]
    assert partial.length < 3 << 30
    results = list(lab.apply())
    assert all(result.ok for result in results), results
    assert len(copies(results)) == 1
    assert "instead of 3GB" in next(r.step.why for r in results if copies([r]))
    assert differences(lab.topology, simulated.world.host) == []


def test_undo_deletes_the_image_that_it_brought_and_turns_the_service_off_again(
    simulated, tmp_path
):
    empty = NESTED[: NESTED.index("      vms:")] + "      vms: []\n"
    list(nested_lab(simulated, empty, tmp_path / "first.jsonl").apply())
    lab = nested_lab(simulated, NESTED, tmp_path / "second.jsonl")
    results = list(lab.apply())
    assert all(result.ok for result in results)
    assert INSIDE in guest(simulated).files
    undone = list(lab.undo())
    assert all(result.ok for result in undone), undone
    assert INSIDE not in guest(simulated).files
    vm = next(vm for vm in simulated.world.host.hyper_v.vms if vm.name == "HV1")
    assert vm.integration_services == {}


def test_undo_keeps_an_image_that_other_vms_use_by_now(simulated, tmp_path):
    empty = NESTED[: NESTED.index("      vms:")] + "      vms: []\n"
    list(nested_lab(simulated, empty, tmp_path / "first.jsonl").apply())
    lab = nested_lab(simulated, NESTED, tmp_path / "second.jsonl")
    list(lab.apply())
    inside = lab.host.guest("HV1", "lab-admin")
    path = r"C:\other.vhdx"
    inside.run(
        Cmdlet("New-VHD", {"Path": path, "ParentPath": INSIDE, "Differencing": True}),
        Cmdlet("New-VM", {"Name": "theirs", "Generation": 2, "VHDPath": path}),
    )
    assert all(result.ok for result in lab.undo())
    assert INSIDE in guest(simulated).files


def test_a_file_of_another_size_is_replaced_unless_disks_were_created_on_it(simulated):
    lab = nested_lab(simulated)
    list(lab.apply())
    guest(simulated).files[INSIDE].length += 1
    plan = lab.plan()
    assert plan.steps == ()
    assert any("disks were created on it" in item.why for item in plan.unchanged)


def test_a_running_vm_s_disk_is_not_an_image(simulated):
    text = NESTED.replace(r"D:\images\ubuntu2404.vhdx", r"D:\vms\build-agent\disk.vhdx")
    lab = nested_lab(simulated, text)
    assert "parent-in-use" in lab.check().codes
    with pytest.raises(nestlab.NestlabError):
        lab.plan()


def test_a_path_inside_a_nested_host_is_reported_before_anything_is_built(simulated):
    text = NESTED.replace("disk: {image: ubuntu}", r"disk: {parent: 'D:\images\ubuntu2404.vhdx'}")
    found = nestlab.validate(nestlab.loads(text))
    assert found.codes.count("path-inside-nested-host") == 2
    with pytest.raises(PlanRefused) as refused:
        nested_lab(simulated, text).plan()
    codes = [item.code for item in refused.value.findings.errors]
    assert codes.count("path-inside-nested-host") == 2


@pytest.mark.parametrize("name", ["nat-lab", "bridged-lab", "two-node-cluster"])
def test_the_example_labs_apply_to_the_last_level(simulated, name):
    """Failed before images were brought along: the simulated host had them in its guests already."""
    topologies = Path(__file__).parents[1] / "cases" / "topologies"
    lab = nestlab.Lab(nestlab.load(topologies / f"{name}.yml"), session(simulated))
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty
    if name != "two-node-cluster":  # its L2 guests cannot be observed
        assert lab.verify().ok
