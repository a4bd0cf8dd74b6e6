"""What the designer sends to the page: all at first, then what an edit changed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nestlab.dataclass import replace
from nestlab.drawing import layout
from nestlab.model.topology import VM, Nested, NetworkAdapter, Switch, Topology
from nestlab.notebook.designer import TopologyDesigner
from nestlab.notebook.designer.differences import difference
from nestlab.notebook.designer.picture import picture

LIMIT = 10 * 1024
ITEMS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from("abcdefgh")}, optional={"x": st.integers(0, 2)}),
    unique_by=lambda item: item["id"],
)


def large(hosts: int, vms: int) -> Topology:
    """Return a lab of some nested hosts with VMs in each."""
    inside = tuple(
        VM(name=f"w{n}", network_adapters=(NetworkAdapter(name="Ethernet", switch="Net"),))
        for n in range(vms)
    )
    switch = Switch(name="Net")
    nested = Nested(switches=(switch,), vms=inside)
    return Topology(
        name="large",
        switches=(switch,),
        vms=tuple(
            VM(
                name=f"HV{n}",
                network_adapters=(NetworkAdapter(name="Ethernet", switch="Net"),),
                nested=nested,
            )
            for n in range(hosts)
        ),
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    monkeypatch.setattr(
        TopologyDesigner, "_send", lambda _self, message, **_buffers: messages.append(message)
    )
    return messages


def test_a_place_at_the_edge_is_sent_and_what_a_line_does_not_have_is_not() -> None:
    drawn = layout(large(hosts=1, vms=1))
    web = drawn.box("HV0/w0")
    host = replace(drawn.box("HV0"), x=web.x, y=web.y)
    boxes = tuple(host if box.id == "HV0" else box for box in drawn.boxes)
    lines = tuple(replace(line, dots=()) for line in drawn.lines)
    parts = picture(replace(drawn, boxes=boxes, lines=lines))["parts"]
    box = next(part for part in parts if part["id"] == "HV0/w0")
    assert (box["x"], box["y"]) == (0, 0)
    assert [part["part"] for part in parts].count("line") == len(lines) > 0
    assert not [part for part in parts if "dots" in part]


def applied(items: list[dict[str, Any]], told: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a list after a difference, as the page makes it."""
    known = {item["id"]: item for item in items}
    before = {item["id"]: prior for item, prior in zip(items, ["", *known], strict=False)}
    for name in told.get("removed", ()):
        del known[name], before[name]
    for each in told.get("changed", ()):
        values = dict(each)
        name = values["id"]
        if "after" in values:
            before[name] = values.pop("after")
        merged = {**known.get(name, {}), **values}
        known[name] = {key: value for key, value in merged.items() if value is not None}
    following = {prior: name for name, prior in before.items()}
    found, at = [], ""
    while at in following:
        at = following[at]
        found.append(known[at])
    return found


@given(ITEMS, ITEMS)
def test_a_difference_gives_the_second_list_from_the_first(before: Any, after: Any) -> None:
    told = difference(before, after)
    assert applied(before, told) == after
    assert (told == {}) == (before == after)


EDITS = (
    {"do": "add-vm", "into": "host"},
    {"do": "add-vm", "into": "HV0"},
    {"do": "add-switch", "into": "HV3"},
    {"do": "link", "from": "HV1/w1", "to": "switch:HV1/Net2"},
    {"do": "set", "id": "HV2/w4", "field": "memory_startup", "value": "3GB"},
    {"do": "set", "id": "adapter:HV2/w4/0", "field": "ip_address", "value": "10.1.2.3/24"},
    {"do": "rename", "id": "HV4/w4", "name": "db"},
    {"do": "duplicate", "id": "HV4/w5"},
    {"do": "move", "id": "HV5", "x": 900, "row": 1},
    {"do": "delete", "id": "HV6/w3"},
    {"do": "delete", "id": "switch:host/Net"},
)


@pytest.mark.parametrize("intent", EDITS, ids=lambda intent: f"{intent['do']} {intent.get('id')}")
def test_an_edit_of_200_vms_sends_at_most_10_kib(
    intent: dict[str, object], sent: list[dict[str, Any]]
) -> None:
    designer = TopologyDesigner(large(10, 19))
    if "Net2" in str(intent):
        designer.edit({"do": "add-switch", "into": "HV1"})
        designer.edit({"do": "rename", "name": "Net2"})
    whole = designer.get_state()["picture"]
    sent.clear()
    designer.edit(intent)
    assert sum(len(json.dumps(message).encode()) for message in sent) <= LIMIT
    changes = [message["content"] for message in sent if message["method"] == "custom"]
    numbers = [change["number"] for change in changes]
    assert numbers == list(range(whole["number"] + 1, whole["number"] + 1 + len(numbers)))
    parts = whole["parts"]
    for change in changes:
        parts = applied(parts, change["parts"])
    assert parts == designer.get_state()["picture"]["parts"]


def test_a_page_that_missed_a_change_gets_the_whole_picture(sent: list[dict[str, Any]]) -> None:
    designer = TopologyDesigner(large(1, 2))
    (first,) = [message["state"] for message in sent if "picture" in message.get("state", {})]
    assert len(first["picture"]["parts"]) == len(designer.get_state()["picture"]["parts"])
    designer.edit({"do": "add-vm", "into": "host"})
    number = designer.get_state()["picture"]["number"]
    sent.clear()
    designer._on_message(designer, {"do": "whole", "number": number}, [])
    assert sent == []
    designer._on_message(designer, {"do": "whole", "number": number - 1}, [])
    (message,) = sent
    assert message["state"]["picture"]["number"] == number
    assert message["state"]["fields_of"] == "vm1"


def test_an_edit_that_changes_no_picture_is_no_change_of_it(sent: list[dict[str, Any]]) -> None:
    designer = TopologyDesigner(large(1, 2))
    sent.clear()
    designer.selection = "HV0"
    (change,) = [message["content"] for message in sent if message["method"] == "custom"]
    assert change["parts"] == {}
    assert change["fields"]["changed"]
