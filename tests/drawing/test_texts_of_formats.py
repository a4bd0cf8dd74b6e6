"""Any name goes through DOT, draw.io, SVG and PDF as it is: the texts that their readers find are compared."""

import json
import subprocess
from html.parser import HTMLParser
from ipaddress import IPv4Network
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nestlab.drawing import dot, drawio, image, layout, svg
from nestlab.model.topology import VM, Nested, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.visible import visible_line
from tests.drawing.drawio_schema import faults
from tests.drawing.labs import bridged_lab, classroom, lab_of, plain
from tests.export.documents import TRICKY, texts
from tests.readers import program
from tests.strategies import topologies

SVG = "{http://www.w3.org/2000/svg}"
MEANINGFUL = (*TRICKY, r"\N \G \L \n \l \r", "a -- b; {", "<<b>x</b>>", "0", "1", "#2")
names = st.sampled_from(MEANINGFUL) | texts
SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])


labs = st.builds(lab_of, st.lists(names, min_size=1, max_size=4), names, names, names)
EVERYTHING = lab_of(MEANINGFUL, "&lt;$(x)", "two\nlines", "<b>&amp;'\"")


def words_of(topology):
    return layout(topology).texts_by_part()


@SETTINGS
@example(EVERYTHING)
@given(labs)
def test_a_picture_has_each_name_on_one_line(topology):
    for vm in topology.vms:
        shown = visible_line(vm.name)
        found = [words[0] for words in words_of(topology).values()]
        cut = any(word.endswith("…") and shown.startswith(word[:-1]) for word in found)
        assert shown in found or cut
    assert not any("\n" in text.text or "\t" in text.text for text in layout(topology).texts)


@SETTINGS
@example(EVERYTHING)
@given(labs)
def test_graphviz_shows_any_name_as_it_is(topology):
    drawn = subprocess.run(
        [program("dot", "graphviz"), "-Tjson"],
        input=dot(topology),
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    assert drawn.stderr == ""
    graph = json.loads(drawn.stdout)
    shown = " ".join(
        plain(text) for part in (*graph["objects"], *graph["edges"]) for text in _labels(part)
    )
    for part, words in words_of(topology).items():
        if part and not part.startswith(("spine:", "up:")) and "@" not in part[-3:]:
            assert [word for word in map(plain, words) if word not in shown] == []


def _labels(part):
    for field in ("_ldraw_", "_hldraw_", "_tldraw_"):
        yield from (step["text"] for step in part.get(field, ()) if step["op"] == "T")


class _Text(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert (tag, attrs) == ("br", [])
        self.found.append(" ")

    def handle_data(self, data):
        self.found.append(data)


@SETTINGS
@example(EVERYTHING)
@given(labs)
def test_drawio_keeps_its_schema_and_shows_any_name_as_it_is(topology):
    text = drawio(topology)
    assert faults(text) == []
    cells = ET.fromstring(text).iter("mxCell")  # noqa: S314  # our own output
    shown = {plain("".join(_Text(cell.get("value", "")).found)) for cell in cells}
    assert {plain(" ".join(words)) for part, words in words_of(topology).items() if part} <= shown


ADAPTERS = (NetworkAdapter(connected=False, dhcp=True),)
TWINS = Nested(
    switches=(Switch(name="Lan", switch_type=SwitchType.PRIVATE, nat=IPv4Network("10.0.0.0/8")),)
    * 2
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(Topology(name="lab", vms=(VM(name="HV1", nested=TWINS, network_adapters=ADAPTERS),)))
@given(topologies)
def test_drawio_keeps_its_schema_for_any_topology(topology):
    assert faults(drawio(topology)) == []


@pytest.mark.parametrize("topology", [bridged_lab(), classroom(30)], ids=["bridged", "classroom"])
def test_the_check_of_the_schema_finds_what_is_wrong(topology):
    text = drawio(topology)
    assert faults(text) == []
    for right, wrong in (
        (' id="n1"', ' id="1"'),
        (' parent="n0"', ' parent="n999"'),
        (' vertex="1"', ' vertex="yes"'),
        (' as="geometry"', ' as="size"'),
        (' grid="0"', ' raster="0"'),
    ):
        assert right in text
        assert faults(text.replace(right, wrong, 1)) != [], wrong


@SETTINGS
@example(EVERYTHING)
@given(labs)
def test_svg_shows_any_name_as_it_is(topology):
    root = ET.fromstring(svg(topology))  # noqa: S314  # our own output
    shown = {plain("".join(text.itertext())) for text in root.iter(f"{SVG}text")}
    assert {plain(word) for words in words_of(topology).values() for word in words} <= shown


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(EVERYTHING)
@given(labs)
def test_pdf_has_any_name_as_text(topology):
    shown = subprocess.run(
        [program("pdftotext", "poppler-utils"), "-layout", "-enc", "UTF-8", "-", "-"],
        input=image(topology, ".pdf"),
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8")
    found = "".join(shown.split())
    for words in words_of(topology).values():
        assert all("".join(word.split()) in found for word in words if word.isascii())
