from dataclasses import replace

import pytest

from nestlab.errors import UsageError
from nestlab.model import Size
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.nesting_steps import plan_nesting
from tests.plan.states import host, vm


def texts(there, *, enable=True):
    return [
        str(cmdlet)
        for step in plan_nesting(host(vms=(there,)), "a", enable=enable).steps
        for cmdlet in step.cmdlets
    ]


def test_a_running_vm_with_dynamic_memory_is_stopped_changed_and_started_again():
    there = vm(
        "a",
        topology=None,
        heartbeat="OkApplicationsHealthy",
        dynamic_memory_enabled=True,
        memory_maximum=Size.parse("8GB"),
    )
    assert texts(there) == [
        "Get-VM -Id 'id-of-a' | Stop-VM",
        "Get-VM -Id 'id-of-a' | Set-VMProcessor -ExposeVirtualizationExtensions $true",
        "Get-VM -Id 'id-of-a' | Set-VMMemory -DynamicMemoryEnabled $false -StartupBytes 1GB",
        "Get-VM -Id 'id-of-a' | Start-VM",
    ]


def test_undo_has_the_values_of_before():
    there = vm(
        "a",
        "Off",
        topology=None,
        dynamic_memory_enabled=True,
        memory_minimum=Size.parse("512MB"),
        memory_maximum=Size.parse("8GB"),
    )
    undo = [
        str(cmdlet)
        for step in plan_nesting(host(vms=(there,)), "A", enable=True).steps
        for cmdlet in step.undo
    ]
    assert undo == [
        "Get-VM -Id 'id-of-a' | Set-VMProcessor -ExposeVirtualizationExtensions $false",
        "Get-VM -Id 'id-of-a' | Set-VMMemory -DynamicMemoryEnabled $true -MinimumBytes 512MB -StartupBytes 1GB -MaximumBytes 8GB",
    ]


def test_hiding_leaves_the_memory_alone():
    assert texts(vm("a", "Off", expose_virtualization_extensions=True), enable=False) == [
        "Get-VM -Id 'id-of-a' | Set-VMProcessor -ExposeVirtualizationExtensions $false"
    ]


def test_what_is_so_already_needs_nothing():
    plan = plan_nesting(
        host(vms=(vm("a", expose_virtualization_extensions=True),)), "a", enable=True
    )
    assert plan.is_empty
    assert plan.unchanged[0].why == "virtualization extensions are exposed already"


@pytest.mark.parametrize(
    ("vms", "message"), [((), "VM a was not found"), ((vm("a"), vm("A")), "2 VMs are named a")]
)
def test_a_name_must_mean_one_vm(vms, message):
    with pytest.raises(UsageError, match=message):
        plan_nesting(host(vms=vms), "a", enable=True)


def actions(there, *, enable=True, previous=None, **options):
    asked = NestingOptions(enable=enable, **options)
    return [
        step.action
        for step in plan_nesting(
            host(vms=(there,)), "a", options=asked, previous={"a": previous} if previous else None
        ).steps
    ]


def test_a_saved_state_is_dropped_only_when_agreed():
    with pytest.raises(UsageError, match="a is saved"):
        plan_nesting(host(vms=(vm("a", "Saved"),)), "a", enable=True)
    plan = plan_nesting(
        host(vms=(vm("a", "Saved"),)), "a", options=NestingOptions(discard_saved_state=True)
    )
    assert [(step.action, str(step.hazard)) for step in plan.steps] == [
        ("remove-saved-state", "deletes-data"),
        ("expose-extensions", "none"),
    ]


def test_a_paused_vm_goes_on_shuts_down_and_is_paused_again():
    assert actions(vm("a", "Paused")) == [
        "resume-vm",
        "shut-down-vm",
        "expose-extensions",
        "start-vm",
        "suspend-vm",
    ]


def test_nothing_is_turned_off_unless_agreed():
    plan = plan_nesting(host(vms=(vm("a"),)), "a", options=NestingOptions(turn_off_now=("A",)))
    assert [str(step.hazard) for step in plan.steps[:1]] == ["deletes-data"]
    assert actions(vm("a")) == ["shut-down-vm", "expose-extensions", "start-vm"]


def test_a_changing_power_state_is_waited_for():
    with pytest.raises(UsageError, match="a is Saving"):
        plan_nesting(host(vms=(vm("a", "Saving"),)), "a", enable=True)


def test_memory_of_a_running_nested_host_takes_a_power_cycle():
    there = vm("a", expose_virtualization_extensions=True)
    assert actions(there, memory_startup=Size.parse("8GB")) == [
        "shut-down-vm",
        "set-memory",
        "start-vm",
    ]


def test_processors_come_before_extensions():
    assert actions(vm("a", "Off"), processor_count=4) == [
        "set-processor-count",
        "expose-extensions",
    ]


def test_new_builds_get_the_count_with_the_flag():
    state = host(vms=(vm("a", "Off"),))
    recent = replace(state, computer=replace(state.computer, build=26100))
    (step,) = plan_nesting(recent, "a", enable=True).steps
    assert (
        str(step.cmdlets[0])
        == f"Get-VM -Id 'id-of-a' | Set-VMProcessor -Count {vm('a').processor_count} -ExposeVirtualizationExtensions $true"
    )


def test_disabling_brings_back_only_what_nobody_changed_since():
    remembered = PreviousState(
        memory={
            "DynamicMemoryEnabled": True,
            "MinimumBytes": Size.parse("512MB"),
            "StartupBytes": Size.parse("1GB"),
            "MaximumBytes": Size.parse("4GB"),
        },
        memory_set={"DynamicMemoryEnabled": False, "StartupBytes": Size.parse("1GB")},
    )
    there = vm("a", "Off", expose_virtualization_extensions=True)
    assert actions(there, enable=False, previous=remembered) == [
        "hide-extensions",
        "restore-memory",
    ]
    changed = vm(
        "a", "Off", expose_virtualization_extensions=True, memory_startup=Size.parse("16GB")
    )
    assert actions(changed, enable=False, previous=remembered) == ["hide-extensions"]


def test_an_interrupted_run_still_owes_the_power_state():
    there = vm("a", "Off", expose_virtualization_extensions=True)
    assert actions(there, previous=PreviousState(state="Running")) == ["start-vm"]
    assert actions(there, previous=PreviousState(state="Paused")) == ["start-vm", "suspend-vm"]


def test_several_vms_make_one_plan():
    plan = plan_nesting(host(vms=(vm("a", "Off"), vm("b", "Off"))), ["b", "a", "b"], enable=True)
    assert [step.id for step in plan.steps] == [
        "host:expose-extensions:b",
        "host:expose-extensions:a",
    ]
    assert (plan.kind, plan.subject, plan.title) == ("nesting", "b, a", "nesting of b, a")


def test_a_name_is_no_pattern():
    with pytest.raises(UsageError, match="wildcard"):
        plan_nesting(host(vms=(vm("a*"),)), "a*", enable=True)


def test_where_hyper_v_does_not_answer_it_says_so():
    with pytest.raises(UsageError, match="Hyper-V does not answer") as refused:
        plan_nesting(replace(host(), hyper_v=None), "a", enable=True)
    assert "nestlab check" in refused.value.hint


def test_too_little_memory_is_said_with_the_way_to_give_more():
    (note,) = plan_nesting(
        host(vms=(vm("a", "Off", memory_startup=Size.parse("2GB")),)), "a", enable=True
    ).unchanged
    assert "--memory 4GB" in note.why


def test_hiding_says_what_it_does_to_the_vms_inside():
    (step,) = plan_nesting(
        host(vms=(vm("a", "Off", topology=None, expose_virtualization_extensions=True),)),
        "a",
        enable=False,
    ).steps
    assert step.why == "they are exposed, which is not wanted; without them no VM inside can start"
