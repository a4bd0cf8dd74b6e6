"""What the topology owns and does not name any more, and what cannot change in place."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from nestlab.errors import PlanRefused, UsageError
from nestlab.model import Size
from nestlab.model.finding import PlanOption
from nestlab.model.state import (
    DhcpScopeState,
    DiskFileState,
    DiskUseState,
    HardDiskState,
    NatState,
    NetworkAdapterState,
)
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)
from nestlab.plan import Effect, Hazard, make_plan
from tests.plan.states import MAC, guest, host, interface, switch, vm

OWN_DISK = r"D:\VHD\nestlab.lab.a.vhdx"
PARENT = r"D:\images\ws2022.vhdx"


def lab(*vms, switches=()):
    return Topology(name="lab", vms=vms, switches=switches)


def on_disk(state, *files):
    hyper_v = replace(
        state.hyper_v,
        disk_files=files,
        existing_disks=frozenset(file.path.lower() for file in files),
    )
    return replace(state, hyper_v=hyper_v)


def old_vm(name="old"):
    adapter = NetworkAdapterState(
        id="a", name="Network Adapter", switch_name="S", ip_addresses=("10.50.0.12", "fe80::1")
    )
    return vm(
        name,
        adapters=(adapter,),
        hard_disks=(HardDiskState(path=rf"D:\VHD\nestlab.lab.{name}.vhdx"),),
    )


def left(plan):
    return {item.subject: item.holds for item in plan.remainder}


def actions(plan):
    return [step.action for step in plan.steps]


def test_a_vm_that_the_file_no_longer_names_is_listed_with_what_it_holds_and_removed_only_when_asked():
    new = VM(
        name="new",
        guest=Guest(os="linux"),
        network_adapters=(NetworkAdapter(ip_address=IPv4Interface("10.50.0.12/24")),),
    )
    states = {(): host(vms=(old_vm(), vm("theirs", topology=None), vm("other", topology="lab-2")))}
    plan = make_plan(lab(new), states)
    assert left(plan) == {
        "VM old": (
            "is Running",
            "10.50.0.12, which the file gives to new",
            "on switch S",
            r"disk D:\VHD\nestlab.lab.old.vhdx",
        )
    }
    assert "remove-vm" not in actions(plan)
    pruned = make_plan(lab(new), states, prune=True)
    assert pruned.remainder == ()
    assert [(step.action, step.hazard) for step in pruned.steps[:2]] == [
        ("remove-vm", Hazard.DELETES_DATA),
        ("delete-disk", Hazard.DELETES_DATA),
    ]


def test_a_plan_with_a_remainder_does_not_say_that_the_host_is_as_wanted():
    plan = make_plan(lab(), {(): host(vms=(vm("old", "Off"),))})
    assert plan.is_empty
    assert (
        str(plan)
        == "Nothing to do: sim:test matches lab; objects that its file no longer names still exist.\nLeft over: host: VM old"
    )
    assert plan.to_dict()["remainder"] == [{"machine": "host", "subject": "VM old", "holds": []}]
    assert "left over" in plan._repr_html_()


OLD_NETWORK = {
    "switches": (switch("Old"),),
    "nats": (NatState(name="nestlab.lab.Old", internal_prefix=IPv4Network("10.0.0.0/24")),),
    "dhcp_scopes": (
        DhcpScopeState(
            name="nestlab.lab.Old",
            scope_id=IPv4Address("10.0.0.0"),
            start_range=IPv4Address("10.0.0.100"),
            end_range=IPv4Address("10.0.0.200"),
        ),
    ),
}


def old_network(**more):
    state = host(**OLD_NETWORK, **more)
    own = NetworkAdapterState(id="m", name="Old", switch_name="Old", device_id="{D}")
    return replace(
        state,
        hyper_v=replace(state.hyper_v, management_adapters=(own,)),
        ip_interfaces=(*state.ip_interfaces, interface("vEthernet (Old)", "10.0.0.1/24")),
    )


def test_switches_nats_and_scopes_are_left_over_too_and_go_in_the_order_in_which_nothing_is_in_use():
    assert left(make_plan(lab(), {(): old_network()})) == {
        "NAT nestlab.lab.Old": ("10.0.0.0/24",),
        "DHCP scope nestlab.lab.Old": ("10.0.0.100 to 10.0.0.200",),
        "switch Old": ("10.0.0.1/24",),
    }
    plan = make_plan(lab(), {(): old_network()}, prune=True)
    assert actions(plan) == ["remove-nat", "remove-scope", "remove-address", "remove-switch"]


def test_what_is_left_over_in_the_way_refuses_the_plan_and_prune_is_the_way_out():
    new = Switch(
        name="New",
        switch_type=SwitchType.INTERNAL,
        ip_address=IPv4Interface("10.0.0.1/24"),
        nat=IPv4Network("10.0.0.0/24"),
    )
    with pytest.raises(PlanRefused, match="switch Old of host has") as refused:
        make_plan(lab(switches=(new,)), {(): old_network()})
    assert {finding.code for finding in refused.value.findings} == {"remainder-conflict"}
    assert "--prune" in refused.value.findings[0].hint
    assert refused.value.findings[0].plan_option is PlanOption.PRUNE
    plan = make_plan(lab(switches=(new,)), {(): old_network()}, prune=True)
    assert actions(plan) == [
        "remove-nat",
        "remove-scope",
        "remove-address",
        "create-switch",
        "set-address",
        "create-nat",
        "remove-switch",
    ]


def nested_host():
    there = {
        "memory_startup": Size.parse("8GB"),
        "expose_virtualization_extensions": True,
        "network_adapters": (),
    }
    return vm("HV1", **there, adapters=())


def test_inside_a_nested_host_the_same_holds_even_where_the_file_makes_it_no_nested_host_any_more():
    wanted = VM(
        name="HV1",
        memory_startup=Size.parse("8GB"),
        guest=Guest(os="windows", credential="c"),
        nested=Nested(),
    )
    states = {
        (): host(vms=(nested_host(),)),
        ("HV1",): guest(role=True, vms=(vm("web1"),), mac=MAC),
    }
    assert [(item.machine, item.subject) for item in make_plan(lab(wanted), states).remainder] == [
        (("HV1",), "VM web1")
    ]
    plain = replace(wanted, nested=None, expose_virtualization_extensions=True)
    plan = make_plan(lab(plain), states)
    assert [(item.machine, item.subject) for item in plan.remainder] == [(("HV1",), "VM web1")]
    assert "HV1: Hyper-V role" in {item.subject for item in plan.unchanged}
    assert [
        (step.machine, step.action) for step in make_plan(lab(plain), states, prune=True).steps
    ] == [(("HV1",), "remove-vm")]


@pytest.mark.parametrize(
    ("wanted", "there", "files", "said"),
    [
        pytest.param(
            VM(name="a", generation=1),
            {},
            (),
            "generation cannot change from 2 to 1",
            id="generation",
        ),
        pytest.param(
            VM(name="a", version="8.0"),
            {"version": "9.0"},
            (),
            "configuration version cannot change from 9.0 to 8.0",
            id="version",
        ),
        pytest.param(
            VM(name="a", disk=Disk(parent=r"D:\images\ws2025.vhdx")),
            {"hard_disks": (HardDiskState(path=OWN_DISK),)},
            (DiskFileState(path=OWN_DISK, parent=PARENT),),
            rf"disk parent cannot change: {OWN_DISK} has the parent {PARENT}",
            id="disk parent",
        ),
        pytest.param(
            VM(name="a", disk=Disk(size=Size.parse("10GB"))),
            {"hard_disks": (HardDiskState(path=OWN_DISK),)},
            (DiskFileState(path=OWN_DISK, size=Size.parse("20GB")),),
            "disk size cannot shrink from 20GB to 10GB",
            id="smaller disk",
        ),
        pytest.param(
            VM(name="a", disk=Disk(parent=PARENT)),
            {"hard_disks": (HardDiskState(path=OWN_DISK),)},
            (DiskFileState(path=OWN_DISK, size=Size.parse("20GB")),),
            "has no parent",
            id="from empty to parent",
        ),
    ],
)
def test_what_cannot_change_in_place_is_refused_with_the_way_out_and_made_anew_where_it_is_asked_for(
    wanted, there, files, said
):
    states = {(): on_disk(host(vms=(vm("a", adapters=(), **there),)), *files)}
    with pytest.raises(PlanRefused) as refused:
        make_plan(lab(wanted), states)
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("cannot-change", "a")
    assert said in finding.message
    assert "--recreate a" in finding.hint
    assert finding.plan_option is PlanOption.RECREATE
    plan = make_plan(lab(wanted), states, recreate=["A"])
    assert actions(plan)[0] == "remove-vm"
    assert said in plan.steps[0].why
    deletes = any(cmdlet.name == "Remove-Item" for cmdlet in plan.steps[0].cmdlets)
    assert deletes == ("create-disk" in actions(plan)) == bool(files)
    assert {step.effect for step in plan.steps} == {Effect.RECREATE}


def test_recreate_removes_no_vm_whose_disk_others_stand_on():
    there = on_disk(
        host(vms=(vm("a", adapters=(), hard_disks=(HardDiskState(path=OWN_DISK),)),)),
        DiskFileState(path=OWN_DISK, size=Size.parse("20GB")),
    )
    uses = (
        DiskUseState(path=OWN_DISK, vm_id="id-of-a", vm_name="a"),
        DiskUseState(
            path=r"D:\VHD\theirs.vhdx", vm_id="id-of-theirs", vm_name="theirs", parents=(OWN_DISK,)
        ),
    )
    states = {(): replace(there, hyper_v=replace(there.hyper_v, disk_uses=uses))}
    wanted = lab(VM(name="a", disk=Disk(size=Size.parse("10GB"))))
    with pytest.raises(PlanRefused) as refused:
        make_plan(wanted, states, recreate=["a"])
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("cannot-recreate", "a")
    assert "of VM theirs" in finding.message


def test_recreate_changes_nothing_where_everything_can_change_in_place():
    states = {(): host(vms=(vm("a", adapters=()),))}
    assert make_plan(lab(VM(name="a")), states, recreate=["a"]).is_empty


def test_recreate_removes_no_vm_of_others_whose_guest_does_not_answer():
    guest = Guest(os="windows", credential="c")
    states = {(): host(vms=(vm("a", adapters=(), notes="theirs"),))}
    with pytest.raises(PlanRefused) as refused:
        make_plan(lab(VM(name="a", guest=guest)), states, recreate=["a"])
    assert "cannot-recreate" not in {finding.code for finding in refused.value.findings}
    ours = {(): host(vms=(vm("a", adapters=()),))}
    plan = make_plan(lab(VM(name="a", guest=guest)), ours, recreate=["a"])
    assert actions(plan)[0] == "remove-vm"
    assert plan.recreate_ids == ("id-of-a",)


@pytest.mark.parametrize(
    ("word", "said"), [("nope", "lab has no VM nope"), ("web", "web is the name of 2 VMs of lab")]
)
def test_recreate_of_a_vm_that_is_not_in_the_file(word, said):
    topology = lab(*(VM(name=name, nested=Nested(vms=(VM(name="web"),))) for name in ("A", "B")))
    with pytest.raises(UsageError, match=said):
        make_plan(topology, {(): host()}, recreate=[word])


def test_a_version_rises_in_place_to_the_default_of_the_host_and_has_no_way_back():
    state = host(vms=(vm("a", adapters=(), version="9.0"),))
    state = replace(
        state,
        hyper_v=replace(
            state.hyper_v, vm_host=replace(state.hyper_v.vm_host, default_version="10.0")
        ),
    )
    plan = make_plan(lab(VM(name="a", version="10.0")), {(): state})
    assert [
        (step.action, step.effect, step.undo)
        for step in plan.steps
        if step.action == "upgrade-version"
    ] == [("upgrade-version", Effect.RESTART, ())]


def test_an_empty_disk_grows_in_place():
    own = (HardDiskState(path=OWN_DISK),)
    states = {
        (): on_disk(
            host(vms=(vm("a", adapters=(), hard_disks=own),)),
            DiskFileState(path=OWN_DISK, size=Size.parse("20GB")),
        )
    }
    (step,) = make_plan(lab(VM(name="a", disk=Disk(size=Size.parse("40GB")))), states).steps
    assert str(step.cmdlets[0]) == rf"Resize-VHD -Path '{OWN_DISK}' -SizeBytes 40GB"
    assert step.effect is Effect.LIVE


def test_a_disk_that_the_file_no_longer_names_is_taken_off_and_its_file_is_left_over():
    states = {(): host(vms=(vm("a", adapters=(), hard_disks=(HardDiskState(path=OWN_DISK),)),))}
    assert actions(make_plan(lab(VM(name="a")), states)) == ["stop-vm", "detach-disk", "start-vm"]
    after = {(): on_disk(host(vms=(vm("a", adapters=()),)), DiskFileState(path=OWN_DISK))}
    assert left(make_plan(lab(VM(name="a")), after)) == {f"disk {OWN_DISK}": ()}
    assert actions(make_plan(lab(VM(name="a")), after, prune=True)) == ["delete-disk"]


def test_another_disk_takes_the_place_of_the_one_that_is_there():
    states = {
        (): host(vms=(vm("a", adapters=(), hard_disks=(HardDiskState(path=r"D:\one.vhdx"),)),))
    }
    plan = make_plan(lab(VM(name="a", disk=Disk(path=r"D:\two.vhdx"))), states)
    assert actions(plan) == ["stop-vm", "replace-disk", "start-vm"]
    assert str(plan.steps[1].undo[0]).endswith(r"-Path 'D:\one.vhdx'")


def test_a_checkpoint_on_top_of_the_disk_is_the_disk():
    top = r"D:\VHD\nestlab.lab.a_6F0D3A52-2C19-5D55-9A63-6E6573746C61.avhdx"
    there = vm("a", adapters=(), hard_disks=(HardDiskState(path=top),))
    states = {(): on_disk(host(vms=(there,)), DiskFileState(path=OWN_DISK, parent=PARENT))}
    assert make_plan(lab(VM(name="a", disk=Disk(parent=PARENT))), states).is_empty
