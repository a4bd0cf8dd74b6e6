"""`Lab.reset`: VMs go back to the checkpoints that an apply took, and nothing else changes."""

import contextlib
import threading

import pytest

import nestlab
from nestlab.errors import Cancelled, PlanRefused, UsageError
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.simulator.faults import Fault
from tests.lab.interrupted import Counter, Interrupted, PowerCut
from tests.lab.test_checkpoints import (
    LAB,
    SMALL,
    applied,
    checkpoints,
    lab_on,
    states,
    take,
)


@pytest.fixture
def host():
    host = nestlab.connect()
    applied(lab_on(host))
    return host


@pytest.fixture
def small():
    host = nestlab.connect()
    applied(lab_on(host, SMALL))
    return host


def inner(host):
    return host.guest("HV1", "lab-admin")


def reset(lab, **options):
    results = [*lab.reset(**options)]
    assert [str(result) for result in results if not result.ok] == []
    return [result.step.id for result in results]


def processors(host, vm):
    (record,) = host.run(Cmdlet("Get-VMProcessor", {"VMName": vm}))
    return record["Count"]


def refusals(lab, **options):
    with pytest.raises(PlanRefused) as refused:
        lab.plan_reset(**options)
    assert {finding.code for finding in refused.value.findings} == {"cannot-reset"}
    return [f"{f.subject}: {f.message}. {f.hint}" for f in refused.value.findings]


def test_vms_go_back_and_those_that_were_on_are_on_again(host):
    lab = lab_on(host)
    host.run(Cmdlet("Stop-VM", {"Name": "web", "TurnOff": SwitchParameter.ON}))
    host.run(Cmdlet("Set-VMProcessor", {"VMName": "web", "Count": 4}))
    inner(host).run(
        Cmdlet("New-VM", {"Name": "later", "NoVHD": SwitchParameter.ON}),
        Cmdlet("Set-VM", {"Name": "later", "Notes": "nestlab:lab"}),
    )
    plan = lab.plan_reset()
    assert [step.id for step in plan.steps] == [
        f"host:reset-vm:{vm}" for vm in ("web", "cold", "HV1")
    ]
    assert {str(step.hazard) for step in plan.steps} == {"deletes-data"}
    assert reset(lab, plan=plan) == [
        *(f"host:reset-vm:{vm}" for vm in ("web", "cold", "HV1")),
        "HV1:start-vm:app",
    ]
    assert processors(host, "web") == 2
    now = states(host)
    assert (now["web"], now["cold"], now["HV1"]) == ("Off", "Off", "Running")
    assert states(inner(host)) == {"app": "Running"}
    assert [step.id for step in lab.plan().steps] == ["host:start-vm:web"]


def test_a_disk_has_again_what_it_had(small):
    lab = lab_on(small, SMALL)
    top = [path for path in small.simulated_host.machine.files if path.endswith(".avhdx")]
    reset(lab)
    again = [path for path in small.simulated_host.machine.files if path.endswith(".avhdx")]
    assert len(top) == len(again) == 1
    assert top != again
    assert lab.plan().is_empty
    reset(lab)  # as often as one likes
    assert lab.plan().is_empty


def test_checkpoints_of_others_are_kept_and_named(small):
    take(small, "web", "mine")
    lab = lab_on(small, SMALL)
    plan = lab.plan_reset()
    assert [item.subject for item in plan.unchanged] == ["checkpoint mine of web"]
    reset(lab, plan=plan)
    assert [name for _, name, _ in checkpoints(small)] == ["mine", "nestlab.lab.clean"]


def test_what_is_inside_goes_back_with_its_host_and_not_by_itself(host):
    lab = lab_on(host)
    assert [step.id for step in lab.plan_reset(vms=["HV1/app", "HV1"]).steps] == [
        "host:reset-vm:HV1"
    ]
    assert reset(lab, vms=["app"]) == ["HV1:reset-vm:app"]
    assert states(inner(host)) == {"app": "Running"}


def test_a_saved_state_of_a_standard_checkpoint_is_resumed():
    host = nestlab.connect()
    lab = lab_on(host, SMALL)
    applied(lab_on(host, SMALL.replace(", checkpoints: [clean]", "")))
    host.run(Cmdlet("Set-VM", {"Name": "web", "CheckpointType": "Standard"}))
    applied(lab)
    assert [state for *_, state in checkpoints(host)] == ["Saved"]
    reset(lab)
    assert states(host)["web"] == "Running"


def test_vms_of_others_inside_need_a_consent(host):
    lab = lab_on(host)
    inner(host).run(Cmdlet("New-VM", {"Name": "theirs", "NoVHD": SwitchParameter.ON}))
    (text,) = refusals(lab)
    assert text.startswith("HV1: a VM inside that is not this topology's would go back with it")
    assert "be lost: theirs." in text
    assert "--delete-others" in text
    plan = lab.plan_reset(delete_others=True)
    reset(lab, plan=plan, delete_others=True)
    assert states(inner(host)) == {"app": "Running"}


def test_a_vm_of_others_that_came_since_the_plan_stops_the_reset_of_its_host(host):
    lab = lab_on(host)
    plan = lab.plan_reset(vms=["HV1"])

    def confirm(_step):
        inner(host).run(Cmdlet("New-VM", {"Name": "theirs", "NoVHD": SwitchParameter.ON}))
        return True

    (result,) = lab.reset(plan, vms=["HV1"], confirm=confirm)
    assert not result.ok
    assert "theirs" in result.message
    assert set(states(inner(host))) == {"app", "theirs"}


def test_the_mark_and_the_checkpoint_are_read_again_right_before(small):
    lab = lab_on(small, SMALL)
    plan = lab.plan_reset()

    def rename(_step):
        new = Cmdlet("Rename-VMSnapshot", {"NewName": "theirs"})
        small.run(Cmdlet("Get-VMSnapshot", {"VMName": "web"}, new))
        return True

    (result,) = lab.reset(plan, confirm=rename)
    assert (result.ok, "is now named theirs" in result.message) == (False, True)
    small.run(
        Cmdlet(
            "Rename-VMSnapshot", {"VMName": "web", "Name": "theirs", "NewName": "nestlab.lab.clean"}
        )
    )
    plan = lab.plan_reset()

    def unmark(_step):
        small.run(Cmdlet("Set-VM", {"Name": "web", "Notes": ""}))
        return True

    (result,) = lab.reset(plan, confirm=unmark)
    assert (result.ok, "does not carry the mark" in result.message) == (False, True)
    assert states(small)["web"] == "Running"


def test_a_checkpoint_that_is_missing_or_not_ours_is_refused_with_the_way_out(small):
    lab = lab_on(small, SMALL)
    small.run(
        Cmdlet(
            "Rename-VMSnapshot", {"VMName": "web", "Name": "nestlab.lab.clean", "NewName": "clean"}
        )
    )
    (text,) = refusals(lab)
    assert "was not taken by nestlab" in text
    assert "rename it to nestlab.lab.clean" in text
    small.run(Cmdlet("Remove-VMSnapshot", {"VMName": "web", "Confirm": SwitchParameter.OFF}))
    (text,) = refusals(lab)
    assert text == (
        "web: it has no checkpoint nestlab.lab.clean. `nestlab apply` takes it, as the VM is then."
    )
    small.run(Cmdlet("Set-VM", {"Name": "web", "Notes": ""}))
    (text,) = refusals(lab)
    assert "does not carry the mark of lab" in text
    small.run(Cmdlet("Stop-VM", {"Name": "web", "TurnOff": SwitchParameter.ON}))
    small.run(Cmdlet("Remove-VM", {"Name": "web", "Force": SwitchParameter.ON}))
    (text,) = refusals(lab)
    assert "there is no such VM" in text


def test_several_checkpoints_of_one_name_are_refused(small):
    take(small, "web", "nestlab.lab.clean")
    (text,) = refusals(lab_on(small, SMALL))
    assert "2 checkpoints nestlab.lab.clean" in text


def test_a_disk_of_others_on_what_is_given_up_is_named(small):
    (drive,) = small.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "web"}))
    new = {
        "Path": r"D:\theirs.vhdx",
        "ParentPath": drive["Path"],
        "Differencing": SwitchParameter.ON,
    }
    small.run(Cmdlet("Stop-VM", {"Name": "web", "TurnOff": SwitchParameter.ON}))
    small.run(Cmdlet("New-VHD", new))
    small.run(Cmdlet("New-VM", {"Name": "theirs", "VHDPath": r"D:\theirs.vhdx", "Generation": 2}))
    (text,) = refusals(lab_on(small, SMALL))
    assert "is the parent of" in text
    assert "theirs" in text


def test_which_vms_and_which_checkpoint_can_be_named():
    text = SMALL + "  - {name: two, checkpoints: [clean, tested]}\n  - {name: none}\n"
    host = nestlab.connect()
    lab = lab_on(host, text)
    applied(lab)
    with pytest.raises(UsageError, match="two has the checkpoints clean and tested") as refused:
        lab.plan_reset()
    assert refused.value.hint == "Name one: --checkpoint clean."
    assert [step.target.name for step in lab.plan_reset(checkpoint="CLEAN").steps] == ["web", "two"]
    assert [step.target.name for step in lab.plan_reset(checkpoint="tested").steps] == ["two"]
    with pytest.raises(UsageError, match="none has no checkpoint in lab"):
        lab.plan_reset(vms=["none"])
    with pytest.raises(UsageError, match="web has no checkpoint tested in lab"):
        lab.plan_reset(vms=["web"], checkpoint="tested")
    with pytest.raises(UsageError, match="lab has no VM nobody"):
        lab.plan_reset(vms=["nobody"])
    with pytest.raises(UsageError, match="No VM of lab has the checkpoint other"):
        lab.plan_reset(checkpoint="other")
    with pytest.raises(UsageError, match="No VM of plain has a checkpoint"):
        nestlab.Lab(nestlab.loads("name: plain\nvms: [{name: a}]"), host).plan_reset()


def test_a_reset_is_no_run_to_undo(small):
    lab = lab_on(small, SMALL)
    reset(lab)
    assert all(result.ok for result in lab.undo())
    assert "web" not in states(small)


def test_ctrl_c_between_two_vms_is_completed_by_the_next_call(host):
    lab, cancel = lab_on(host), threading.Event()
    results = lab.reset(cancel=cancel)
    next(results)
    cancel.set()
    with pytest.raises(Cancelled):
        next(results)
    reset(lab)
    assert lab.plan().is_empty


@pytest.mark.parametrize("how", ["cancel", "close"])
def test_ctrl_c_leaves_no_memory_that_starts_a_vm_that_its_owner_turned_off(host, how):
    lab, cancel = lab_on(host), threading.Event()
    host.run(Cmdlet("Start-VM", {"Name": "cold"}))
    results = lab.reset(vms=["web", "cold"], cancel=cancel)
    next(results)
    if how == "cancel":
        cancel.set()
        with pytest.raises(Cancelled):
            next(results)
    else:
        results.close()
    turn_off(host, "cold")
    turn_off(host, "web")
    assert [step.title for step in lab.plan_reset(vms=["web", "cold"]).steps] == [
        "Restore web to its checkpoint clean",
        "Restore cold to its checkpoint clean",
    ]


@pytest.mark.parametrize("how", ["cut before", "cut after", "error before"])
def test_a_reset_that_ends_anywhere_is_completed_by_the_next_one(how):
    text = LAB.replace("  - {name: cold, state: Off}\n", "")
    for left in range(1, 100):
        host = nestlab.connect()
        applied(lab_on(host, text))
        counter = Counter(left)
        with contextlib.suppress(PowerCut):
            [*nestlab.Lab(nestlab.loads(text), Interrupted(host, counter, how)).reset()]
        reset(lab_on(host, text))
        assert lab_on(host, text).plan().is_empty, left
        assert states(host)["web"] == states(host)["HV1"] == "Running"
        assert states(inner(host)) == {"app": "Running"}
        if counter.left > 0:
            break
    assert left > 6


def failed_reset(host, lab):
    """Reset a lab while the first Restore-VMSnapshot fails."""
    host.simulated_host.inject_faults(Fault("fail", "Restore-VMSnapshot", nth=1))
    results = [*lab.reset()]
    assert not results[-1].ok
    return results[-1].step.id


@pytest.mark.parametrize("between", ["nothing", "apply"])
def test_a_vm_that_a_failed_reset_started_again_is_not_started_by_the_next_one(small, between):
    lab = lab_on(small, SMALL)
    assert failed_reset(small, lab) == "host:reset-vm:web"
    assert states(small)["web"] == "Running"
    if between == "apply":
        applied(lab)
    turn_off(small, "web")
    assert [step.title for step in lab.plan_reset().steps] == [
        "Restore web to its checkpoint clean"
    ]
    reset(lab)
    assert states(small)["web"] == "Off"


def test_a_vm_that_a_failed_reset_left_off_is_started_by_the_next_one(small):
    lab = lab_on(small, SMALL)
    small.simulated_host.inject_faults(Fault("fail", "Start-VM", nth=1))
    failed_reset(small, lab)
    assert states(small)["web"] == "Off"
    reset(lab)
    assert states(small)["web"] == "Running"


def test_a_failed_reset_of_a_nested_host_remembers_what_was_on_inside(host):
    lab = lab_on(host)
    host.simulated_host.inject_faults(Fault("fail", "Restore-VMSnapshot", nth=1))
    assert not all(result.ok for result in lab.reset(vms=["HV1"]))
    assert states(host)["HV1"] == "Running"
    reset(lab, vms=["HV1"])
    assert states(inner(host)) == {"app": "Running"}


def turn_off(host, vm):
    host.run(Cmdlet("Stop-VM", {"Name": vm, "TurnOff": SwitchParameter.ON}))
