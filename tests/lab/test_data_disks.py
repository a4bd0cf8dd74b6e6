"""Data disks of VMs: created, attached, changed, moved, removed, captured."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

IMAGE = r"D:\images\ws2022.vhdx"
THEIRS = r"D:\disks\theirs.vhdx"
FOLDER = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks"
GB, TB = 2**30, 2**40


def differences(lab, host):
    """The codes of drift, without what is not known of a VM on whose disk nothing is installed."""
    return [code for code in nestlab.drift(lab.topology, host).codes if code != "drift-not-known"]


def lab_of(host, disks, more=""):
    return nestlab.Lab(nestlab.loads(text(disks, more)), host)


def text(disks, more=""):
    return f"""
name: lab
images: {{ws2022: {{path: '{IMAGE}'}}}}
vms:
  - {{name: web1, disk: {{size: 20GB}}, disks: {disks}{more}}}
"""


def applied(lab, **options):
    plan = lab.plan(**options)
    failed = [str(result) for result in lab.apply(plan) if not result.ok]
    assert failed == []
    return plan


def host_with(disks, more=""):
    host = nestlab.connect()
    applied(lab_of(host, disks, more))
    return host


def drives(host, vm="web1"):
    """The data disks of a VM: what their files are called, and their sizes."""
    found = host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": vm}))
    paths = [str(record["Path"]) for record in found]
    return {
        path.rpartition("\\")[2].removeprefix("nestlab.lab.").removesuffix(".vhdx"): size(
            host, path
        )
        for path in paths
        if not path.endswith(f"lab.{vm}.vhdx")
    }


def size(host, path):
    (record,) = host.run(Cmdlet("Get-VHD", {"Path": path}))
    return record["Size"]


def disk_files(host):
    return {path for path in host.simulated_host.world.host.files if "nestlab.lab" in path}


def actions(plan):
    return [str(step.action) for step in plan.steps]


@pytest.mark.parametrize("generation", [1, 2])
def test_empty_disks_are_created_attached_and_removed_with_their_vm(generation):
    host = nestlab.connect()
    lab = lab_of(host, "[{size: 4TB, count: 3}, {size: 800GB}]", f", generation: {generation}")
    applied(lab)
    assert drives(host) == {
        "web1.disk-1": 4 * TB,
        "web1.disk-2": 4 * TB,
        "web1.disk-3": 4 * TB,
        "web1.disk-4": 800 * GB,
    }
    assert lab.plan().is_empty
    assert differences(lab, host) == []
    captured = nestlab.capture(host, of_topology="lab")
    (vm,) = captured.vms
    assert [disk.to_dict() for disk in vm.disks] == [{"size": "4TB"}] * 3 + [{"size": "800GB"}]
    assert nestlab.Lab(captured, host).plan().is_empty
    assert [str(result) for result in lab.destroy() if not result.ok] == []
    assert disk_files(host) == set()


def test_undo_removes_data_disks_with_their_vm():
    host = nestlab.connect()
    lab = lab_of(host, "[{size: 1GB}]")
    applied(lab)
    assert all(result.ok for result in lab.undo())
    assert disk_files(host) == set()


def test_a_disk_is_added_while_the_vm_runs_and_undo_takes_it_away():
    host = host_with("[{size: 1GB}]")
    lab = lab_of(host, "[{size: 1GB}, {size: 2GB}]")
    assert actions(applied(lab)) == ["create-disk", "add-disk"]
    assert drives(host) == {"web1.disk-1": GB, "web1.disk-2": 2 * GB}
    assert all(result.ok for result in lab.undo())
    assert drives(host) == {"web1.disk-1": GB}
    assert len(disk_files(host)) == 2


def test_a_saved_vm_is_stopped_for_a_new_disk():
    host = host_with("[{size: 1GB}]")
    host.run(Cmdlet("Save-VM", {"Name": "web1"}))
    lab = lab_of(host, "[{size: 1GB}, {size: 2GB}]")
    assert actions(applied(lab))[0] == "remove-saved-state"
    assert lab.plan().is_empty


def test_a_disk_that_the_file_no_longer_names_is_left_over_until_it_is_pruned():
    host = host_with("[{size: 1GB}, {size: 2GB}]")
    lab = lab_of(host, "[{size: 2GB}]")
    plan = lab.plan()
    assert plan.is_empty
    (left,) = plan.remainder
    assert left.subject == rf"disk {FOLDER}\nestlab.lab.web1.disk-1.vhdx of VM web1"
    assert differences(lab, host) == ["left-over"]
    assert actions(applied(lab, prune=True)) == ["detach-disk", "delete-disk"]
    assert drives(host) == {"web1.disk-2": 2 * GB}
    assert len(disk_files(host)) == 2
    assert lab.plan().is_empty
    assert not lab.plan().remainder


def test_a_disk_with_a_checkpoint_stays_until_that_is_removed():
    host = host_with("[{size: 1GB}]")
    host.run(Cmdlet("Checkpoint-VM", {"Name": "web1"}))
    lab = lab_of(host, "[]")
    plan = lab.plan(prune=True)
    assert plan.is_empty
    (left,) = plan.remainder
    assert left.holds[-1] == "VM web1 has checkpoints: remove them first"
    host.run(Cmdlet("Get-VMSnapshot", {"VMName": "web1"}, Cmdlet("Remove-VMSnapshot")))
    assert actions(applied(lab, prune=True)) == ["detach-disk", "delete-disk"]
    assert [str(result) for result in lab.destroy() if not result.ok] == []
    assert disk_files(host) == set()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("[{size: 1GB}]", "[{size: 3GB}]", [3], id="alone"),
        pytest.param(
            "[{size: 1GB, count: 3}]", "[{size: 3GB}, {size: 1GB, count: 2}]", [3, 1, 1], id="first"
        ),
        pytest.param(
            "[{size: 1GB, count: 3}]", "[{size: 1GB, count: 2}, {size: 3GB}]", [1, 1, 3], id="last"
        ),
    ],
)
def test_a_disk_grows_while_its_vm_runs(before, after, expected):
    host = host_with(before)
    lab = lab_of(host, after)
    assert actions(applied(lab)) == ["expand-disk"]
    assert [value // GB for value in drives(host).values()] == expected
    assert lab.plan().is_empty


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        pytest.param(
            "[{size: 4TB, count: 2}, {size: 800GB}]",
            "[{size: 4TB, count: 3}, {size: 800GB}]",
            {"web1.disk-4": 4 * TB},
            id="a-count-is-raised",
        ),
        pytest.param(
            "[{size: 1GB}]", "[{size: 2GB}, {size: 1GB}]", {"web1.disk-2": 2 * GB}, id="before"
        ),
    ],
)
def test_a_disk_that_is_inserted_changes_no_other(before, after, new):
    host = host_with(before)
    there = drives(host)
    lab = lab_of(host, after)
    assert actions(applied(lab)) == ["create-disk", "add-disk"]
    assert drives(host) == there | new
    assert lab.plan().is_empty


def test_a_disk_does_not_shrink_and_recreating_is_the_way_out():
    host = host_with("[{size: 2GB}]")
    lab = lab_of(host, "[{size: 1GB}]")
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings
    assert finding.message == "data disk 1: disk size cannot shrink from 2GB to 1GB"
    assert "--recreate web1" in finding.hint
    applied(lab, recreate=["web1"])
    assert drives(host) == {"web1.disk-1": GB}
    assert len(disk_files(host)) == 2


def test_a_disk_does_not_grow_while_it_has_a_checkpoint():
    host = host_with("[{size: 1GB}]")
    host.run(Cmdlet("Checkpoint-VM", {"Name": "web1"}))
    assert lab_of(host, "[{size: 1GB}]").plan().is_empty
    with pytest.raises(PlanRefused, match="while the VM has checkpoints"):
        lab_of(host, "[{size: 2GB}]").plan()


def test_fewer_disks_of_which_one_is_larger_are_refused():
    host = host_with("[{size: 1GB}, {size: 2GB}, {size: 4GB}]")
    wanted = lab_of(host, "[{size: 3GB}, {size: 4GB}]")
    with pytest.raises(PlanRefused, match="which disk is no longer wanted is not known") as refused:
        wanted.plan()
    (finding,) = refused.value.findings
    assert "--recreate" not in finding.hint
    assert "First remove the entry" in finding.hint
    applied(lab_of(host, "[{size: 2GB}, {size: 4GB}]"), prune=True)
    applied(wanted)
    assert drives(host) == {"web1.disk-2": 3 * GB, "web1.disk-3": 4 * GB}


def test_another_change_that_needs_a_recreation_keeps_that_hint():
    host = host_with("[{size: 1GB}, {size: 2GB}, {size: 4GB}]")
    with pytest.raises(PlanRefused) as refused:
        lab_of(host, "[{size: 3GB}, {size: 4GB}]", ", generation: 1").plan()
    (finding,) = refused.value.findings
    assert "is not known" in finding.message
    assert "--recreate web1" in finding.hint


def test_the_hint_about_a_data_disk_of_two_vms_names_disks():
    text = """name: lab
vms:
  - {{name: a, disk: {{size: 20GB}}, disks: [{0}]}}
  - {{name: b, disk: {{size: 20GB}}, disks: [{0}]}}"""
    (finding,) = nestlab.validate(nestlab.loads(text.format(f"{{path: '{THEIRS}'}}"))).errors
    assert finding.code == "disk-in-two-vms"
    assert "disks: [{parent: ...}] creates" in finding.hint
    assert "cannot be described" in finding.hint
    followed = nestlab.loads(text.format(f"{{parent: '{IMAGE}'}}"))
    assert nestlab.validate(followed).ok
    applied(nestlab.Lab(followed, nestlab.connect()))


def test_a_clone_of_an_image_and_an_existing_disk():
    host = nestlab.connect()
    host.run(Cmdlet("New-VHD", {"Path": THEIRS, "SizeBytes": 5 * GB}))
    lab = lab_of(host, f"[{{image: ws2022, size: 200GB}}, {{path: '{THEIRS}'}}]")
    applied(lab)
    assert drives(host) == {"web1.disk-1": 200 * GB, r"theirs": 5 * GB}
    assert lab.plan().is_empty
    (vm,) = nestlab.capture(host, of_topology="lab").vms
    assert [disk.to_dict() for disk in vm.disks] == [
        {"parent": IMAGE, "size": "200GB"},
        {"path": THEIRS},
    ]
    assert [str(result) for result in lab.destroy() if not result.ok] == []
    assert disk_files(host) == set()
    assert size(host, THEIRS) == 5 * GB


def test_a_disk_that_is_not_there_is_a_finding_at_its_line():
    lab = lab_of(nestlab.connect(), rf"[{{path: '{THEIRS}'}}]")
    with pytest.raises(PlanRefused, match="needs the disk") as refused:
        lab.plan()
    (finding,) = (each for each in refused.value.findings if each.severity == "error")
    assert finding.code == "disk-missing"
    assert ":5:" in finding.location


def test_a_disk_that_the_file_gives_to_another_vm_is_moved():
    host = nestlab.connect()
    host.run(Cmdlet("New-VHD", {"Path": THEIRS, "SizeBytes": 5 * GB}))
    other = "}\n  - {name: web2, disk: {size: 20GB}"
    applied(lab_of(host, f"[{{path: '{THEIRS}'}}]", other))
    lab = lab_of(host, "[]", f"{other}, disks: [{{path: '{THEIRS}'}}]")
    assert actions(applied(lab)) == ["detach-disk", "add-disk"]
    assert drives(host) == {}
    assert drives(host, "web2") == {"theirs": 5 * GB}
    assert lab.plan().is_empty
    assert all(result.ok for result in lab.undo())
    assert drives(host) == {"theirs": 5 * GB}


def test_a_disk_that_was_attached_by_hand_is_listed_and_only_detached():
    host = host_with("[{size: 1GB}]")
    host.run(Cmdlet("New-VHD", {"Path": THEIRS, "SizeBytes": 5 * GB}))
    host.run(Cmdlet("Add-VMHardDiskDrive", {"VMName": "web1", "Path": THEIRS}))
    lab = lab_of(host, "[{size: 1GB}]")
    plan = lab.plan()
    assert plan.is_empty
    assert [left.subject for left in plan.remainder] == [f"disk {THEIRS} of VM web1"]
    assert actions(applied(lab, prune=True)) == ["detach-disk"]
    assert size(host, THEIRS) == 5 * GB
    assert all(result.ok for result in lab.undo())
    assert "theirs" in drives(host)


def test_disks_that_others_have_are_captured():
    host = nestlab.connect()
    host.run(Cmdlet("New-VHD", {"Path": THEIRS, "SizeBytes": 5 * GB}))
    host.run(Cmdlet("New-VHD", {"Path": r"D:\disks\boot.vhdx", "SizeBytes": GB}))
    new = {"Name": "old", "MemoryStartupBytes": GB, "VHDPath": r"D:\disks\boot.vhdx"}
    host.run(Cmdlet("New-VM", new))
    host.run(Cmdlet("Add-VMHardDiskDrive", {"VMName": "old", "Path": THEIRS}))
    captured = nestlab.capture(host)
    vm = next(vm for vm in captured.vms if vm.name == "old")
    assert vm.disk.path == r"D:\disks\boot.vhdx"
    assert [disk.path for disk in vm.disks] == [THEIRS]


def test_an_image_is_copied_into_a_nested_host_for_a_data_disk_inside():
    host = nestlab.connect()
    lab = nestlab.Lab(
        nestlab.loads(rf"""
name: lab
images: {{ws2022: {{path: '{IMAGE}'}}}}
switches: [{{name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters: [{{switch: Lab, ip_address: 10.0.0.11/24}}]
    nested:
      vms: [{{name: web1, disk: {{size: 20GB}}, disks: [{{image: ws2022}}, {{size: 4TB}}]}}]
"""),
        host,
    )
    failed = [str(result) for result in lab.apply() if not result.ok]
    assert failed == []
    assert lab.plan().is_empty
    captured = nestlab.capture(host, of_topology="lab", credential="lab-admin")
    (inner,) = captured.vms[0].vms
    assert [disk.to_dict() for disk in inner.disks] == [{"image": "ws2022"}, {"size": "4TB"}]
