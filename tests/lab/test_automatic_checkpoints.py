"""Automatic checkpoints, which client systems take of every VM that starts: off in a lab, unless its file wants them."""

import pytest

import nestlab
from nestlab.lab import capture_all
from nestlab.model import Cmdlet, SwitchParameter

LAB = """
name: lab
vms:
  - {name: web, disk: {size: 20GB}%s}
"""
SETTING = "set-vm-setting:web/automatic_checkpoints_enabled"


@pytest.fixture
def client():
    return nestlab.connect("sim:win11-ryzen")


def lab_on(host, keys=""):
    return nestlab.Lab(nestlab.loads(LAB % keys), host)


def applied(lab):
    results = [*lab.apply()]
    assert [str(result) for result in results if not result.ok] == []
    return [result.step.id for result in results]


def run(host, cmdlet, **parameters):
    outcome = host.run(Cmdlet(cmdlet, parameters))
    assert not outcome.errors, outcome.errors
    return outcome


def checkpoints(host):
    return [
        (found["Name"].partition(" - (")[0], found["IsAutomaticCheckpoint"])
        for found in run(host, "Get-VMSnapshot", VMName="web")
    ]


def boot_disk(host):
    return next(iter(run(host, "Get-VMHardDiskDrive", VMName="web")))["Path"].rpartition(".")[2]


def stop(host, **parameters):
    run(host, "Stop-VM", Name="web", Force=SwitchParameter.ON, **parameters)


def test_on_a_client_they_are_turned_off_before_the_vm_starts(client):
    ids = [step.partition(":")[2] for step in applied(lab_on(client))]
    assert ids.index(SETTING) < ids.index("start-vm:web")
    assert (checkpoints(client), boot_disk(client)) == ([], "vhdx")
    assert lab_on(client).plan().is_empty


@pytest.mark.parametrize("host", ["sim:ws2022-intel", "sim:ws2016-intel"])
def test_on_a_server_there_is_nothing_to_turn_off(host):
    host = nestlab.connect(host)
    ids = [step.partition(":")[2] for step in applied(lab_on(host))]
    assert SETTING not in ids
    assert lab_on(host).plan().is_empty


def test_with_them_a_vm_that_starts_runs_on_the_disk_of_a_checkpoint(client):
    lab = lab_on(client, ", automatic_checkpoints_enabled: true")
    assert SETTING not in [step.partition(":")[2] for step in applied(lab)]
    assert checkpoints(client) == [("Automatic Checkpoint - web", True)]
    assert boot_disk(client) == "avhdx"
    assert lab.plan().is_empty
    stop(client, TurnOff=SwitchParameter.ON)
    assert len(checkpoints(client)) == 1  # it did not shut down
    run(client, "Start-VM", Name="web")
    assert len(checkpoints(client)) == 1  # there is one already
    list(lab.destroy())
    assert "web" not in [vm["Name"] for vm in run(client, "Get-VM")]


def test_one_is_gone_when_the_guest_has_shut_down():
    host = nestlab.connect("sim:win11-ryzen")
    image = "disk: {parent: 'D:\\images\\ws2022.vhdx'}, automatic_checkpoints_enabled: true"
    lab = nestlab.Lab(nestlab.loads(f"name: lab\nvms: [{{name: web, {image}}}]"), host)
    applied(lab)
    host.wait(120)
    assert len(checkpoints(host)) == 1
    stop(host)
    assert (checkpoints(host), boot_disk(host)) == ([], "vhdx")


def test_they_are_turned_off_in_a_running_vm_and_undo_turns_them_on(client):
    applied(lab_on(client, ", automatic_checkpoints_enabled: true"))
    lab = lab_on(client)
    (step,) = lab.plan().steps
    assert str(step.title) == "Turn off the automatic checkpoints of web"
    applied(lab)
    list(lab.undo())
    assert next(iter(run(client, "Get-VM", Name="web")))["AutomaticCheckpointsEnabled"] is True


def test_the_plan_says_that_the_one_from_before_still_exists(client):
    lab = lab_on(client, ", automatic_checkpoints_enabled: true")
    applied(lab)
    note = "; an earlier automatic checkpoint of it exists, until its guest shuts down or it is removed by hand"
    assert not any(note in item.why for item in lab.plan().unchanged)
    lab = lab_on(client)
    applied(lab)
    plan = lab.plan()
    assert plan.is_empty
    assert [item.subject for item in plan.unchanged if note in item.why] == ["host: VM web"]
    stop(client, TurnOff=SwitchParameter.ON)
    run(client, "Remove-VMSnapshot", VMName="web", Confirm=SwitchParameter.OFF)
    run(client, "Start-VM", Name="web")
    assert not any(note in item.why for item in lab.plan().unchanged)


def test_a_capture_has_them_and_does_not_list_the_one_that_hyper_v_took(client):
    run(
        client,
        "New-VM",
        Name="web",
        MemoryStartupBytes=1 << 30,
        Generation=2,
        NewVHDPath=r"C:\web.vhdx",
        NewVHDSizeBytes=1 << 34,
    )
    run(client, "Start-VM", Name="web")
    found = capture_all(client, only=("web",))
    assert found.topology.vms[0].automatic_checkpoints_enabled
    assert not [loss for loss in found.losses if "checkpoint" in loss]


def test_drift_says_that_they_were_turned_on(client):
    applied(lab_on(client))
    run(client, "Set-VM", Name="web", AutomaticCheckpointsEnabled=True)
    assert "automatic checkpoints" in str(nestlab.drift(nestlab.loads(LAB % ""), client))


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("checkpoint_type: Disabled, checkpoints: [clean]", "checkpoints"),
        ("checkpoint_type: ProductionOnly, version: '5.0'", "6.2"),
    ],
)
def test_a_type_that_is_not_possible_is_one_finding_at_its_line(keys, problem):
    topology = nestlab.loads(LAB % f", {keys}")
    (finding,) = [f for f in nestlab.validate(topology) if "checkpoint" in f.code]
    assert finding.severity == "error"
    assert problem in f"{finding.message} {finding.hint}"
    assert ":4:" in str(finding)


def test_the_type_is_set_and_restored():
    host = nestlab.connect()
    applied(lab_on(host))
    lab = lab_on(host, ", checkpoint_type: Disabled")
    (step,) = lab.plan().steps
    assert str(step.title) == "Set the checkpoint type of web to Disabled"
    applied(lab)
    assert next(iter(run(host, "Get-VM", Name="web")))["CheckpointType"] == "Disabled"
    list(lab.undo())
    assert next(iter(run(host, "Get-VM", Name="web")))["CheckpointType"] == "Production"
