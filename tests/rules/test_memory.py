"""The memory budget from level to level, and what else would fit."""

from dataclasses import replace

import pytest

import nestlab
from nestlab.model import Size
from nestlab.model.state import Unread
from nestlab.observe import observe
from nestlab.rules.capacity_estimate import capacity_estimate
from nestlab.rules.evidence import gigabytes
from nestlab.rules.host.memory import memory_for_nesting
from nestlab.rules.memory_budget import memory_budget
from nestlab.simulator.scenarios import scenario_names
from tests.rules.states import GB, READY, vm, with_computer, with_hyper_v


def level(path, name, memory, *vms):
    state = with_computer(
        replace(READY, machine=path), name=name, total_physical_memory=Size(memory * GB)
    )
    return with_hyper_v(state, vms=tuple(vm(n, memory_assigned=Size(m * GB)) for n, m in vms))


STATES = {
    (): level((), "HV00", 64, ("HV1", 16), ("HV2", 8), ("off", 0)),
    ("HV1",): level(("HV1",), "WIN-1", 16, ("web1", 4)),
    ("HV1", "web1"): level(("HV1", "web1"), "WIN-2", 4),
}


def test_the_budget_goes_down_the_levels():
    assert str(memory_budget(STATES)).splitlines() == [
        "L0 HV00: 64 GB, 2 GB for its own Windows, 24 GB given to 2 running VMs, 38 GB free",
        "  L1 HV1: 16 GB, 1.2 GB for its own Windows, 4 GB given to 1 running VM, 10.8 GB free",
        "    L2 web1: 4 GB, 1.1 GB for its own Windows, 0 GB given to 0 running VMs, 2.9 GB free",
    ]


def test_one_state_is_a_budget_too():
    assert memory_budget(READY).free == 62 * GB
    assert memory_budget(STATES[("HV1",)]).name == "HV1"


@pytest.mark.parametrize(
    ("memory", "inside", "count", "ok"),
    [(8, 3, 4, True), (8, 4, 4, False), (40, 1, 0, False), (2, 1, 19, False)],
)
def test_how_many_nested_hosts_fit(memory, inside, count, ok):
    answer = capacity_estimate(
        memory_budget(STATES), memory_each=memory * GB, vms_inside=inside, memory_inside=2 * GB
    )
    assert (answer.count, answer.ok) == (count, ok)
    assert answer.free_after >= 0


def test_what_if_speaks_of_memory_alone_and_of_what_is_there():
    host = memory_budget(STATES)
    assert (
        str(capacity_estimate(host, memory_each=8 * GB))
        == "by memory alone, 4 nested hosts with 8 GB fit, leaving 6 GB free; each has room for 6 VMs with 1 GB"
    )
    assert str(capacity_estimate(host, memory_each=30 * GB)).startswith(
        "by memory alone, 1 nested host with 30 GB fits, leaving 8 GB free; it has room for 28 VMs"
    )
    assert (
        str(capacity_estimate(host, memory_each=40 * GB))
        == "by memory alone, no nested host with 40 GB fits: 38 GB are free"
    )


@pytest.mark.parametrize(
    "unread",
    [
        with_computer(total_physical_memory=Size(0)),
        replace(READY, unread=(Unread(what="Get-VM", error="No."),)),
    ],
)
def test_memory_that_could_not_be_read_is_not_counted(unread):
    budget = memory_budget(unread)
    assert "not known" in str(budget)
    answer = capacity_estimate(budget, memory_each=8 * GB)
    assert (answer.count, answer.ok) == (0, False)
    assert "is not known" in str(answer)


def test_more_given_out_than_there_is_leaves_nothing():
    full = level((), "HV00", 8, ("big", 16))
    assert memory_budget(full).free == 0
    assert not capacity_estimate(memory_budget(full), memory_each=8 * GB).ok


@pytest.mark.parametrize("name", scenario_names())
def test_the_report_and_the_budget_have_one_sum(name):
    state = observe(nestlab.connect(f"sim:{name}"))
    (finding,) = memory_for_nesting(state)
    assert finding.message.startswith(f"{gigabytes(memory_budget(state).free)} of memory")
