"""The acts of nested virtualization in the designer: nested hosts, bridges, NATs, addresses."""

import pytest

from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.edits import edit
from nestlab.notebook.designer.parts import EditRefused
from nestlab.reachability import trace
from nestlab.rules import validate
from nestlab.topology_file import dumps, loads


def after(text: str, *intents: Intent) -> Draft:
    draft = Draft(loads(text))
    for intent in intents:
        draft = edit(draft, intent)
    assert loads(dumps(draft.topology)) == draft.topology
    return draft


def vm(draft: Draft, path: str) -> VM:
    found = draft.topology.machine(tuple(path.split("/")))
    assert isinstance(found, VM)
    return found


def adapter(draft: Draft, path: str, index: int = 0) -> NetworkAdapter:
    return vm(draft, path).network_adapters[index]


def address(draft: Draft, path: str, index: int = 0) -> str:
    return str(adapter(draft, path, index).ip_address)


def switch(draft: Draft, name: str, *path: str) -> Switch:
    return next(s for s in draft.topology.machine(path).switches if s.name == name)


def reaches_internet(topology: Topology, source: str) -> bool:
    return trace(topology, source, "internet").reachable


NOTHING = "name: lab\n"
PLAIN = "name: lab\nvms: [{name: a, dynamic_memory: {minimum: 1GB, maximum: 2GB}}]\n"
TWO_LEVELS: list[Intent] = [
    {"do": "nat", "id": "host"},
    {"do": "add-vm", "into": "host"},
    {"do": "add-vm-inside", "id": "vm1"},
]


def test_a_vm_becomes_a_nested_host_with_what_goes_with_it() -> None:
    draft = after(PLAIN, {"do": "nest", "id": "a"})
    nested = vm(draft, "a")
    assert (nested.nested is not None, nested.exposes_extensions) == (True, True)
    assert (nested.guest.os, str(nested.memory_startup), nested.processor_count) == (
        "windows",
        "8GB",
        4,
    )
    assert nested.dynamic_memory is None
    assert draft.message == (
        "a is a nested host now: extensions exposed, 8GB of memory, 4 processors."
    )


def test_a_vm_that_has_more_keeps_its_memory_and_processors() -> None:
    large = "name: lab\nvms: [{name: a, memory_startup: 32GB, processor_count: 16}]\n"
    nested = vm(after(large, {"do": "nest", "id": "a"}), "a")
    assert (str(nested.memory_startup), nested.processor_count) == ("32GB", 16)


def test_extensions_that_were_off_are_exposed() -> None:
    off = "name: lab\nvms: [{name: a, expose_virtualization_extensions: false}]\n"
    assert vm(after(off, {"do": "nest", "id": "a"}), "a").exposes_extensions


def test_a_nested_host_gets_the_memory_that_a_vm_added_in_it_needs() -> None:
    draft = after(
        NOTHING,
        {"do": "add-nested-host", "into": "host"},
        {"do": "add-nested-host", "into": "HV1"},
        {"do": "add-nested-host", "into": "HV1/HV2"},
    )
    memory = [str(vm(draft, path).memory_startup) for path in ("HV1", "HV1/HV2", "HV1/HV2/HV3")]
    assert memory[2] == "8GB"
    assert draft.message.startswith("Added HV3 to HV1/HV2. HV1/HV2 has ")
    assert draft.message.endswith(f"HV1 has {memory[0]} of memory now, for the VMs inside it.")
    assert [f.code for f in validate(draft.topology) if f.severity == "error"] == []


def test_too_little_memory_of_a_file_stays_where_nothing_is_added() -> None:
    small = """
name: lab
vms: [{name: HV1, memory_startup: 2GB, nested: {vms: [{name: a, memory_startup: 4GB}]}}]
"""
    draft = after(small, {"do": "add-vm", "into": "host"})
    assert str(vm(draft, "HV1").memory_startup) == "2GB"


def test_the_host_itself_is_no_nested_host() -> None:
    with pytest.raises(EditRefused, match="choose a VM"):
        after(NOTHING, {"do": "nest", "id": "host"})


def test_a_lab_made_by_acts_alone_validates_and_reaches_the_internet() -> None:
    draft = after(NOTHING, *TWO_LEVELS)
    assert [f.code for f in validate(draft.topology) if f.severity == "error"] == []
    assert [reaches_internet(draft.topology, path) for path in ("vm1", "vm1/vm2")] == [True, True]
    assert (address(draft, "vm1"), address(draft, "vm1/vm2")) == ("192.168.100.2/24", "10.0.0.2/24")


def test_a_bridged_lab_of_three_levels_has_spoofing_on_every_adapter_on_the_way() -> None:
    draft = after(
        NOTHING,
        {"do": "nat", "id": "host"},
        {"do": "add-nested-host", "into": "host"},
        {"do": "bridge", "id": "HV1"},
        {"do": "add-nested-host", "into": "HV1"},
        {"do": "bridge", "id": "HV1/HV2"},
        {"do": "add-vm", "into": "HV1/HV2"},
    )
    assert adapter(draft, "HV1").mac_address_spoofing
    assert adapter(draft, "HV1/HV2").mac_address_spoofing
    assert switch(draft, "Bridge", "HV1", "HV2").switch_type is SwitchType.EXTERNAL
    assert address(draft, "HV1/HV2/vm1") == "192.168.100.4/24"
    assert [f.code for f in validate(draft.topology) if f.severity == "error"] == []
    assert reaches_internet(draft.topology, "HV1/HV2/vm1")


def test_spoofing_is_switched_on_outside_too_where_a_file_had_it_off() -> None:
    lab = """
name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.9.0.1/24}]
vms:
  - name: HV1
    network_adapters: [{name: Out, switch: Net, ip_address: 10.9.0.2/24}]
    nested:
      switches: [{name: Bridge, switch_type: External, net_adapter: Out}]
      vms: [{name: a, network_adapters: [{name: In, switch: Bridge}]}]
"""
    draft = after(lab, {"do": "bridge", "id": "HV1/a"})
    assert adapter(draft, "HV1/a").mac_address_spoofing
    assert adapter(draft, "HV1").mac_address_spoofing


def test_vms_inside_that_are_on_no_switch_go_to_the_new_one() -> None:
    draft = after(
        NOTHING,
        {"do": "add-nested-host", "into": "host"},
        {"do": "add-vm", "into": "HV1"},
        {"do": "nat", "id": "HV1"},
    )
    assert (adapter(draft, "HV1/vm1").switch, address(draft, "HV1/vm1")) == ("NAT", "10.0.0.2/24")


def test_a_plain_vm_goes_behind_the_nat_of_its_host() -> None:
    lab = "name: lab\nvms: [{name: a}, {name: b}]\n"
    draft = after(lab, {"do": "nat", "id": "a"}, {"do": "nat", "id": "b"})
    assert [s.name for s in draft.topology.switches] == ["NAT"]
    assert (address(draft, "a"), address(draft, "b")) == ("192.168.100.2/24", "192.168.100.3/24")
    assert draft.message == "b is behind the NAT of switch NAT now."
    assert reaches_internet(draft.topology, "b")


def test_a_switch_gets_a_nat_of_its_own_network_and_its_vms_the_gateway() -> None:
    lab = """
name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms: [{name: a, network_adapters: [{switch: Net, ip_address: 10.5.0.9/24}]}]
"""
    draft = after(lab, {"do": "nat", "id": "switch:host/Net"})
    assert str(switch(draft, "Net").nat) == "10.5.0.0/24"
    assert str(adapter(draft, "a").gateway) == "10.5.0.1"
    assert reaches_internet(draft.topology, "a")


def test_a_new_switch_has_a_network_that_is_free_on_all_levels() -> None:
    add: Intent = {"do": "add-switch", "into": "host"}
    draft = after(NOTHING, add, add, *TWO_LEVELS[1:], {"do": "add-switch", "into": "vm1"})
    assert [str(s.ip_address) for s in draft.topology.switches] == [
        "192.168.100.1/24",
        "192.168.101.1/24",
    ]
    assert [str(s.ip_address) for s in draft.topology.machine(("vm1",)).switches] == [
        "10.0.0.1/24",
        "10.0.1.1/24",
    ]


def test_a_new_vm_is_on_the_switch_that_is_selected() -> None:
    add: Intent = {"do": "add-switch", "into": "host"}
    draft = after(NOTHING, add, add, {"do": "add-vm", "into": "switch:host/Switch2"})
    assert (adapter(draft, "vm1").switch, address(draft, "vm1")) == ("Switch2", "192.168.101.2/24")


def test_a_link_brings_an_address_of_the_switchs_network_and_says_it() -> None:
    add: Intent = {"do": "add-switch", "into": "host"}
    draft = after(
        NOTHING,
        add,
        add,
        {"do": "add-vm", "into": "host"},
        {"do": "link", "from": "adapter:vm1/0", "to": "switch:host/Switch2"},
    )
    assert draft.message == "Linked vm1 to Switch2, as 192.168.101.2/24."
    assert len(vm(draft, "vm1").network_adapters) == 1


def test_a_link_keeps_an_address_that_fits() -> None:
    lab = """
name: lab
switches: [{name: Net, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms: [{name: a, network_adapters: [{ip_address: 10.5.0.77/24, dns_servers: [9.9.9.9]}]}]
"""
    draft = after(lab, {"do": "link", "from": "a", "to": "switch:host/Net"})
    assert (address(draft, "a"), len(adapter(draft, "a").dns_servers)) == ("10.5.0.77/24", 1)


def test_where_dhcp_serves_an_adapter_asks_for_its_address() -> None:
    lab = """
name: lab
switches:
  - name: Net
    switch_type: Internal
    ip_address: 10.5.0.1/24
    dhcp: {range: 10.5.0.100-10.5.0.199}
"""
    draft = after(lab, {"do": "add-vm", "into": "host"})
    assert adapter(draft, "vm1").ip_address is None


def test_a_second_adapter_gets_no_second_gateway() -> None:
    draft = after(
        NOTHING,
        {"do": "nat", "id": "host"},
        {"do": "add-vm", "into": "host"},
        {"do": "add-switch", "into": "host"},
        {"do": "link", "from": "vm1", "to": "switch:host/Switch1"},
    )
    assert address(draft, "vm1", 1) == "192.168.101.2/24"
    assert adapter(draft, "vm1", 1).gateway is None


def test_a_host_on_a_physical_network_gives_vms_the_gateway_there() -> None:
    lab = """
name: lab
uplinks: [{net_adapter: NIC, network: 192.0.2.0/24, gateway: 192.0.2.1}]
"""
    draft = after(lab, {"do": "bridge", "id": "host"}, {"do": "add-vm", "into": "host"})
    assert switch(draft, "Uplink").net_adapters == ("NIC",)
    assert str(adapter(draft, "vm1").gateway) == "192.0.2.1"
    assert reaches_internet(draft.topology, "vm1")


def test_new_vms_are_on_the_first_image_that_fits() -> None:
    lab = "name: lab\nimages: {nix: {path: 'D:\\n.vhdx', os: linux}, win: {path: 'D:\\w.vhdx'}}\n"
    draft = after(lab, {"do": "add-vm", "into": "host"}, {"do": "add-nested-host", "into": "host"})
    images = [each.disk and each.disk.image for each in draft.topology.vms]
    assert images == ["nix", "win"]


EXTERNAL = """
name: lab
switches:
  - {name: Out, switch_type: External, net_adapter: NIC}
  - {name: Nat, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}
vms: [{name: a}, {name: b, network_adapters: [{switch: Nat}]}]
"""
REFUSED: list[tuple[Intent, str]] = [
    ({"do": "nat", "id": "switch:host/Out"}, "Switch Out of host cannot have a NAT"),
    ({"do": "nat", "id": "switch:host/Nat"}, "Switch Nat of host has a NAT already"),
    ({"do": "nat", "id": "host"}, "The host has a switch with a NAT already, Nat"),
    ({"do": "bridge", "id": "a"}, "VM a has no adapter on a switch"),
    ({"do": "bridge", "id": "host"}, "has a switch on its network adapter already"),
]


@pytest.mark.parametrize(("intent", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_an_act_without_sense_is_refused_with_a_way_out(intent: Intent, says: str) -> None:
    with pytest.raises(EditRefused, match=says):
        after(EXTERNAL, intent)


def test_a_nested_host_is_bridged_once_for_each_adapter() -> None:
    with pytest.raises(EditRefused, match="VM b is bridged already"):
        after(EXTERNAL, {"do": "bridge", "id": "b"}, {"do": "bridge", "id": "b"})


# -- deletions say what goes with them


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ("switch:host/NAT", "Deleted switch NAT of host. Also removed: the links of 2 adapters."),
        (
            "vm1",
            "Deleted VM vm1. Also removed: 2 VMs inside, 1 switch inside, 1 check.",
        ),
        (
            "adapter:vm4/0",
            "Deleted adapter Network Adapter of vm4. Also removed: the link of 1 adapter.",
        ),
        ("adapter:vm1/0", "Deleted adapter Network Adapter of vm1."),
        ("vm1/vm3", "Deleted VM vm1/vm3."),
    ],
)
def test_a_deletion_names_what_goes_with_it(part: str, says: str) -> None:
    draft = after(
        NOTHING,
        *TWO_LEVELS,
        {"do": "add-vm", "into": "vm1"},
        {"do": "add-vm", "into": "host"},
        {"do": "bridge", "id": "vm4"},
    )
    checked = dumps(draft.topology) + "checks: [{from: vm1/vm2, to: internet}]\n"
    assert after(checked, {"do": "delete", "id": part}).message == says


def test_several_parts_are_deleted_in_one_edit_whatever_is_inside_what() -> None:
    draft = after(
        NOTHING,
        *TWO_LEVELS,
        {"do": "delete", "ids": ["vm1/vm2", "adapter:vm1/0", "vm1", "switch:host/NAT"]},
    )
    assert draft.topology == loads(NOTHING)
    assert draft.selection == "host"
    assert draft.message == "Deleted 4 parts. Also removed: 1 switch inside."


def test_two_adapters_of_a_vm_are_deleted_each() -> None:
    lab = "name: lab\nvms: [{name: a, network_adapters: [{name: x}, {name: y}, {name: z}]}]\n"
    draft = after(lab, {"do": "delete", "ids": ["adapter:a/0", "adapter:a/1"]})
    assert [each.name for each in vm(draft, "a").network_adapters] == ["z"]


def test_a_switch_on_a_deleted_adapter_is_bound_to_none() -> None:
    draft = after(EXTERNAL, {"do": "bridge", "id": "b"}, {"do": "delete", "id": "adapter:b/0"})
    assert switch(draft, "Bridge", "b").net_adapters == ()
