import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.drawing import layout
from nestlab.model.topology import SwitchType, Topology, Vlan
from nestlab.notebook.designer.draft import Draft, Intent
from nestlab.notebook.designer.edits import EDITS, edit
from nestlab.notebook.designer.fields import form
from nestlab.notebook.designer.parts import EditRefused, find
from nestlab.topology_file import dumps, loads

LAB = """
name: lab
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24}]
switches:
  - {name: Uplink, switch_type: External, net_adapter: Ethernet}
  - {name: Storage, switch_type: Private}
vms:
  - name: HV1
    memory_startup: 8GB
    guest: {os: windows, credential: lab-admin}
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    network_adapters: [{name: Mgmt, switch: Uplink, ip_address: 192.0.2.11/24}]
    nested:
      switches: [{name: Bridge, switch_type: External, net_adapter: Mgmt}]
      vms: [{name: web1, network_adapters: [{switch: Bridge}]}]
  - {name: other}
checks:
  - {from: web1, to: HV1, expect: reachable}
  - {from: HV1/web1, to: internet, expect: reachable}
"""


@pytest.fixture
def lab() -> Draft:
    return Draft(loads(LAB))


def names(draft: Draft) -> list[str]:
    return ["/".join(path) for path, _ in draft.topology.machines() if path]


def test_a_vm_added_into_a_nested_host_joins_its_first_switch(lab: Draft) -> None:
    after = edit(lab, {"do": "add-vm", "into": "HV1"})
    assert (after.selection, after.message) == ("HV1/vm1", "Added vm1 to HV1.")
    assert after.topology.machine(("HV1", "vm1")).network_adapters[0].switch == "Bridge"


def test_adding_into_a_plain_vm_or_a_switch_adds_beside_it(lab: Draft) -> None:
    assert edit(lab, {"do": "add-vm", "into": "HV1/web1"}).selection == "HV1/vm1"
    assert edit(lab, {"do": "add-vm", "into": "switch:host/Storage"}).selection == "vm1"


def test_a_nested_host_resembles_its_neighbour(lab: Draft) -> None:
    added = edit(lab, {"do": "add-nested-host", "into": "host"}).topology.machine(("HV2",))
    assert (added.nested is not None, added.guest, added.disk) == (
        True,
        lab.topology.vms[0].guest,
        lab.topology.vms[0].disk,
    )


def test_a_switch_gets_a_free_name(lab: Draft) -> None:
    twice = edit(
        edit(lab, {"do": "add-switch", "into": "HV1"}), {"do": "add-switch", "into": "HV1"}
    )
    assert [switch.name for switch in twice.topology.machine(("HV1",)).switches] == [
        "Bridge",
        "Switch1",
        "Switch2",
    ]


def test_linking_a_vm_without_adapter_gives_it_one(lab: Draft) -> None:
    after = edit(lab, {"do": "link", "from": "other", "to": "switch:host/Storage"})
    assert after.selection == "adapter:other/0"
    assert after.topology.vms[1].network_adapters[0].switch == "Storage"


def test_linking_an_adapter_moves_it(lab: Draft) -> None:
    after = edit(lab, {"do": "link", "from": "adapter:HV1/0", "to": "switch:host/Storage"})
    assert [adapter.switch for adapter in after.topology.vms[0].network_adapters] == ["Storage"]


REFUSED: list[tuple[Intent, str]] = [
    ({"do": "link", "from": "HV1/web1", "to": "switch:host/Storage"}, "VM HV1/web1 cannot be"),
    (
        {"do": "link", "from": "adapter:HV1/0", "to": "switch:HV1/Bridge"},
        "Adapter Mgmt of HV1 cannot be connected",
    ),
    ({"do": "link", "from": "HV1", "to": "switch:host/Uplink"}, "linked to Uplink already"),
    (
        {"do": "link", "from": "switch:host/Storage", "to": "switch:host/Uplink"},
        "A link goes from a VM or an adapter",
    ),
    ({"do": "delete", "id": "host"}, "The host cannot be deleted"),
    ({"do": "move", "id": "switch:host/Storage", "rows": 1}, "Only VMs can be moved"),
    ({"do": "rename", "id": "HV1", "name": "OTHER"}, "already a VM called OTHER"),
    ({"do": "rename", "id": "HV1", "name": "a/b"}, "must not contain /"),
    ({"do": "rename", "id": "HV1", "name": ""}, "must not be empty"),
    ({"do": "set", "id": "HV1", "field": "memory_startup", "value": "lots"}, "must be a size"),
    ({"do": "set", "id": "HV1", "field": "memory_startup", "value": ""}, "Memory must be"),
    ({"do": "set", "id": "HV1", "field": "wings", "value": "2"}, "VM HV1 has no wings"),
    (
        {"do": "set", "id": "adapter:HV1/0", "field": "vlan", "value": "x"},
        "must be a number from 1 to 4094",
    ),
    (
        {"do": "set", "id": "HV1", "field": "routes", "value": "x"},
        "must be written like 10.1.0.0/16",
    ),
    ({"do": "set", "id": "HV1", "field": "dynamic_memory", "value": "8GB to 2GB"}, "not be more"),
    ({"do": "set", "id": "HV1", "field": "generation", "value": ""}, "Generation must be"),
    ({"do": "delete", "id": "nobody"}, "There is no 'nobody'"),
    ({"do": "fly"}, "no edit 'fly'"),
    ({"do": "link", "from": "HV1"}, "lacks 'to'"),
]


@pytest.mark.parametrize(("intent", "says"), REFUSED, ids=[says for _, says in REFUSED])
def test_what_makes_no_sense_is_refused_in_one_sentence(
    lab: Draft, intent: Intent, says: str
) -> None:
    with pytest.raises(EditRefused, match=says):
        edit(lab, intent)


def test_deleting_a_switch_frees_its_adapters(lab: Draft) -> None:
    after = edit(lab, {"do": "delete", "id": "switch:host/Uplink"})
    assert after.topology.vms[0].network_adapters[0].switch is None
    assert after.selection == "host"


def test_deleting_a_vm_takes_its_checks_and_its_position(lab: Draft) -> None:
    placed = Draft(lab.topology, {"HV1/web1": (10, 1), "HV1": (0, 0)})
    after = edit(placed, {"do": "delete", "id": "HV1/web1"})
    assert (after.topology.checks, dict(after.positions), after.selection) == (
        (),
        {"HV1": (0, 0)},
        "HV1",
    )


def test_renaming_a_vm_is_followed_by_checks_and_positions(lab: Draft) -> None:
    placed = Draft(lab.topology, {"HV1/web1": (10, 1)})
    after = edit(placed, {"do": "rename", "id": "HV1", "name": "NODE1"})
    assert names(after) == ["NODE1", "NODE1/web1", "other"]
    assert [(check.source, check.target) for check in after.topology.checks] == [
        ("web1", "NODE1"),
        ("NODE1/web1", "internet"),
    ]
    assert dict(after.positions) == {"NODE1/web1": (10, 1)}


def test_renaming_a_switch_is_followed_by_adapters(lab: Draft) -> None:
    after = edit(lab, {"do": "set", "id": "switch:host/Uplink", "field": "name", "value": "Wire"})
    assert after.selection == "switch:host/Wire"
    assert after.topology.vms[0].network_adapters[0].switch == "Wire"


def test_renaming_an_adapter_is_followed_by_the_nested_switch_on_it(lab: Draft) -> None:
    after = edit(lab, {"do": "rename", "id": "adapter:HV1/0", "name": "Ethernet"})
    assert after.topology.vms[0].switches[0].net_adapter == "Ethernet"


def test_renaming_a_network_is_followed_by_uplink_and_switch(lab: Draft) -> None:
    after = edit(lab, {"do": "rename", "id": "network:Ethernet", "name": "NIC2"})
    assert (after.topology.uplinks[0].net_adapter, after.topology.switches[0].net_adapter) == (
        "NIC2",
        "NIC2",
    )


@pytest.mark.parametrize(
    ("typed", "vlan"),
    [
        ("30", Vlan(access=30)),
        ("10, 20 native 1", Vlan(trunk=(10, 20), native=1)),
        ("10 20", Vlan(trunk=(10, 20))),
        ("", None),
    ],
)
def test_a_vlan_is_read_as_people_write_it(lab: Draft, typed: str, vlan: Vlan | None) -> None:
    after = edit(lab, {"do": "set", "id": "adapter:HV1/0", "field": "vlan", "value": typed})
    assert after.topology.vms[0].network_adapters[0].vlan == vlan


@pytest.mark.parametrize(
    "typed",
    [
        "192.168.100.100-192.168.100.120",
        "192.168.100.100-192.168.100.120 router 192.168.100.2",
        "192.168.100.100-192.168.100.120 dns 192.168.100.2,1.1.1.1",
        "192.168.100.100-192.168.100.120 router 192.168.100.2 dns 1.1.1.1 reserved 192.168.100.50=00-15-5D-00-00-50,192.168.100.51=00-15-5D-00-00-51",
    ],
)
def test_a_dhcp_scope_is_read_and_shown_on_one_line(lab: Draft, typed: str) -> None:
    part = "switch:host/Storage"
    lab = edit(lab, {"do": "set", "id": part, "field": "switch_type", "value": "Internal"})
    after = edit(lab, {"do": "set", "id": part, "field": "dhcp", "value": typed})
    shown = {field.name: field.value for field in form(after.topology, find(after.topology, part))}
    assert shown["dhcp"] == typed
    assert loads(dumps(after.topology)) == after.topology
    gone = edit(after, {"do": "set", "id": part, "field": "dhcp", "value": ""})
    assert all(switch.dhcp is None for switch in gone.topology.switches)


@pytest.mark.parametrize(
    ("part", "field", "typed", "plain"),
    [
        ("HV1", "routes", "10.1.0.0/16 via 10.0.0.2, 10.2.0.0/16  via 10.0.0.3", None),
        ("HV1", "dynamic_memory", "2GB to 8GB", {"minimum": "2GB", "maximum": "8GB"}),
        ("other", "disk.size", "40GB", None),
        (
            "HV1",
            "disks",
            r"4TB, image ws2022 size 200GB,  path D:\my disks\a.vhdx",
            [
                {"size": "4TB"},
                {"image": "ws2022", "size": "200GB"},
                {"path": r"D:\my disks\a.vhdx"},
            ],
        ),
        ("other", "guest.credential", "lab-admin", None),
        ("adapter:HV1/0", "mac_address", "00:15:5d:00:00:01", "00-15-5D-00-00-01"),
        ("adapter:HV1/0", "dns_servers", "1.1.1.1, 8.8.8.8", ["1.1.1.1", "8.8.8.8"]),
        (
            "adapter:HV1/0",
            "dhcp_server",
            "192.168.100.100-192.168.100.120 dns 1.1.1.1",
            {"range": "192.168.100.100-192.168.100.120", "dns_servers": ["1.1.1.1"]},
        ),
    ],
)
def test_every_kind_of_value_can_be_typed_and_emptied_again(
    lab: Draft, part: str, field: str, typed: str, plain: object
) -> None:
    after = edit(lab, {"do": "set", "id": part, "field": field, "value": typed})
    vm = after.topology.vms[0]
    said = vm.network_adapters[0].to_dict() if part.startswith("adapter") else vm.to_dict()
    if plain is not None:
        assert said[field] == plain
    emptied = edit(after, {"do": "set", "id": part, "field": field, "value": ""})
    assert emptied.topology.to_dict() == lab.topology.to_dict()


def test_a_switch_that_becomes_private_gives_up_address_and_nat(lab: Draft) -> None:
    for field, value in (
        ("switch_type", "Internal"),
        ("ip_address", "10.0.0.1/24"),
        ("nat", "10.0.0.0/24"),
        ("switch_type", "Private"),
    ):
        lab = edit(lab, {"do": "set", "id": "switch:host/Storage", "field": field, "value": value})
    switch = lab.topology.switches[1]
    assert (switch.switch_type, switch.ip_address, switch.nat) == (SwitchType.PRIVATE, None, None)


def test_an_empty_disk_stays_unless_an_image_is_named() -> None:
    draft = Draft(loads("name: lab\nvms: [{name: a, disk: {size: 40GB}}]"))
    assert (
        edit(draft, {"do": "set", "id": "a", "field": "disk.parent", "value": ""}).topology
        == draft.topology
    )
    named = (
        edit(draft, {"do": "set", "id": "a", "field": "disk.parent", "value": "D:\\images\\a.vhdx"})
        .topology.vms[0]
        .disk
    )
    assert named is not None
    assert named.parent == "D:\\images\\a.vhdx"


def test_moving_one_vm_leaves_its_siblings_where_they_are_drawn(lab: Draft) -> None:
    before = {box.id: (box.offset, box.row) for box in layout(lab.topology).boxes}
    after = edit(lab, {"do": "move", "id": "other", "rows": 1})
    drawn = layout(after.topology, after.positions)
    assert drawn.box("other").row == 1
    assert (drawn.box("HV1").offset, drawn.box("HV1").row) == before["HV1"]


def test_arranging_forgets_positions(lab: Draft) -> None:
    assert dict(edit(Draft(lab.topology, {"HV1": (50, 2)}), {"do": "arrange"}).positions) == {}


def every_id(topology: Topology) -> list[str]:
    picture = layout(topology)
    parts = [
        *picture.boxes,
        *(r for r in picture.bars if not r.repeated),
        *(n for n in picture.lines if n.id.startswith("adapter:")),
    ]
    return [part.id for part in parts if part.id != "internet"]


def test_every_drawn_part_has_a_form_and_every_value_can_be_typed_again(lab: Draft) -> None:
    for identifier in every_id(lab.topology):
        for field in form(lab.topology, find(lab.topology, identifier)):
            again = edit(
                lab, {"do": "set", "id": identifier, "field": field.name, "value": field.value}
            )
            values = {
                f.name: f.value for f in form(again.topology, find(again.topology, again.selection))
            }
            assert values[field.name] == field.value


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 99), st.integers(0, 99)),
        max_size=12,
    )
)
def test_whatever_is_done_the_file_can_be_read_again(steps: list[tuple[str, int, int]]) -> None:
    draft = Draft(loads(LAB))
    for does, one, other in steps:
        ids = every_id(draft.topology)
        intent: dict[str, object] = {
            "do": does,
            "id": ids[one % len(ids)],
            "into": ids[one % len(ids)],
            "ids": [ids[one % len(ids)], ids[other % len(ids)]] if other % 3 == 0 else [],
            "from": ids[one % len(ids)],
            "to": ids[other % len(ids)],
        }
        intent |= {"name": f"new{other}", "field": "mac_address_spoofing", "value": True, "rows": 1}
        try:
            draft = edit(draft, intent)
        except EditRefused:
            continue
        assert draft.selection in every_id(draft.topology)
    assert loads(dumps(draft.topology)) == draft.topology
