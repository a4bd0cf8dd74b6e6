r"""Existing disks that a lab would give to a VM, or start one from: never one that others depend on.

A parent that is written to makes every disk on it unusable (0xC03A000E), and two running VMs cannot
have the same disk.
"""

import pytest

import nestlab
from nestlab.errors import PlanRefused, StalePlan
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.plan.plan_file import load_plan

TEXT = """
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx', os: windows, prepared: true}}
vms:
  - {name: web, disk: {image: ws}, disks: [{size: 10GB}], guest: {os: windows, credential: lab-admin}}
"""
NESTED = """
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx', os: windows, prepared: true}}
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Nic, switch: Lan, ip_address: 10.7.0.2/24}]
    nested:
      vms: [{name: web, memory_startup: 1GB, disk: {size: 10GB}}]
"""
ON = SwitchParameter.ON
KID = r"D:\kid.vhdx"


def run(session, name, **parameters):
    return session.run(Cmdlet(name, parameters)).records


def disks_of(session, vm="web"):
    return [str(record["Path"]) for record in run(session, "Get-VMHardDiskDrive", VMName=vm)]


def build(host, text=TEXT):
    lab = nestlab.Lab(nestlab.loads(text), host)
    assert [result.message for result in lab.apply() if not result.ok] == []
    return lab


def turn_off(session, vm="web"):
    run(session, "Stop-VM", Name=vm, TurnOff=ON, Force=ON)


def add_kid(session, parent, path=KID, name="kid"):
    """Create a VM on a differencing disk, as another user would."""
    run(session, "New-VHD", Path=path, ParentPath=parent, Differencing=ON)
    run(session, "New-VM", Name=name, MemoryStartupBytes=Size.parse("1GB"), VHDPath=path)


def as_it_was(session, path=KID):
    """Whether a differencing disk still fits its parent."""
    return bool(run(session, "Test-VHD", Path=path)[0].get("Value", True))


def refusal(plan):
    with pytest.raises(PlanRefused) as refused:
        plan()
    (finding,) = refused.value.findings.errors
    assert finding.code == "disk-in-use"
    return finding


@pytest.fixture
def host():
    return nestlab.connect()


@pytest.fixture(params=["system disk", "data disk"])
def path(request, host):
    """Build the lab, turn its VM off, and return the path of one of its disks."""
    build(host)
    turn_off(host)
    system, data = disks_of(host)
    return system if request.param == "system disk" else data


def lab_on(host, text=TEXT):
    return nestlab.Lab(nestlab.loads(text), host)


def everywhere(host, said, text=TEXT):
    """Check that plan, check and drift say the same; return the finding."""
    lab = lab_on(host, text)
    finding = refusal(lab.plan)
    assert said in finding.message
    assert [each.message for each in lab.check() if each.code == "disk-in-use"] == [finding.message]
    found = nestlab.drift(lab.topology, host)
    assert [each.message for each in found if each.severity == "error"] == [finding.message]
    return finding


def test_a_vm_that_is_off_is_not_started_from_a_parent(host, path):
    add_kid(host, path)
    finding = everywhere(host, f"{path} is the parent of {KID} of VM kid")
    assert finding.subject == "web"
    assert "state: 'Off'" in finding.hint
    assert host.run(Cmdlet("Get-VM", {"Name": "web"})).records[0]["State"] != "Running"


def test_the_way_out_of_the_hint_leads_to_a_plan(host, path):
    add_kid(host, path)
    assert lab_on(host, TEXT.replace("name: web,", "name: web, state: 'Off',")).plan().is_empty


def test_what_a_vm_on_it_depends_on_by_way_of_others_counts(host, path):
    middle = r"D:\middle.vhdx"
    run(host, "New-VHD", Path=middle, ParentPath=path, Differencing=ON)
    add_kid(host, middle)
    everywhere(host, f"{path} is the parent of {middle} of VM kid")


def test_what_a_checkpoint_depends_on_counts(host, path):
    add_kid(host, path)
    run(host, "Checkpoint-VM", Name="kid")
    everywhere(host, f"{path} is the parent of {KID} of")


def test_a_new_vm_does_not_get_a_parent(host, path):
    add_kid(host, path)
    run(host, "Remove-VM", Name="web", Force=ON)
    everywhere(host, f"{path} is the parent of {KID} of VM kid")


def test_destroy_keeps_the_parent_and_the_next_apply_does_not_write_to_it(host, path):
    add_kid(host, path)
    assert all(result.ok for result in lab_on(host).destroy())
    with pytest.raises(PlanRefused, match="disk-in-use"):
        list(lab_on(host).apply())
    run(host, "Remove-VM", Name="kid", Force=ON)
    run(host, "Remove-Item", Path=KID)
    build(host)


def test_a_disk_of_another_vm_is_not_given_away(host, path):
    run(host, "Remove-VM", Name="web", Force=ON)
    run(host, "New-VM", Name="stolen", MemoryStartupBytes=Size.parse("1GB"), VHDPath=path)
    everywhere(host, f"{path} is a disk of VM stolen")


@pytest.mark.parametrize("state", ["Off", "Running"])
def test_a_renamed_vm_is_named_with_its_disk(host, state):
    build(host)
    system, _ = disks_of(host)
    run(host, "Rename-VM", Name="web", NewName="web-old")
    if state == "Off":
        turn_off(host, "web-old")
    finding = everywhere(host, f"{system} is a disk of VM web-old")
    assert "Rename-VM" in finding.hint
    run(host, "Rename-VM", Name="web-old", NewName="web")
    build(host)


def test_a_renamed_vm_that_is_pruned_leaves_its_disk_to_the_new_one(host):
    build(host)
    turn_off(host)
    system, _ = disks_of(host)
    run(host, "Rename-VM", Name="web", NewName="web-old")
    lab = lab_on(host)
    plan = lab.plan(prune=True)
    assert [result.message for result in lab.apply(plan) if not result.ok] == []
    assert disks_of(host)[0] == system


def test_the_plan_says_that_it_uses_an_existing_disk(host):
    build(host)
    turn_off(host)
    system, data = disks_of(host)
    run(host, "Remove-VM", Name="web", Force=ON)
    plan = lab_on(host).plan()
    whys = {str(step.action): step.why for step in plan.steps}
    assert f"{system} exists already" in whys["create-vm"]
    assert f"{data} exists already" in whys["add-disk"]
    assert all(result.ok for result in lab_on(host).apply(plan))


def test_a_fresh_lab_does_not_say_it(host):
    assert not any("exists already" in step.why for step in lab_on(host).plan().steps)


def test_a_disk_on_it_that_no_vm_has_is_no_obstacle_that_can_be_known(host, path):
    """Nothing on a host lists the disks on a parent: only those of VMs and checkpoints are known."""
    run(host, "New-VHD", Path=KID, ParentPath=path, Differencing=ON)
    assert not lab_on(host).plan().is_empty


def test_a_saved_plan_is_refused_once_the_disk_is_a_parent(host, path, tmp_path):
    lab_on(host).plan().save(tmp_path / "plan.json")
    add_kid(host, path)
    plan = load_plan(tmp_path / "plan.json")
    with pytest.raises(StalePlan, match="kid"):
        list(nestlab.Lab(plan.topology, host).apply(plan))


def test_a_disk_that_becomes_a_parent_during_the_run_is_not_written_to(host, path):
    """The plan is made again when the run begins: what happens after that is read by the step."""

    def confirm(step):
        if str(step.action) == "start-vm":
            add_kid(host, path)
        return True

    *_, last = lab_on(host).apply(confirm=confirm)
    assert str(last.status) == "failed"
    assert f"{path} is the parent of {KID} of VM kid" in last.message
    assert as_it_was(host)


def test_a_new_vm_does_not_get_a_disk_that_somebody_took_during_the_run(host, path):
    run(host, "Remove-VM", Name="web", Force=ON)

    def confirm(step):
        if str(step.action) == "create-vm":
            run(host, "New-VM", Name="stolen", MemoryStartupBytes=Size.parse("1GB"), VHDPath=path)
        return True

    *_, last = lab_on(host).apply(confirm=confirm)
    assert str(last.status) == "failed"
    assert f"{path} is a disk of VM stolen" in last.message


def test_recreating_a_vm_whose_disk_is_a_parent_is_refused(host, path):
    add_kid(host, path)
    lab = lab_on(host, TEXT.replace("name: web,", "name: web, version: '9.0',"))
    with pytest.raises(PlanRefused) as refused:
        lab.plan(recreate=["web"])
    assert {f.code for f in refused.value.findings} <= {"cannot-recreate", "disk-in-use"}


def test_undo_does_not_start_a_vm_from_a_parent(host):
    build(host)
    lab = lab_on(host, TEXT.replace("name: web,", "name: web, state: 'Off',"))
    assert all(result.ok for result in lab.apply())
    add_kid(host, disks_of(host)[0])
    (result,) = lab.undo()
    assert str(result.status) == "skipped"
    assert "is the parent of" in result.message
    assert as_it_was(host)


def test_a_lab_that_runs_is_not_read_further(host):
    """The parents of all disks of a host are read only where a disk could be written to."""
    build(host)
    asked = []
    run_before = host.run

    def counted(*statements, **more):
        asked.extend(stage.name for each in statements for stage in each.stages)
        return run_before(*statements, **more)

    host.run = counted
    assert lab_on(host).plan().is_empty
    assert "Get-VMSnapshot" not in asked


def test_inside_a_nested_host(host):
    build(host, NESTED)
    inside = host.guest("HV1", "lab-admin")
    turn_off(inside)
    (path,) = disks_of(inside)
    add_kid(inside, path, r"C:\kid.vhdx")
    finding = everywhere(host, rf"{path} is the parent of C:\kid.vhdx of VM kid", NESTED)
    assert finding.subject == "HV1/web"


def test_inside_a_nested_host_that_the_run_starts(host):
    """What is in it is read only once it runs: the step is not run then."""
    build(host, NESTED)
    inside = host.guest("HV1", "lab-admin")
    turn_off(inside)
    (path,) = disks_of(inside)
    add_kid(inside, path, r"C:\kid.vhdx")
    inside.close()
    turn_off(host, "HV1")
    *_, last = lab_on(host, NESTED).apply()
    assert str(last.status) == "failed"
    assert "is the parent of" in last.message
    assert last.step.machine == ("HV1",)
