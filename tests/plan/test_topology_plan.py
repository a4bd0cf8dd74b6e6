from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface

import pytest

from nestlab.errors import PlanRefused
from nestlab.model import Size
from nestlab.model.state import ComputerState, NetAdapterState, NetworkAdapterState
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    VMState,
)
from nestlab.plan import make_plan
from tests.plan.states import BOOTED, MAC, guest, host, interface, switch, vm

WINDOWS = Guest(os="windows", credential="lab-admin")
ADAPTER = NetworkAdapter(ip_address=IPv4Interface("10.0.0.11/24"), gateway=IPv4Address("10.0.0.1"))


def lab(*vms, switches=()):
    return Topology(name="lab", vms=vms, switches=switches)


def nested(*switches, vms=(), **more):
    data = {"guest": WINDOWS, "memory_startup": Size.parse("8GB"), "network_adapters": (ADAPTER,)}
    return VM(name="HV1", nested=Nested(switches=switches, vms=vms), **{**data, **more})


def running(**more):
    return vm(
        "HV1", memory_startup=Size.parse("8GB"), expose_virtualization_extensions=True, **more
    )


def ids(plan):
    return [step.id for step in plan.steps]


def deferred(plan):
    return {"/".join(item.machine): item.why for item in plan.deferred}


def test_what_is_there_needs_no_step_and_says_why():
    plan = make_plan(lab(VM(name="a")), {(): host(vms=(vm("a", adapters=()),))})
    assert plan.is_empty
    assert [item.why for item in plan.unchanged] == [
        "it has the mark nestlab:lab, is Running, and nothing differs"
    ]


def test_a_vm_of_somebody_else_is_never_changed():
    with pytest.raises(PlanRefused, match=r"error: host: VM a\b"):
        make_plan(lab(VM(name="a", processor_count=4)), {(): host(vms=(vm("A", topology=None),))})


def test_a_switch_of_another_topology_is_never_changed():
    with pytest.raises(PlanRefused, match="switch S exists on host"):
        make_plan(
            lab(switches=(Switch(name="S", switch_type=SwitchType.PRIVATE),)),
            {(): host(switches=(switch("S", topology="lab-2"),))},
        )


def test_without_hyper_v_on_the_host_there_is_no_plan():
    with pytest.raises(PlanRefused, match="hyper-v-missing"):
        make_plan(lab(), {(): replace(host(), hyper_v=None)})


def test_the_inside_of_a_new_vm_is_deferred_with_all_that_is_in_it():
    plan = make_plan(lab(nested(vms=(VM(name="web1"),))), {(): host()})
    assert deferred(plan) == {
        "HV1": "HV1 has to be created and started before its Windows can be set up",
        "HV1/web1": "HV1/web1 needs HV1 first",
    }


def test_a_guest_that_answers_gets_its_addresses_by_mac_address_then_the_role_then_a_restart():
    plan = make_plan(
        lab(nested(vms=(VM(name="web1"),))), {(): host(vms=(running(),)), ("HV1",): guest()}
    )
    assert ids(plan) == [
        "HV1:set-address:Network Adapter",
        "HV1:install-hyper-v:Hyper-V",
        "HV1:restart:HV1",
    ]
    assert (
        "-InterfaceAlias 'Ethernet 2' -IPAddress '10.0.0.11' -PrefixLength 24 -DefaultGateway '10.0.0.1'"
        in str(plan.steps[0].cmdlets[-1])
    )
    assert plan.deferred[0].booted_at == BOOTED
    assert deferred(plan)["HV1/web1"] == "HV1/web1 needs HV1 first"


def test_a_role_that_waits_for_its_restart_is_not_installed_again():
    inside = replace(guest(address="10.0.0.11/24"), pending_features=frozenset({"Hyper-V"}))
    plan = make_plan(
        lab(nested(network_adapters=())), {(): host(vms=(running(adapters=()),)), ("HV1",): inside}
    )
    assert ids(plan) == ["HV1:restart:HV1"]


def test_a_windows_client_gets_the_optional_feature():
    inside = replace(guest(), computer=ComputerState(name="HV1", product_type=1))
    plan = make_plan(
        lab(nested(network_adapters=())), {(): host(vms=(running(adapters=()),)), ("HV1",): inside}
    )
    assert (
        str(plan.steps[0].cmdlets[0])
        == "Enable-WindowsOptionalFeature -Online -FeatureName 'Microsoft-Hyper-V' -All -NoRestart"
    )


def test_a_nested_host_that_answers_gets_its_own_switches_and_vms():
    topology = lab(
        nested(Switch(name="Inner", switch_type=SwitchType.PRIVATE), vms=(VM(name="web1"),))
    )
    inside = guest(
        role=True,
        address="10.0.0.11/24",
        interfaces=(interface("Ethernet 2", "10.0.0.11/24", gateway="10.0.0.1"),),
    )
    plan = make_plan(topology, {(): host(vms=(running(),)), ("HV1",): inside})
    assert ids(plan)[:2] == ["HV1:create-switch:Inner", "HV1:create-vm:web1"]
    assert {step.machine for step in plan.steps} == {("HV1",)}


def test_an_external_switch_in_a_guest_takes_the_windows_name_of_the_adapter():
    topology = lab(
        nested(
            Switch(
                name="Bridge", switch_type=SwitchType.EXTERNAL, net_adapters=("Network Adapter",)
            )
        )
    )
    plan = make_plan(topology, {(): host(vms=(running(),)), ("HV1",): guest(role=True)})
    assert ids(plan) == ["HV1:set-address:Network Adapter", "HV1:create-switch:Bridge"]
    assert "-NetAdapterName 'Ethernet 2' -AllowManagementOS $true" in str(plan.steps[1].cmdlets[0])


def test_once_the_switch_has_the_adapter_the_address_is_looked_for_on_the_switch():
    topology = lab(
        nested(
            Switch(
                name="Bridge", switch_type=SwitchType.EXTERNAL, net_adapters=("Network Adapter",)
            )
        )
    )
    below = guest().net_adapters[0]
    own = NetAdapterState(
        name="vEthernet (Bridge)",
        interface_description="Hyper-V Virtual Ethernet Adapter",
        mac_address=below.mac_address,
    )
    inside = guest(
        role=True,
        switches=(
            switch(
                "Bridge",
                "External",
                allow_management_os=True,
                net_adapter_interface_descriptions=(below.interface_description,),
            ),
        ),
        adapters=(own, below),
        interfaces=(interface("vEthernet (Bridge)", "10.0.0.11/24", gateway="10.0.0.1"),),
    )
    assert make_plan(topology, {(): host(vms=(running(),)), ("HV1",): inside}).is_empty


def test_a_guest_whose_vm_is_switched_off_for_a_change_is_not_touched_in_the_same_wave():
    plan = make_plan(
        lab(nested()), {(): host(vms=(replace(running(), processor_count=8),)), ("HV1",): guest()}
    )
    assert ids(plan) == ["host:stop-vm:HV1", "host:set-processor-count:HV1", "host:start-vm:HV1"]
    assert plan.deferred[0].booted_at == BOOTED


@pytest.mark.parametrize(
    ("inside", "why"),
    [
        pytest.param(
            Guest(os="linux"), "PowerShell Direct does not support linux guests", id="linux"
        ),
        pytest.param(Guest(), "the file names no guest.os", id="none"),
        pytest.param(Guest(os="windows"), "its guest names no credential", id="no-credential"),
    ],
)
def test_guests_that_cannot_be_set_up_are_left_alone_and_it_says_with_which_values(inside, why):
    plan = make_plan(
        lab(VM(name="a", guest=inside, network_adapters=(ADAPTER,))), {(): host(vms=(vm("a"),))}
    )
    assert plan.is_empty
    assert (
        plan.nothing_to_do_text
        == "Nothing to do: everything that nestlab can reach on sim:test matches lab."
    )
    (left,) = plan.out_of_reach
    assert left.why.startswith(why)
    assert left.values == ("Network Adapter: 10.0.0.11/24, gateway 10.0.0.1",)


def test_a_vm_that_is_to_be_off_is_made_and_not_started():
    plan = make_plan(lab(VM(name="a", state=VMState.OFF, guest=WINDOWS)), {(): host()})
    assert "host:start-vm:a" not in ids(plan)
    assert not plan.deferred


def test_steps_need_only_what_is_in_the_plan():
    one = VM(
        name="a", disk=Disk(size=Size.parse("40GB")), network_adapters=(NetworkAdapter(switch="S"),)
    )
    made = make_plan(
        lab(one, switches=(Switch(name="S", switch_type=SwitchType.PRIVATE),)), {(): host()}
    )
    assert next(step for step in made.steps if step.action == "create-vm").needs == (
        "host:create-disk:a",
        "host:create-switch:S",
    )
    there = make_plan(lab(one), {(): host(disks={r"d:\vhd\nestlab.lab.a.vhdx"})})
    assert next(step for step in there.steps if step.action == "create-vm").needs == ()


def test_the_same_states_give_the_same_plan():
    topology = lab(nested(vms=(VM(name="web1"),)))
    states = {
        (): host(
            vms=(
                running(
                    adapters=(NetworkAdapterState(id="a", name="Network Adapter", mac_address=MAC),)
                ),
            )
        ),
        ("HV1",): guest(),
    }
    assert make_plan(topology, states) == make_plan(topology, states)
