"""A plan is stale exactly where planning again gives another plan, and says what changed."""

import dataclasses
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.errors import PlanRefused, StalePlan, UsageError
from nestlab.model import Size
from nestlab.model.state import (
    DhcpScopeState,
    HardDiskState,
    NatState,
    NetworkAdapterState,
    VlanState,
)
from nestlab.plan import Plan, make_plan
from nestlab.plan.host_changes import state_digests
from nestlab.plan.staleness import replanned
from nestlab.topology_file import loads
from tests.plan.states import MAC, guest, host, interface, switch, vm

LAB = loads("""
name: lab
forwarding: true
routes: [{to: 10.9.0.0/16, via: 10.1.0.9}]
switches:
  - {name: S, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24, dhcp: {range: 10.1.0.100-10.1.0.200},
     port_forwards: [{protocol: tcp, external_port: 80, to: '10.1.0.5:80'}]}
  - {name: P, switch_type: Private}
vms:
  - name: HV1
    memory_startup: 8GB
    guest: {os: windows, credential: c}
    disk: {parent: 'D:/base.vhdx'}
    network_adapters: [{switch: S, ip_address: 10.1.0.5/24, gateway: 10.1.0.1, vlan: {access: 5}}]
    nested: {switches: [{name: In, switch_type: Private}], vms: [{name: inner, disk: {size: 1GB}}]}
  - {name: new, memory_startup: 1GB, disk: {size: 1GB}, network_adapters: [{switch: P}]}
""")
DISK = HardDiskState(path=r"D:\VHD\nestlab.lab.HV1.vhdx")
WORDS = [
    "S",
    "P",
    "HV1",
    "new",
    "theirs",
    "nestlab:lab",
    "nestlab.lab.S",
    "Running",
    "Off",
    "Saved",
    "",
    "Ethernet",
    "vEthernet (S)",
    MAC,
]


def before():
    adapter = NetworkAdapterState(
        id="a",
        name="Network Adapter",
        switch_id="id-of-S",
        switch_name="S",
        mac_address=MAC,
        vlan=VlanState(operation_mode="Access", access_vlan_id=5),
    )
    network = IPv4Network("10.1.0.0/24")
    there = host(
        switches=(switch("S"), switch("theirs", topology="")),
        vms=(
            vm(
                "HV1",
                adapters=(adapter,),
                memory_startup=Size.parse("8GB"),
                expose_virtualization_extensions=True,
                hard_disks=(DISK,),
            ),
            vm("theirs", topology=""),
        ),
        interfaces=(
            interface("Ethernet", "192.0.2.10/24", gateway="192.0.2.1"),
            interface("vEthernet (S)", "10.1.0.1/24"),
        ),
        nats=(
            NatState(name="nestlab.lab.S", internal_prefix=network),
            NatState(name="docker", internal_prefix=IPv4Network("172.16.0.0/16")),
        ),
        dhcp_scopes=(
            DhcpScopeState(
                scope_id=network.network_address,
                name="nestlab.lab.S",
                start_range=IPv4Address("10.1.0.100"),
                end_range=IPv4Address("10.1.0.200"),
            ),
        ),
        features=frozenset({"Hyper-V", "DHCP", "RSAT-DHCP"}),
        disks=["d:/base.vhdx"],
    )
    return {(): there, ("HV1",): guest(("HV1",), address="10.1.0.5/24")}


def others(value):
    """Return other values for one that was observed."""
    match value:
        case bool():
            return st.just(not value)
        case Size():
            return st.integers(0, 1 << 36).map(Size)
        case int():
            return st.integers(0, 5000)
        case str():
            return st.sampled_from(WORDS)
        case IPv4Interface():
            return st.sampled_from(["10.1.0.1/24", "10.1.0.9/16", "192.0.2.10/24"]).map(
                IPv4Interface
            )
        case IPv4Network():
            return st.sampled_from(["10.1.0.0/24", "10.0.0.0/8", "0.0.0.0/0"]).map(IPv4Network)
        case IPv4Address():
            return st.sampled_from(["10.1.0.1", "10.1.0.100", "192.0.2.1"]).map(IPv4Address)
        case datetime():
            return st.just(value + timedelta(days=1))
        case _:
            return st.just(value)


@st.composite
def changed(draw, value):
    """Return a value that differs at one place, wherever that is."""
    if dataclasses.is_dataclass(value):
        field = draw(st.sampled_from(dataclasses.fields(value)))
        return dataclasses.replace(value, **{field.name: draw(changed(getattr(value, field.name)))})
    if isinstance(value, frozenset):
        return draw(
            st.sampled_from(
                [
                    value | {"d:/vhd/nestlab.lab.new.vhdx"},
                    *(value - {item} for item in sorted(value)),
                ]
            )
        )
    if isinstance(value, tuple) and value:
        at = draw(st.integers(0, len(value) - 1))
        is_list = len({type(item) for item in value}) == 1  # else a pair, as a route is
        kept = draw(st.sampled_from(["changed", "gone", "twice"] if is_list else ["changed"]))
        middle = {
            "changed": lambda: (draw(changed(value[at])),),
            "gone": tuple,
            "twice": lambda: (value[at], draw(changed(value[at]))),
        }[kept]()
        return value[:at] + middle + value[at + 1 :]
    return draw(others(value))


def anew(states):
    return make_plan(LAB, states)


@given(st.data(), st.booleans())
def test_any_change_leaves_the_plan_equal_or_makes_it_stale(data, from_file):
    states = before()
    plan = anew(states)
    kept = plan
    if from_file:
        kept = dataclasses.replace(plan, states={}, state_digests=state_digests(states))
    path = data.draw(st.sampled_from(list(states)))
    after = {**states, path: data.draw(changed(states[path]))}
    try:
        fresh = anew(after)
    except PlanRefused:
        fresh = None
    if fresh is not None and lasting(fresh) == lasting(plan):
        now, told = replanned(kept, after, anew)
        assert lasting(now) == lasting(plan)
        assert all(isinstance(text, str) for text in told)
    else:
        with pytest.raises(StalePlan) as stale:
            replanned(kept, after, anew)
        assert stale.value.changes


def lasting(plan):
    """What a plan does, without its texts and how far the machines are that are planned later."""
    return dataclasses.replace(
        plan,
        steps=tuple(dataclasses.replace(step, title="", why="") for step in plan.steps),
        deferred=tuple(item.machine for item in plan.deferred),
        unchanged=tuple(item.subject for item in plan.unchanged),
        out_of_reach=tuple(dataclasses.replace(item, why="") for item in plan.out_of_reach),
    )


def test_other_words_for_the_same_steps_do_not_make_a_plan_stale():
    plan = anew(before())
    worded = dataclasses.replace(
        plan,
        steps=tuple(dataclasses.replace(step, title="x", why="y") for step in plan.steps),
        unchanged=tuple(dataclasses.replace(item, why="z") for item in plan.unchanged),
    )
    assert plan.steps
    assert replanned(worded, before(), anew) == (plan, ())


def test_a_machine_that_answers_since_is_planned_when_its_turn_comes():
    plan = anew({(): before()[()]})
    now, told = replanned(plan, before(), anew)
    assert [item.machine for item in now.deferred] == [item.machine for item in plan.deferred]
    assert told == ()


def test_a_machine_that_answers_no_more_makes_its_steps_stale():
    with pytest.raises(StalePlan, match="HV1 does not answer any more"):
        replanned(anew(before()), {(): before()[()]}, anew)


def test_what_others_do_is_told():
    states = before()
    other = dataclasses.replace(
        states[()].hyper_v, vms=(*states[()].hyper_v.vms, vm("web", topology=""))
    )
    _, told = replanned(
        anew(states), {**states, (): dataclasses.replace(states[()], hyper_v=other)}, anew
    )
    assert told == ("host: VM web (id-of-web) is new",)


def test_only_the_changes_that_matter_are_named_where_a_plan_is_stale():
    states = before()
    hyper_v = states[()].hyper_v
    more = (
        *hyper_v.vms,
        *(vm(f"web{number}", topology="") for number in range(20)),
        vm("new", topology=""),
    )
    after = {
        **states,
        (): dataclasses.replace(states[()], hyper_v=dataclasses.replace(hyper_v, vms=more)),
    }
    with pytest.raises(StalePlan) as stale:
        replanned(anew(states), after, anew)
    assert stale.value.changes[0] == "host: VM new (id-of-new) is new"
    assert not any("web" in text for text in stale.value.changes)


def test_whatever_forbids_the_plan_now_makes_it_stale():
    def refuse(_states):
        raise UsageError("There is no VM HV1")

    with pytest.raises(StalePlan, match="There is no VM HV1"):
        replanned(anew(before()), before(), refuse)


def test_a_plan_written_by_hand_stands_on_nothing():
    plan = Plan("lab", "sim:x")
    assert replanned(plan, before(), anew) == (plan, ())
