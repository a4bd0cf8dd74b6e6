from ipaddress import IPv4Interface, IPv4Network

from nestlab.model.state import HardDiskState, NatState
from nestlab.model.topology import VM, Disk, Switch, SwitchType, Topology
from nestlab.plan import plan_destroy
from tests.plan.states import host, interface, switch, vm

LAB = Topology(
    name="lab",
    switches=(
        Switch(
            name="S",
            switch_type=SwitchType.INTERNAL,
            ip_address=IPv4Interface("10.0.0.1/24"),
            nat=IPv4Network("10.0.0.0/24"),
        ),
    ),
    vms=(VM(name="a", disk=Disk(parent=r"D:\images\ws2022.vhdx")),),
)


def texts(state):
    return [str(cmdlet) for step in plan_destroy(LAB, {(): state}).steps for cmdlet in step.cmdlets]


def test_everything_marked_goes_in_the_order_in_which_nothing_is_in_use():
    state = host(
        vms=(
            vm("a", hard_disks=(HardDiskState(path=r"D:\VHD\nestlab.lab.a.vhdx"),)),
            vm("b", topology=None),
        ),
        switches=(switch("S"), switch("T", topology="lab-2")),
        nats=(NatState(name="nestlab.lab.S", internal_prefix=IPv4Network("10.0.0.0/24")),),
        interfaces=(interface("vEthernet (S)", "10.0.0.1/24"),),
    )
    assert texts(state) == [
        "Get-VM -Id 'id-of-a' | Stop-VM -TurnOff -Force",
        "Get-VM -Id 'id-of-a' | Remove-VM -Force",
        r"Remove-Item -LiteralPath 'D:\VHD\nestlab.lab.a.vhdx'",
        "Remove-NetNat -Name 'nestlab.lab.S' -Confirm:$false",
        "Remove-NetIPAddress -InterfaceAlias 'vEthernet (S)' -IPAddress '10.0.0.1' -Confirm:$false",
        "Get-VMSwitch -Id 'id-of-S' | Remove-VMSwitch -Force",
    ]


def test_disks_of_others_stay():
    disks = (HardDiskState(path=r"D:\images\ws2022.vhdx"), HardDiskState(path=r"D:\data.vhdx"))
    assert not any(
        "Remove-Item" in text for text in texts(host(vms=(vm("a", "Off", hard_disks=disks),)))
    )


def test_a_disk_left_over_from_a_vm_that_was_never_made_goes_too():
    assert texts(host(disks={r"d:\vhd\nestlab.lab.a.vhdx", r"d:\images\ws2022.vhdx"})) == [
        r"Remove-Item -LiteralPath 'd:\vhd\nestlab.lab.a.vhdx'"
    ]


def test_where_nothing_is_ours_there_is_nothing_to_do_and_it_says_whose_it_is():
    plan = plan_destroy(
        LAB,
        {
            (): host(
                vms=(vm("a", topology=None),),
                nats=(NatState(name="DockerNAT", internal_prefix=IPv4Network("10.0.0.0/24")),),
            )
        },
    )
    assert plan.is_empty
    assert [item.subject for item in plan.unchanged] == ["VM a"]
