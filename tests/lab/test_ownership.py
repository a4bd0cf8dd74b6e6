"""Nothing that is not the topology's is ever harmed: other people's VMs, switches and disks beside those of a lab."""

import pytest

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter

LAB = """
name: lab
switches: [{name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24, nat: 10.7.0.0/24}]
vms: [{name: web, state: Off, disk: {size: 10GB}, network_adapters: [{switch: Lan}]}]
"""
DISK = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\nestlab.lab.web.vhdx"
WAYS = ("destroy", "undo")


def world(host):
    return {
        key: value for key, value in host.simulated_host.world.to_dict().items() if key != "clock"
    }


def run(host, name, **parameters):
    return host.run(Cmdlet(name, parameters)).records


def applied(tmp_path, text=LAB):
    host, path = nestlab.connect(), tmp_path / "lab.yml"
    path.write_text(text, encoding="utf-8")
    lab = nestlab.Lab(nestlab.load(path), host, journal=tmp_path / "journal.jsonl")
    assert [result.message for result in lab.apply() if not result.ok] == []
    return host, lab


def go(lab, way, **options):
    results = list(getattr(lab, way)(**options))
    assert [str(result) for result in results if not result.ok] == []
    return results


def said(lab, way, results):
    """Return all that was said to stay: the plan says it before a destroy, the results say it of an undo."""
    return (
        " ".join(result.message for result in results)
        if way == "undo"
        else " ".join(item.why for item in lab.plan_destroy().unchanged)
    )


def ids(host, cmdlet):
    return {str(record["Id"]) for record in run(host, cmdlet)}


def names(host, cmdlet):
    return sorted(record["Name"] for record in run(host, cmdlet))


def files(host):
    return [file.path for file in host.simulated_host.world.host.files.values()]


def foreign_vm(host, name, **parameters):
    disk = {} if "VHDPath" in parameters else {"NoVHD": SwitchParameter.ON}
    made = run(
        host,
        "New-VM",
        Name=name,
        Generation=2,
        MemoryStartupBytes=Size.parse("1GB"),
        **disk,
        **parameters,
    )
    return str(made[0]["Id"])


@pytest.mark.parametrize("way", WAYS)
def test_vms_and_switches_of_the_same_name_stay(tmp_path, way):
    host, lab = applied(tmp_path)
    host.simulated_host.world.quirks.duplicate_switch_names = True
    vm = foreign_vm(host, "web")
    switch = str(run(host, "New-VMSwitch", Name="Lan", SwitchType="Private")[0]["Id"])
    go(lab, way)
    assert vm in ids(host, "Get-VM")
    assert switch in ids(host, "Get-VMSwitch")
    assert (names(host, "Get-VM").count("web"), names(host, "Get-VMSwitch").count("Lan")) == (1, 1)
    assert DISK not in files(host)


def child_of_ours(host):
    run(host, "New-VHD", Path=r"D:\mine.vhdx", ParentPath=DISK, Differencing=SwitchParameter.ON)
    foreign_vm(host, "foreign", VHDPath=r"D:\mine.vhdx")


def attached(host):
    run(
        host,
        "Remove-VMHardDiskDrive",
        VMName="web",
        ControllerType="SCSI",
        ControllerNumber=0,
        ControllerLocation=0,
    )
    foreign_vm(host, "kept", VHDPath=DISK)


def attached_with_checkpoint(host):
    attached(host)
    run(host, "Checkpoint-VM", Name="kept")


def grandchild_of_ours(host):
    child_of_ours(host)
    run(host, "Checkpoint-VM", Name="foreign")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "use", [child_of_ours, attached, attached_with_checkpoint, grandchild_of_ours]
)
def test_disks_that_others_stand_on_stay_and_it_is_said(tmp_path, use, way):
    host, lab = applied(tmp_path)
    use(host)
    results = go(lab, way)
    assert DISK in files(host)
    assert f"kept: {DISK} is " in said(lab, way, results)
    assert [name for name in names(host, "Get-VM") if name != "dc-archive"].count("web") == 0


def test_the_reason_names_the_child_and_its_vm(tmp_path):
    host, lab = applied(tmp_path)
    child_of_ours(host)
    assert rf"kept: {DISK} is the parent of D:\mine.vhdx of VM foreign" in [
        item.why for item in lab.plan_destroy().unchanged
    ]


@pytest.mark.parametrize("way", WAYS)
def test_a_vm_stays_where_merging_its_checkpoints_would_spoil_the_disk_of_another(tmp_path, way):
    host, lab = applied(tmp_path)
    child_of_ours(host)
    run(host, "Checkpoint-VM", Name="web")
    results = go(lab, way)
    assert "web" in names(host, "Get-VM")
    assert "its checkpoints would be merged into" in said(lab, way, results)
    assert run(host, "Test-VHD", Path=r"D:\mine.vhdx")


@pytest.mark.parametrize("way", WAYS)
def test_an_own_vm_with_checkpoints_goes_at_once_with_its_disks(tmp_path, way):
    before = world(nestlab.connect())
    host, lab = applied(tmp_path)
    run(host, "Checkpoint-VM", Name="web")
    run(host, "Checkpoint-VM", Name="web")
    go(lab, way)
    assert [file for file in files(host) if "nestlab" in file] == []
    assert {key for key, value in world(host).items() if value != before[key]} <= {"next_id", "ids"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["Off", "Running"])
def test_a_switch_that_others_are_connected_to_stays_with_all_that_serves_it(tmp_path, way, state):
    host, lab = applied(tmp_path)
    foreign_vm(host, "sql-test", SwitchName="Lan")
    if state == "Running":
        run(host, "Start-VM", Name="sql-test")
    results = go(lab, way)
    assert "Lan" in names(host, "Get-VMSwitch")
    assert len(run(host, "Get-NetNat")) == 1
    assert run(host, "Get-NetIPAddress", IPAddress="10.7.0.1")
    assert "VM sql-test is connected to it" in said(lab, way, results)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", ["Off", "Running"])
def test_whoever_agrees_cuts_others_off(tmp_path, way, state):
    host, lab = applied(tmp_path)
    foreign_vm(host, "sql-test", SwitchName="Lan")
    if state == "Running":
        run(host, "Start-VM", Name="sql-test")
    if way == "destroy":
        step = lab.plan_destroy(disconnect_others=True).steps[-1]
        assert (step.hazard, step.title) == (
            "may-cut-connection",
            "Remove the Internal switch Lan, which disconnects sql-test",
        )
    go(lab, way, disconnect_others=True)
    assert "Lan" not in names(host, "Get-VMSwitch")
    assert "sql-test" in names(host, "Get-VM")


def test_what_destroy_leaves_on_purpose_is_said(tmp_path):
    text = """
name: lab
forwarding: true
switches:
  - {name: Out, switch_type: External, net_adapter: Ethernet}
  - {name: Lan, switch_type: Internal, ip_address: 10.7.0.1/24, dhcp: {range: 10.7.0.100-10.7.0.200}}
"""
    _, lab = applied(tmp_path, text)
    left = {item.subject: item.why for item in lab.plan_destroy().unchanged}
    assert "it is kept, because others may use it" in left["the DHCP server role"]
    assert "it is not known here whether it was on before" in left["forwarding on Ethernet"]


def test_a_mark_in_the_notes_of_a_file_is_refused(tmp_path):
    path = tmp_path / "lab.yml"
    path.write_text("name: ed\nvms: [{name: plain, notes: 'nestlab:other'}]\n", encoding="utf-8")
    assert [finding.code for finding in nestlab.validate(nestlab.load(path)).errors] == [
        "mark-in-notes"
    ]


@pytest.mark.parametrize("way", WAYS)
def test_two_marks_are_nobodys(tmp_path, way):
    host, lab = applied(tmp_path)
    run(host, "Set-VM", Name="web", Notes="nestlab:lab nestlab:other")
    results = go(lab, way)
    assert "web" in names(host, "Get-VM")
    assert "carries the marks of lab and other, so it has no owner" in said(lab, way, results)


MENTIONS = (
    "Bob: test client for nestlab:lab , keep",
    "copied from nestlab:lab by Bob",
    "nestlab:lab (not mine)",
    "Seat 3\r\nsee nestlab:lab\r\n",
)


@pytest.mark.parametrize("notes", MENTIONS)
def test_notes_that_mention_a_lab_do_not_make_a_vm_or_a_switch_its_own(tmp_path, notes):
    host, lab = applied(tmp_path)
    foreign_vm(host, "bob")
    run(host, "New-VMSwitch", Name="Bobs", SwitchType="Private", Notes=notes)
    run(host, "Set-VM", Name="bob", Notes=notes)
    pruned = lab.plan(prune=True)
    assert pruned.is_empty, [step.id for step in pruned.steps]
    go(lab, "destroy")
    assert "bob" in names(host, "Get-VM")
    assert names(host, "Get-VMSwitch") == ["Bobs"]


def test_an_own_vm_whose_notes_mention_another_lab_stays_the_labs_own(tmp_path):
    host, lab = applied(tmp_path)
    notes = "Copied from nestlab:other by Ada\r\n  nestlab:lab \r\nKeep"
    run(host, "Set-VM", Name="web", Notes=notes)
    assert lab.plan().is_empty
    go(lab, "destroy")
    assert "web" not in names(host, "Get-VM")


def test_a_vm_whose_notes_mention_its_lab_is_adopted_with_a_line_of_its_own(tmp_path):
    host, lab = applied(tmp_path)
    run(host, "Set-VM", Name="web", Notes="Ada's part of nestlab:lab")
    assert [step.id for step in lab.plan_adopt(only=["web"]).steps] == ["host:adopt-vm:web"]
    go(lab, "adopt", only=["web"])
    (web,) = run(host, "Get-VM", Name="web")
    assert web["Notes"] == "Ada's part of nestlab:lab\nnestlab:lab"


@pytest.mark.parametrize("notes", ["nestlab:lab\nnestlab:other", "nestlab:other\r\nnestlab:lab"])
def test_two_marks_on_two_lines_are_nobodys_either(tmp_path, notes):
    host, lab = applied(tmp_path)
    run(host, "Set-VM", Name="web", Notes=notes)
    assert "so it has no owner" in said(lab, "destroy", ())


def test_a_mark_that_went_between_two_steps_stops_the_run(tmp_path):
    host, _ = applied(tmp_path)
    (tmp_path / "lab.yml").write_text(
        LAB.replace("name: web,", "name: web, processor_count: 4, memory_startup: 2GB,"),
        encoding="utf-8",
    )
    again = nestlab.Lab(
        nestlab.load(tmp_path / "lab.yml"), host, journal=tmp_path / "journal.jsonl"
    )
    results = []
    for result in again.apply():
        results.append(result)
        run(host, "Set-VM", Name="web", Notes="Ada's now")
    assert (results[-1].status, results[-1].message) == (
        "failed",
        "Not done: web does not carry the mark of lab",
    )
    assert len(results) == 2


def test_a_disk_stays_where_the_disk_of_another_is_made_anew_on_it_while_its_destroy_runs(tmp_path):
    host, lab = applied(tmp_path)
    run(host, "New-VHD", Path=r"D:\other.vhdx", SizeBytes=Size.parse("1GB"))
    foreign_vm(host, "foreign", VHDPath=r"D:\other.vhdx")
    for result in lab.destroy():
        if result.step.action == "remove-vm":
            run(host, "Remove-Item", LiteralPath=r"D:\other.vhdx")
            run(
                host,
                "New-VHD",
                Path=r"D:\other.vhdx",
                ParentPath=DISK,
                Differencing=SwitchParameter.ON,
            )
    assert DISK in files(host)


def test_of_the_disks_that_one_step_deletes_those_stay_that_others_took_meanwhile(tmp_path):
    text = """
name: lab
vms: [{name: web, state: Off, disk: {size: 10GB}}, {name: app, state: Off, disk: {size: 10GB}}]
"""
    host, lab = applied(tmp_path, text)
    results = []
    for result in lab.destroy():
        results.append(result)
        if result.step.target.name == "web":
            run(
                host,
                "New-VHD",
                Path=r"D:\mine.vhdx",
                ParentPath=DISK,
                Differencing=SwitchParameter.ON,
            )
            foreign_vm(host, "foreign", VHDPath=r"D:\mine.vhdx")
    assert (results[-1].step.title, results[-1].status) == ("Delete 2 disks", "done")
    assert results[-1].warnings == (rf"kept: {DISK} is the parent of D:\mine.vhdx of VM foreign",)
    assert [file for file in files(host) if "nestlab" in file] == [DISK]
