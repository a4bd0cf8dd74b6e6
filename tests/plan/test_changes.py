from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from nestlab.errors import PlanRefused
from nestlab.model import Size
from nestlab.model.state import DhcpScopeState, NatState, NetworkAdapterState, VlanState
from nestlab.model.topology import (
    VM,
    DhcpRange,
    DynamicMemory,
    NetworkAdapter,
    PortForward,
    Route,
    Switch,
    SwitchType,
    Topology,
    Vlan,
)
from nestlab.plan import Hazard, make_plan
from nestlab.plan.vlan_settings import vlan_state_text
from tests.plan.states import host, interface, switch, vm

S = Switch(name="S", switch_type=SwitchType.INTERNAL)


def change(wanted, there, **more):
    return make_plan(Topology(name="lab", vms=(wanted,)), {(): host(vms=(there,), **more)}).steps


def texts(steps):
    return [str(cmdlet) for step in steps for cmdlet in step.cmdlets]


def undo(steps):
    return [str(cmdlet) for step in steps for cmdlet in step.undo]


def one_switch(wanted, *, interfaces=(), **more):
    topology = Topology(name="lab", switches=(wanted,))
    return make_plan(
        topology, {(): host(switches=(switch("S"),), interfaces=interfaces, **more)}
    ).steps


def test_settings_that_need_the_vm_off_stop_it_first_and_start_it_after():
    steps = change(
        VM(name="a", processor_count=4, expose_virtualization_extensions=True),
        vm("a", heartbeat="OkApplicationsUnknown", adapters=()),
    )
    assert texts(steps) == [
        "Get-VM -Id 'id-of-a' | Stop-VM -Force",
        "Get-VM -Id 'id-of-a' | Set-VMProcessor -Count 4",
        "Get-VM -Id 'id-of-a' | Set-VMProcessor -ExposeVirtualizationExtensions $true",
        "Get-VM -Id 'id-of-a' | Start-VM",
    ]
    assert steps[0].hazard is Hazard.STOPS_VM
    assert undo(steps)[1] == "Get-VM -Id 'id-of-a' | Set-VMProcessor -Count 2"


def test_a_vm_without_a_heartbeat_cannot_shut_down_so_its_power_is_cut():
    assert (
        texts(change(VM(name="a", processor_count=4), vm("a", heartbeat="NoContact")))[0]
        == "Get-VM -Id 'id-of-a' | Stop-VM -TurnOff -Force"
    )


def test_a_saved_state_is_dropped_and_marked_as_a_loss():
    steps = change(VM(name="a", processor_count=4), vm("a", "Saved"))
    assert (steps[0].action, steps[0].hazard) == ("remove-saved-state", Hazard.DELETES_DATA)


def test_dynamic_memory_is_set_in_one_call_and_remembers_what_was():
    wanted = VM(
        name="a",
        dynamic_memory=DynamicMemory(minimum=Size.parse("512MB"), maximum=Size.parse("4GB")),
    )
    (step,) = change(wanted, vm("a", "Off"))[:1]
    assert texts([step]) == [
        "Get-VM -Id 'id-of-a' | Set-VMMemory -DynamicMemoryEnabled $true -MinimumBytes 512MB -StartupBytes 1GB -MaximumBytes 4GB"
    ]
    assert undo([step]) == [
        "Get-VM -Id 'id-of-a' | Set-VMMemory -DynamicMemoryEnabled $false -StartupBytes 1GB"
    ]


def test_spoofing_and_connection_change_while_the_vm_runs():
    wanted = VM(name="a", network_adapters=(NetworkAdapter(mac_address_spoofing=True, switch="S"),))
    assert texts(change(wanted, vm("a"))) == [
        "Get-VM -Id 'id-of-a' | Get-VMNetworkAdapter | Where-Object -Property 'Id' -EQ -Value 'a' | Connect-VMNetworkAdapter -SwitchName 'S'",
        "Get-VM -Id 'id-of-a' | Get-VMNetworkAdapter | Where-Object -Property 'Id' -EQ -Value 'a' | Set-VMNetworkAdapter -MacAddressSpoofing 'On'",
    ]


@pytest.mark.parametrize(
    ("vlan", "now", "text"),
    [
        pytest.param(Vlan(access=30), VlanState(), "-Access -VlanId 30", id="access"),
        pytest.param(
            Vlan(trunk=(20, 10), native=1),
            VlanState(),
            "-Trunk -AllowedVlanIdList '10,20' -NativeVlanId 1",
            id="trunk",
        ),
        pytest.param(
            None, VlanState(operation_mode="Access", access_vlan_id=5), "-Untagged", id="untagged"
        ),
    ],
)
def test_vlan_modes_exclude_each_other(vlan, now, text):
    there = vm("a", adapters=(NetworkAdapterState(id="a", name="Network Adapter", vlan=now),))
    (step,) = change(VM(name="a", network_adapters=(NetworkAdapter(vlan=vlan),)), there)
    assert str(step.cmdlets[0]).endswith(text)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        pytest.param(
            VlanState(
                operation_mode="Private",
                private_vlan_mode="Isolated",
                primary_vlan_id=10,
                secondary_vlan_ids=(200,),
            ),
            "-Isolated -PrimaryVlanId 10 -SecondaryVlanId 200",
            id="isolated",
        ),
        pytest.param(
            VlanState(
                operation_mode="Private",
                private_vlan_mode="Promiscuous",
                primary_vlan_id=10,
                secondary_vlan_ids=(range(200, 205),),
            ),
            "-Promiscuous -PrimaryVlanId 10 -SecondaryVlanIdList '200-204'",
            id="promiscuous",
        ),
    ],
)
def test_undo_restores_a_private_vlan(now, text):
    there = vm("a", adapters=(NetworkAdapterState(id="a", name="Network Adapter", vlan=now),))
    steps = change(VM(name="a", network_adapters=(NetworkAdapter(),)), there)
    assert [step.action for step in steps] == ["set-vlan"]
    assert steps[0].why == f"it is {vlan_state_text(now)}"
    assert undo(steps)[0].endswith(text)


def test_teaming_that_the_file_declares_has_the_file_as_its_reason():
    adapter = NetworkAdapterState(id="a", name="Network Adapter")
    wanted = VM(name="a", network_adapters=(NetworkAdapter(allow_teaming=True),))
    (step,) = change(wanted, vm("a", adapters=(adapter,)))
    assert (step.action, step.why) == ("set-teaming", "it is Off, and the topology allows it")


def test_a_mac_address_needs_the_vm_off():
    steps = change(
        VM(name="a", network_adapters=(NetworkAdapter(mac_address="00155DAABBCC"),)), vm("a")
    )
    assert [step.action for step in steps] == ["stop-vm", "set-mac-address", "start-vm"]
    assert undo(steps[1:2])[0].endswith("-DynamicMacAddress")


def test_a_new_vm_names_its_first_adapter_whatever_windows_calls_it_and_adds_the_second():
    wanted = VM(
        name="a",
        network_adapters=(
            NetworkAdapter(name="one", mac_address="00155DAABBCC"),
            NetworkAdapter(name="two"),
        ),
    )
    plan = make_plan(Topology(name="lab", vms=(wanted,)), {(): host()})
    adapters = [
        step.action for step in plan.steps if "adapter" in step.action or "mac" in step.action
    ]
    assert adapters == ["set-mac-address", "add-adapter"]
    (created,) = next(step for step in plan.steps if step.action == "create-vm").cmdlets
    assert str(created).endswith(
        "| Set-VM -Notes 'nestlab:lab' -Passthru | Get-VMNetworkAdapter | Rename-VMNetworkAdapter -NewName 'one' -Passthru"
    )


def test_generation_1_takes_no_adapter_while_it_runs():
    steps = change(
        VM(name="a", generation=1, network_adapters=(NetworkAdapter(),)),
        vm("a", generation=1, adapters=()),
    )
    assert [step.action for step in steps] == ["stop-vm", "add-adapter", "start-vm"]


def test_adapters_that_the_topology_does_not_name_are_removed():
    assert [step.action for step in change(VM(name="a"), vm("a"))] == ["remove-adapter"]


def test_an_address_replaces_the_old_one_and_its_gateway_without_ever_having_two():
    wanted = Switch(
        name="S",
        switch_type=SwitchType.INTERNAL,
        ip_address=IPv4Interface("10.0.1.1/24"),
        gateway=IPv4Address("10.0.1.254"),
    )
    (step,) = one_switch(
        wanted, interfaces=(interface("vEthernet (S)", "10.0.0.1/24", gateway="10.0.0.254"),)
    )
    assert texts([step]) == [
        "Remove-NetIPAddress -InterfaceAlias 'vEthernet (S)' -IPAddress '10.0.0.1' -Confirm:$false",
        "Remove-NetRoute -InterfaceAlias 'vEthernet (S)' -DestinationPrefix '0.0.0.0/0' -NextHop '10.0.0.254' -Confirm:$false",
        "New-NetIPAddress -InterfaceAlias 'vEthernet (S)' -IPAddress '10.0.1.1' -PrefixLength 24 -DefaultGateway '10.0.1.254'",
    ]
    assert undo([step])[-1].endswith(
        "-IPAddress '10.0.0.1' -PrefixLength 24 -DefaultGateway '10.0.0.254'"
    )


def test_a_gateway_alone_is_a_route():
    wanted = Switch(
        name="S",
        switch_type=SwitchType.INTERNAL,
        ip_address=IPv4Interface("10.0.0.1/24"),
        gateway=IPv4Address("10.0.0.254"),
    )
    (step,) = one_switch(wanted, interfaces=(interface("vEthernet (S)", "10.0.0.1/24"),))
    assert texts([step]) == [
        "New-NetRoute -InterfaceAlias 'vEthernet (S)' -DestinationPrefix '0.0.0.0/0' -NextHop '10.0.0.254'"
    ]


def test_an_automatic_metric_becomes_automatic_again():
    wanted = Switch(name="S", switch_type=SwitchType.INTERNAL, interface_metric=20)
    (step,) = one_switch(wanted, interfaces=(interface("vEthernet (S)", interface_metric=20),))
    assert undo([step]) == [
        "Set-NetIPInterface -InterfaceAlias 'vEthernet (S)' -AddressFamily 'IPv4' -AutomaticMetric 'Enabled'"
    ]


def test_an_external_switch_on_the_host_may_cut_the_connection():
    topology = Topology(
        name="lab",
        switches=(Switch(name="U", switch_type=SwitchType.EXTERNAL, net_adapters=("Ethernet",)),),
    )
    (step,) = make_plan(topology, {(): host()}).steps
    assert step.hazard is Hazard.MAY_CUT_CONNECTION


def test_a_nat_with_another_prefix_is_made_again_with_its_forwards():
    nat = NatState(
        name="nestlab.lab.S",
        internal_prefix=IPv4Network("10.0.0.0/24"),
        static_mappings=(("TCP", 80, IPv4Address("10.0.0.9"), 80),),
    )
    forward = PortForward(
        protocol="tcp", external_port=8080, to_address=IPv4Address("10.0.1.9"), to_port=80
    )
    wanted = Switch(
        name="S",
        switch_type=SwitchType.INTERNAL,
        nat=IPv4Network("10.0.1.0/24"),
        port_forwards=(forward,),
    )
    topology = Topology(name="lab", switches=(wanted,))
    state = host(switches=(switch("S"),), nats=(nat,))
    with pytest.raises(PlanRefused, match="forward of tcp port 80"):
        make_plan(topology, {(): state})  # without journals, it may be another user's
    steps = make_plan(topology, {(): state}, disconnect_others=True).steps
    assert [step.action for step in steps] == ["replace-nat", "forward-port"]
    assert "-ExternalPort 80 -InternalIPAddress '10.0.0.9'" in undo(steps[:1])[-1]
    assert undo(steps[1:]) == [
        (
            "Get-NetNatStaticMapping -NatName 'nestlab.lab.S' | Where-Object -Property 'ExternalPort' -EQ -Value 8080 "
            "| Where-Object -Property 'Protocol' -EQ -Value 'TCP' | Remove-NetNatStaticMapping -Confirm:$false"
        )
    ]


def test_a_dhcp_scope_needs_the_role_and_tells_its_router():
    wanted = Switch(
        name="S",
        switch_type=SwitchType.INTERNAL,
        ip_address=IPv4Interface("10.0.0.1/24"),
        dhcp=DhcpRange(first=IPv4Address("10.0.0.100"), last=IPv4Address("10.0.0.200")),
    )
    there = (interface("vEthernet (S)", "10.0.0.1/24"),)
    assert [step.action for step in one_switch(wanted, interfaces=there)] == [
        "install-dhcp",
        "serve-addresses",
    ]
    scope = DhcpScopeState(
        scope_id=IPv4Address("10.0.0.0"),
        name="nestlab.lab.S",
        start_range=IPv4Address("10.0.0.100"),
        end_range=IPv4Address("10.0.0.200"),
    )
    assert (
        one_switch(
            wanted,
            interfaces=there,
            features=frozenset({"Hyper-V", "DHCP", "RSAT-DHCP"}),
            dhcp_scopes=(scope,),
        )
        == ()
    )


def test_routes_and_forwarding_of_the_host():
    own = Switch(name="S", switch_type=SwitchType.INTERNAL, ip_address=IPv4Interface("10.0.0.1/24"))
    wanted = Topology(
        name="lab",
        switches=(own,),
        forwarding=True,
        routes=(Route(to=IPv4Network("10.1.0.0/16"), via=IPv4Address("10.0.0.2")),),
    )
    state = host(switches=(switch("S"),), interfaces=(interface("vEthernet (S)", "10.0.0.1/24"),))
    assert texts(make_plan(wanted, {(): state}).steps) == [
        "Set-NetIPInterface -InterfaceAlias 'vEthernet (S)' -AddressFamily 'IPv4' -Forwarding 'Enabled'",
        "New-NetRoute -DestinationPrefix '10.1.0.0/16' -InterfaceAlias 'vEthernet (S)' -NextHop '10.0.0.2'",
    ]


def test_a_route_over_an_adapter_that_a_switch_takes_away_is_not_set_and_says_so():
    taken = Switch(
        name="U",
        switch_type=SwitchType.EXTERNAL,
        net_adapters=("Ethernet",),
        allow_management_os=False,
    )
    wanted = Topology(
        name="lab",
        switches=(taken,),
        routes=(Route(to=IPv4Network("10.1.0.0/16"), via=IPv4Address("192.0.2.2")),),
    )
    plan = make_plan(wanted, {(): host()})
    assert [step.action for step in plan.steps] == ["create-switch"]
    assert [item.why for item in plan.out_of_reach] == [
        "no adapter of host is on the network of 192.0.2.2"
    ]
    assert all(item.differs for item in plan.out_of_reach), (
        "the host was read, and has no such route"
    )


def test_a_switch_changes_its_type_and_back():
    (step,) = make_plan(
        Topology(name="lab", switches=(S,)), {(): host(switches=(switch("S", "Private"),))}
    ).steps
    assert texts([step]) + undo([step]) == [
        "Get-VMSwitch -Id 'id-of-S' | Set-VMSwitch -SwitchType 'Internal'",
        "Get-VMSwitch -Id 'id-of-S' | Set-VMSwitch -SwitchType 'Private'",
    ]
