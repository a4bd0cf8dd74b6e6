"""Graphviz draws it: no label covers another, no link runs through the name of a host or a machine."""

import json
import subprocess
from itertools import combinations
from pathlib import Path

import pytest

import nestlab
from nestlab.drawing import dot
from tests.drawing.labs import bridged_lab, classroom
from tests.drawing.overlaps import overlap
from tests.drawing.test_graph_texts import lab
from tests.readers import program

TOPOLOGIES = sorted((Path(__file__).parents[2] / "notebooks" / "topologies").glob("*.yml"))
LABS = {
    **{path.stem: nestlab.load(path) for path in TOPOLOGIES},
    "adapters on one switch": bridged_lab(),
    "50 VMs": lab(vms=50),
    "50 VMs with addresses": classroom(50),
    "nested hosts": lab(20, 3, 9),
}
HALF_INCH = 36  # in points; sizes are in inches, places in points


@pytest.fixture(params=LABS)
def drawn(request):
    """The topology, and what Graphviz made of it."""
    topology = LABS[request.param]
    run = subprocess.run(
        [program("dot", "graphviz"), "-Tjson"],
        input=dot(topology),
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    assert run.stderr == ""
    return topology, json.loads(run.stdout)


def around(place, half_width, half_height):
    x, y = map(float, place.split(","))
    return x - half_width, y - half_height, x + half_width, y + half_height


def nodes(graph):
    for node in graph["objects"]:
        if "pos" in node and node.get("style") != "invis":
            size = float(node["width"]) * HALF_INCH, float(node["height"]) * HALF_INCH
            yield node, around(node["pos"], *size)


def links(graph):
    return [edge for edge in graph["edges"] if edge.get("style") != "invis"]


def labels_of_links(graph):
    for edge in links(graph):
        texts = [step for step in edge.get("_ldraw_", ()) if step["op"] == "T"]
        if texts:
            size = next(step["size"] for step in edge["_ldraw_"] if step["op"] == "F")
            width = max(step["width"] for step in texts) / 2
            yield edge["label"], around(edge["lp"], width, size * len(texts) / 2)


def test_no_label_covers_another_or_a_machine_or_switch(drawn):
    topology, graph = drawn
    boxes = [(node["label"], box) for node, box in nodes(graph)]
    labels = [*labels_of_links(graph)]
    assert len(boxes) > len(topology.vms)
    assert len(labels) >= sum(1 for vm in topology.vms for a in vm.network_adapters if a.ip_address)
    found = [
        (one, other)
        for (one, here), (other, there) in combinations([*boxes, *labels], 2)
        if overlap(here, there, 1)
    ]
    assert found == []


def test_no_link_runs_through_the_name_of_a_host_or_a_machine(drawn):
    """Before, links ran through the names of hosts, which were labels of clusters."""
    topology, graph = drawn
    boxes = [(node["label"], node["_gvid"], box) for node, box in nodes(graph)]
    hosts = [node for node, _ in nodes(graph) if node.get("shape") == "plaintext"]
    assert len(hosts) == 1 + sum(1 for vm in topology.vms if vm.nested)
    crossed = set()
    for link in links(graph):
        for x, y in points(link):
            for label, number, (left, top, right, bottom) in boxes:
                inside = left + 1 < x < right - 1 and top + 1 < y < bottom - 1
                if inside and number not in (link["tail"], link["head"]):
                    crossed.add(label)
    assert crossed == set()


def points(link):
    """Yield points on the curves of a link, close to each other."""
    for step in link["_draw_"]:
        knots = step.get("points", ()) if step["op"] == "b" else ()
        for start in range(0, len(knots) - 3, 3):
            for part in range(101):
                yield on_curve(knots[start : start + 4], part / 100)


def on_curve(knots, t):
    """Return a point of a cubic Bezier curve."""
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
    return tuple(
        sum(weight * knot[axis] for weight, knot in zip(weights, knots, strict=True))
        for axis in (0, 1)
    )
