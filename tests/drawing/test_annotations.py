"""Marks on a picture: each part is framed, numbered and explained, by more than its colour."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.drawing import Mark, image, layout, marked, marks_text, svg
from nestlab.drawing.marks import KINDS
from nestlab.drawing.palette import DARK, LIGHT, MARK_ROLES
from nestlab.model.topology import Topology
from tests.drawing.labs import bridged_lab, topologies
from tests.drawing.overlaps import frame, inside, overlap

SVG = "{http://www.w3.org/2000/svg}"
MARKS = (
    Mark("HV1/web1", "differs", "web1 has 1 processor"),
    Mark("switch:host/Bridge", "missing", "The switch does not exist"),
    Mark("HV1/gone", "left-over", "VM gone is left over"),
    Mark("HV1", "not-known", "HV1 does not answer <yet> & so on"),
)


def drawn(marks=MARKS, topology=None):
    return marked(layout(topology or bridged_lab()), marks, "Compared with host-7")


def test_each_kind_has_a_colour_a_symbol_and_a_meaning():
    assert tuple(KINDS) == MARK_ROLES
    assert len({symbol for symbol, _ in KINDS.values()}) == len(KINDS)
    for colours in (LIGHT, DARK):
        assert len({colours.badges[kind] for kind in KINDS}) == len(KINDS)


def test_parts_are_framed_numbered_and_listed():
    picture = drawn()
    assert picture.outlines[0].role == "differs"
    # What is not drawn is marked on the machine that it is on.
    on_host = next(outline for outline in picture.outlines if "gone" in outline.name)
    assert on_host.name == "3: VM gone is left over; 4: HV1 does not answer <yet> & so on"
    texts = [badge.text for badge in picture.badges]
    for text in ("≠ 1", "+ 2", "− 3", "? 4"):
        assert texts.count(text) == 2, text  # on the part, and in the list
    words = " ".join(text.text for text in picture.texts)
    for mark in MARKS:
        assert mark.text in words
        assert KINDS[mark.kind][1] in words
    assert "Compared with host-7" in words


def test_what_is_only_not_known_is_dashed():
    (outline,) = drawn((Mark("HV1", "not-known", "?"),)).outlines
    assert outline.dashed


def test_the_svg_is_read_aloud_and_escapes_what_it_shows():
    text = svg(drawn(), description="\n".join(marks_text(MARKS)))
    root = ET.fromstring(text)  # noqa: S314  # our own output
    assert "1. differs from the file: web1 has 1 processor" in root.find(f"{SVG}desc").text
    titles = [each.text for each in root.iter(f"{SVG}title")]
    assert "1: web1 has 1 processor" in titles
    assert "<yet>" in " ".join(filter(None, (each.text for each in root.iter(f"{SVG}text"))))


def test_a_picture_without_marks_says_only_what_was_compared():
    picture = drawn(())
    assert picture.outlines == ()
    assert picture.badges == layout(bridged_lab()).badges
    assert "Compared with host-7" in [text.text for text in picture.texts]


def test_long_lists_are_cut_and_counted():
    marks = [Mark("host", "differs", f"number {number}") for number in range(60)]
    words = [text.text for text in drawn(marks).texts]
    assert "and 20 more" in words
    assert "number 40" not in words


def test_png_has_the_marks():
    assert image(drawn()) != image(layout(bridged_lab()))


@pytest.mark.parametrize("part", ["", "nowhere", "HV1/a/b/c", "switch:HV1/none", "hv1/WEB1"])
def test_every_mark_is_somewhere(part):
    assert len(drawn((Mark(part, "differs", "x"),)).outlines) == 1


@settings(max_examples=60)
@given(topologies, st.data())
def test_the_list_is_below_the_picture_and_nothing_in_it_overlaps(topology: Topology, data):
    plain = layout(topology)
    parts = [box.id for box in plain.boxes] + [bar.id for bar in plain.bars]
    marks = [
        Mark(part, data.draw(st.sampled_from(MARK_ROLES)), data.draw(st.text(max_size=90)))
        for part in data.draw(st.lists(st.sampled_from(parts), max_size=6))
    ]
    picture = marked(plain, marks, data.draw(st.text(max_size=120)))
    words = [word for word in (*picture.texts, *picture.badges) if word.y > plain.height - 8]
    page = (0, 0, picture.width, picture.height)
    assert [word.text for word in words if not inside(frame(word), page)] == []
    assert [
        (one.text, other.text)
        for one, other in combinations(words, 2)
        if overlap(frame(one), frame(other))
    ] == []
