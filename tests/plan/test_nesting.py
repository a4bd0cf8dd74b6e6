import pytest

from nestlab.errors import UsageError
from nestlab.model import Size
from nestlab.plan import plan_nesting
from tests.plan.states import host, vm


def texts(there, *, enable=True):
    return [str(cmdlet) for step in plan_nesting(host(vms=(there,)), "a", enable=enable).steps for cmdlet in step.cmdlets]


def test_a_running_vm_with_dynamic_memory_is_stopped_changed_and_started_again():
    there = vm("a", topology=None, heartbeat="OkApplicationsHealthy", dynamic_memory_enabled=True, memory_maximum=Size.parse("8GB"))
    assert texts(there) == [
        "Stop-VM -Name 'a' -Force",
        "Set-VMProcessor -VMName 'a' -ExposeVirtualizationExtensions $true",
        "Set-VMMemory -VMName 'a' -DynamicMemoryEnabled $false -StartupBytes 1GB",
        "Start-VM -Name 'a'",
    ]


def test_undo_has_the_values_of_before():
    there = vm("a", "Off", topology=None, dynamic_memory_enabled=True, memory_minimum=Size.parse("512MB"), memory_maximum=Size.parse("8GB"))
    undo = [str(cmdlet) for step in plan_nesting(host(vms=(there,)), "A", enable=True).steps for cmdlet in step.undo]
    assert undo == [
        "Set-VMProcessor -VMName 'a' -ExposeVirtualizationExtensions $false",
        "Set-VMMemory -VMName 'a' -DynamicMemoryEnabled $true -MinimumBytes 512MB -StartupBytes 1GB -MaximumBytes 8GB",
    ]


def test_hiding_leaves_the_memory_alone():
    assert texts(vm("a", "Off", expose_virtualization_extensions=True), enable=False) == [
        "Set-VMProcessor -VMName 'a' -ExposeVirtualizationExtensions $false"
    ]


def test_what_is_so_already_needs_nothing():
    plan = plan_nesting(host(vms=(vm("a", expose_virtualization_extensions=True),)), "a", enable=True)
    assert plan.complete
    assert plan.unchanged[0].why == "virtualization extensions are exposed already"


@pytest.mark.parametrize(("vms", "message"), [((), "There is no VM a"), ((vm("a"), vm("A")), "2 VMs are named a")])
def test_a_name_must_mean_one_vm(vms, message):
    with pytest.raises(UsageError, match=message):
        plan_nesting(host(vms=vms), "a", enable=True)
