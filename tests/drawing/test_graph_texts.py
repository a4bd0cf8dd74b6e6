"""Mermaid and Graphviz: colours, rows, and the limits that Mermaid has."""

import json
import re

import pytest
from hypothesis import given

from nestlab.drawing import dot, layout, mermaid, mermaid_notices, svg
from nestlab.drawing.palette import PALETTES
from nestlab.errors import UsageError
from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    DataDisk,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)
from tests.drawing.labs import bridged_lab
from tests.strategies import topologies

LINK = re.compile(r"^  n\d+ (---|-\.-|~~~)", re.MULTILINE)


def lab(vms=0, nested_hosts=0, inside=0):
    """Return a lab with so many VMs, and so many nested hosts with VMs inside."""
    adapters = (NetworkAdapter(switch="Lan"),)
    nested = Nested(
        switches=(Switch(name="Lan", switch_type=SwitchType.PRIVATE),),
        vms=tuple(VM(name=f"in{n}", network_adapters=adapters) for n in range(inside)),
    )
    return Topology(
        name="lab",
        switches=(Switch(name="Lan", switch_type=SwitchType.INTERNAL),),
        vms=(
            *(VM(name=f"vm{n}", network_adapters=adapters) for n in range(vms)),
            *(
                VM(name=f"HV{n}", network_adapters=adapters, nested=nested)
                for n in range(nested_hosts)
            ),
        ),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("write", [mermaid, dot])
def test_machines_have_the_colours_of_their_level(write, theme):
    text, colors = write(bridged_lab(), theme=theme), PALETTES[theme]
    for level in (0, 1):
        assert colors.host(level)[0] in text
    assert colors.bars["External"][1] in text
    assert colors.texts["name"] in text


@pytest.mark.parametrize("write", [mermaid, dot])
def test_an_unknown_theme_is_an_error(write):
    with pytest.raises(UsageError, match="no theme 'blue'"):
        write(bridged_lab(), theme="blue")


def test_mermaid_keeps_every_value_of_the_configuration():
    """Mermaid empties a theme variable with another character, such as an apostrophe."""
    (line,) = (line for line in mermaid(lab()).splitlines() if line.startswith("config: "))
    variables = json.loads(line.removeprefix("config: "))["themeVariables"]
    assert all(re.fullmatch(r'[\d "#%(),.;A-Za-z]+', value) for value in variables.values())


def test_many_vms_stand_in_the_rows_of_the_picture():
    rows = {box.row for box in layout(lab(vms=50)).boxes if box.kind == "vm"}
    assert len(rows) > 1
    text = mermaid(lab(vms=50))
    first = [box for box in layout(lab(vms=50)).boxes if box.kind == "vm" and box.row == 0]
    # The rows, and the switch below the name of the host.
    assert text.count(" ~~~ ") == 50 - len(first) + 1
    assert dot(lab(vms=50)).count("[style=invis];\n") == 50 - len(first) + 1


def test_data_disks_are_counted_in_the_box_of_their_vm():
    disk = DataDisk(size=Size.parse("4TB"))
    vms = (VM(name="one", disks=(disk,)), VM(name="twelve", disks=(disk,) * 12), VM(name="none"))
    text = svg(layout(Topology(name="lab", vms=vms)))
    assert re.findall(r"\d+ data disks?", text) == ["1 data disk", "12 data disks"]


def test_nothing_is_left_out_within_the_limits():
    text = mermaid(lab(vms=20, nested_hosts=3, inside=9))
    assert mermaid_notices(text) == []
    assert text.count("in8 (L2)") == 3


def test_nested_hosts_are_drawn_without_their_inside_where_mermaid_would_refuse():
    text = mermaid(lab(vms=10, nested_hosts=40, inside=15))
    assert len(LINK.findall(text)) <= 500
    assert len(text) <= 50_000
    assert "in0" not in text
    assert text.count("inside: 15 VMs, 1 switch") == 40
    assert mermaid_notices(text) == [
        "Mermaid draws at most 500 links and 50,000 characters: 40 nested hosts are drawn without their contents."
    ]


def test_what_cannot_be_made_small_enough_says_so_and_the_way_out():
    text = mermaid(lab(vms=600))
    (notice,) = mermaid_notices(text)
    assert f"this has {len(LINK.findall(text))} links" in notice
    assert "Raise maxEdges and maxTextSize of the page, or use SVG." in notice


@given(topologies)
def test_every_edge_joins_two_nodes_that_are_drawn(topology):
    text = mermaid(topology)
    nodes = set(re.findall(r"^ *(?:subgraph )?(n\d+)[(\[]", text, re.MULTILINE))
    ends = re.findall(r'^  (n\d+) (?:---|-\.-|~~~)(?:\|".*"\|)? (n\d+)$', text, re.MULTILINE)
    assert len(ends) == len(LINK.findall(text))
    assert {end for pair in ends for end in pair} <= nodes
