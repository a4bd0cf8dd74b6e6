"""Checkpoints of the file: taken last, inside first, once each; undone, captured, exported."""

import pytest

import nestlab
from nestlab.lab import undo_notices
from nestlab.model import Cmdlet, ErrorRecord, SwitchParameter
from tests.lab.interrupted import Counter, Interrupted, PowerCut

LAB = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
switches: [{name: Lab, switch_type: Internal, ip_address: 10.1.0.1/24}]
defaults: {vm: {checkpoints: [clean]}}
vms:
  - {name: web, disk: {size: 20GB}, disks: [{size: 1GB}]}
  - {name: cold, state: Off}
  - name: HV1
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lab, ip_address: 10.1.0.10/24}]
    nested:
      vms:
        - {name: app, disk: {size: 10GB}}
"""
SMALL = """
name: lab
vms:
  - {name: web, disk: {size: 20GB}, checkpoints: [clean]}
"""


def lab_on(host, text=LAB):
    return nestlab.Lab(nestlab.loads(text), host)


def applied(lab, **options):
    results = [*lab.apply(**options)]
    assert [str(result) for result in results if not result.ok] == []
    return [result.step.id for result in results]


def checkpoints(host, vm="*"):
    found = host.run(Cmdlet("Get-VMSnapshot", {"VMName": vm}))
    return sorted((record["VMName"], record["Name"], str(record["State"])) for record in found)


def take(host, vm, name):
    host.run(Cmdlet("Get-VM", {"Name": vm}, Cmdlet("Checkpoint-VM", {"SnapshotName": name})))


def states(host):
    return {record["Name"]: str(record["State"]) for record in host.run(Cmdlet("Get-VM"))}


@pytest.fixture
def host():
    return nestlab.connect()


def test_checkpoints_are_taken_when_all_else_is_done_and_those_inside_first(host):
    lab = lab_on(host)
    plan = lab.plan()
    ids = applied(lab, plan=plan)
    taken = [step for step in ids if "create-checkpoint" in step]
    assert taken == [
        "HV1:create-checkpoint:app",
        "host:create-checkpoint:web",
        "host:create-checkpoint:cold",
        "host:create-checkpoint:HV1",
    ]
    assert [step for step in ids[ids.index(taken[0]) :] if step not in taken] == [
        "HV1:start-vm:app"
    ], "only what stopped with the nested host is started again"
    assert {step.id for step in plan.steps if "create-checkpoint" in step.id} == set(taken[1:])
    assert checkpoints(host) == [(vm, "nestlab.lab.clean", "Off") for vm in ("HV1", "cold", "web")]
    assert lab.plan().is_empty
    assert states(host)["HV1"] == states(host.guest("HV1", "lab-admin"))["app"] == "Running"


def test_a_running_nested_host_is_shut_down_for_its_checkpoint_and_no_other_vm_is(host):
    lab = lab_on(host)
    steps = {step.id: step for step in lab.plan().steps}
    of_host, of_web = (steps[f"host:create-checkpoint:{name}"] for name in ("HV1", "web"))
    names = [cmdlet.last_command.name for cmdlet in of_host.cmdlets]
    assert names == ["Stop-VM", "Checkpoint-VM", "Start-VM"]
    assert str(of_host.hazard) == "restarts-vm"
    assert [cmdlet.last_command.name for cmdlet in of_web.cmdlets] == ["Checkpoint-VM"]
    warnings = [text for result in lab.apply() for text in result.warnings]
    assert [text for text in warnings if "virtual machines of its own" in text] == []


def test_a_checkpoint_of_that_name_alone_is_not_that_of_the_file(host):
    lab = lab_on(host, SMALL)
    applied(lab_on(host, SMALL.replace(", checkpoints: [clean]", "")))
    take(host, "web", "clean")
    assert applied(lab) == ["host:create-checkpoint:web"]
    assert [name for _, name, _ in checkpoints(host)] == ["clean", "nestlab.lab.clean"]
    assert lab.plan().is_empty


def test_only_those_that_are_missing_are_taken(host):
    applied(lab_on(host, SMALL))
    more = lab_on(host, SMALL.replace("[clean]", "[Clean, tested]"))
    (step,) = more.plan().steps
    assert [cmdlet.last_command.parameters for cmdlet in step.cmdlets] == [
        {"SnapshotName": "nestlab.lab.tested"}
    ]


def test_checkpoints_that_cannot_be_read_are_not_taken_twice(host, monkeypatch):
    applied(lab_on(host, SMALL))
    real = type(host).run

    def run(session, *statements, **options):
        outcome = real(session, *statements, **options)
        if any(statement.name == "Get-VMSnapshot" for statement in statements):
            error = ErrorRecord("Access is denied.", "PermissionDenied", "AccessDenied")
            return type(outcome)(errors=(error,))
        return outcome

    monkeypatch.setattr(type(host), "run", run)
    with pytest.raises(nestlab.PlanRefused, match="Get-VMSnapshot could not be read"):
        lab_on(host, SMALL).plan()


def test_a_vm_without_the_mark_gets_none(host):
    applied(lab_on(host, SMALL))
    unmark = Cmdlet("Set-VM", {"Name": "web", "Notes": ""})
    host.run(unmark)
    host.run(Cmdlet("Remove-VMSnapshot", {"VMName": "web", "Confirm": SwitchParameter.OFF}))
    assert lab_on(host, SMALL).plan().steps == ()


def test_drift_says_that_one_is_missing(host):
    applied(lab_on(host, SMALL))
    host.run(Cmdlet("Remove-VMSnapshot", {"VMName": "web", "Confirm": SwitchParameter.OFF}))
    messages = [f.message for f in nestlab.drift(nestlab.loads(SMALL), host) if f.code == "drift"]
    assert any("checkpoint clean" in message for message in messages)


def test_undo_removes_the_checkpoint_and_leaves_those_of_others(host):
    plain = SMALL.replace(", checkpoints: [clean]", "")
    applied(lab_on(host, plain))
    take(host, "web", "mine")
    applied(lab_on(host, SMALL))
    results = [*lab_on(host, SMALL).undo()]
    assert [str(result.status) for result in results] == ["done"]
    assert [name for _, name, _ in checkpoints(host)] == ["mine"]
    assert lab_on(host, plain).plan().is_empty


def test_undo_of_a_checkpoint_that_is_gone_changes_nothing(host):
    applied(lab_on(host, SMALL.replace(", checkpoints: [clean]", "")))
    applied(lab_on(host, SMALL))
    host.run(Cmdlet("Remove-VMSnapshot", {"VMName": "web", "Confirm": SwitchParameter.OFF}))
    assert [result.ok for result in lab_on(host, SMALL).undo()] == [True]


def test_destroy_removes_them_with_the_vm_and_says_which_were_not_its_own(host):
    lab = lab_on(host, SMALL)
    before = {*host.simulated_host.machine.files}
    applied(lab)
    take(host, "web", "mine")
    plan = lab.plan_destroy()
    (remove,) = (step for step in plan.steps if step.action == "remove-vm")
    assert "not this topology's are removed with it: mine" in remove.why
    assert all(result.ok for result in lab.destroy(plan))
    assert {*host.simulated_host.machine.files} == before


def test_a_capture_has_its_own_and_lists_those_of_others_as_a_loss(host):
    applied(lab_on(host, SMALL))
    captured = nestlab.capture(host, of_topology="lab")
    assert captured.vms[0].checkpoints == ("clean",)
    assert nestlab.Lab(captured, host).plan().is_empty
    take(host, "web", "mine")
    captured = nestlab.capture(host, of_topology="lab")
    assert captured.vms[0].checkpoints == ("clean",)
    assert "its checkpoints are not in the file" in nestlab.topology_file.dumps(captured)


@pytest.mark.parametrize("names", ["first", "first, second", "first, second, third"])
def test_a_capture_finds_the_parent_of_a_disk_below_any_number_of_checkpoints(host, names):
    applied(lab_on(host, LAB.replace("[clean]", f"[{names}]")))
    captured = nestlab.capture(host, of_topology="lab")
    disks = {vm.name: (vm.disk.parent, str(vm.disk.size)) for vm in captured.vms if vm.disk}
    assert disks == {"web": (None, "20GB"), "HV1": (r"D:\images\ws2022.vhdx", "None")}
    assert nestlab.Lab(captured, host).plan().is_empty


@pytest.mark.parametrize("how", ["cut before", "cut after", "error before"])
def test_a_run_that_ends_anywhere_is_completed_by_the_next_one(how):
    text = LAB.replace("  - {name: cold, state: Off}\n", "")
    for left in range(1, 100):
        host = nestlab.connect()
        applied(lab_on(host, text.replace("{checkpoints: [clean]}", "{}")))
        counter = Counter(left)
        try:
            results = [*nestlab.Lab(nestlab.loads(text), Interrupted(host, counter, how)).apply()]
        except PowerCut:
            results = []
        applied(lab_on(host, text))
        assert lab_on(host, text).plan().is_empty, left
        assert {name for _, name, _ in checkpoints(host)} == {"nestlab.lab.clean"}
        assert states(host.guest("HV1", "lab-admin"))["app"] == "Running"
        if counter.left > 0:
            assert results
            break
    assert left > 4


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        ("[clean, Clean]", "has the checkpoint clean twice"),
        (f"[{', '.join(f'c{n}' for n in range(51))}]", "has 51 checkpoints; a VM has at most 50"),
        ("['a*']", "must not contain *"),
        ("['']", "must not be empty"),
    ],
)
def test_names_that_are_not_possible_are_one_finding_at_their_line(names, problem):
    with pytest.raises(nestlab.TopologyFileError) as refused:
        nestlab.loads(SMALL.replace("[clean]", names))
    (finding,) = refused.value.findings
    assert problem in finding.message
    assert ":4:" in finding.location


def test_a_role_for_the_lab_may_take_them_and_those_of_others_are_not_in_it(tmp_path):
    nestlab.export_topology(nestlab.loads(SMALL), tmp_path / "role", to="jea")
    (role,) = (tmp_path / "role").rglob("*.psrc")
    text = role.read_text(encoding="utf-8")
    assert "Checkpoint-VM" in text
    assert "VMSnapshot \\(Name = ''(?:nestlab\\.lab\\.clean)'', VMName = ''(?:web)''\\)" in text


REMOVED = "its checkpoints that are not this topology's are removed with it: mine"


@pytest.mark.parametrize("text", [SMALL, SMALL.replace(", checkpoints: [clean]", "")])
@pytest.mark.parametrize("way", ["prune", "recreate", "destroy"])
def test_every_removal_of_a_vm_names_the_checkpoints_of_others(host, text, way):
    applied(lab_on(host, text))
    take(host, "web", "mine")
    plans = {
        "prune": lambda: lab_on(host, "name: lab").plan(prune=True),
        "recreate": lambda: lab_on(host, text.replace("web,", "web, generation: 1,")).plan(
            recreate=["web"]
        ),
        "destroy": lambda: lab_on(host, text).plan_destroy(),
    }
    (remove,) = (step for step in plans[way]().steps if step.action == "remove-vm")
    assert REMOVED in remove.why


@pytest.mark.parametrize("text", [SMALL, SMALL.replace(", checkpoints: [clean]", "")])
def test_the_removal_of_a_vm_does_not_name_its_own_checkpoints(host, text):
    applied(lab_on(host, text))
    (remove,) = (
        step
        for step in lab_on(host, "name: lab").plan(prune=True).steps
        if step.action == "remove-vm"
    )
    assert "checkpoints" not in remove.why


def test_undo_names_the_checkpoints_of_others_before_and_after(host, tmp_path):
    lab = nestlab.Lab(nestlab.loads(SMALL), host, journal=tmp_path / "j.jsonl")
    applied(lab)
    assert undo_notices(host, tmp_path / "j.jsonl") == ()
    take(host, "web", "mine")
    assert undo_notices(host, tmp_path / "j.jsonl") == (f"web: {REMOVED}",)
    warnings = [text for result in lab.undo() for text in result.warnings]
    assert warnings == [REMOVED]
