"""Annotations of a picture: each part is framed, numbered and explained, by more than its colour."""

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nestlab.drawing import Annotation, annotated, annotations_text, image, layout, svg
from nestlab.drawing.annotations import KINDS
from nestlab.drawing.palette import ANNOTATION_ROLES, DARK, LIGHT
from nestlab.model.topology import Topology
from tests.drawing.labs import bridged_lab, topologies
from tests.drawing.overlaps import frame, inside, overlap

SVG = "{http://www.w3.org/2000/svg}"
ANNOTATIONS = (
    Annotation("HV1/web1", "differs", "web1 has 1 processor"),
    Annotation("switch:host/Bridge", "missing", "The switch does not exist"),
    Annotation("HV1/gone", "left-over", "VM gone is left over"),
    Annotation("HV1", "not-known", "HV1 does not answer <yet> & so on"),
)


def drawn(annotations=ANNOTATIONS, topology=None):
    return annotated(layout(topology or bridged_lab()), annotations, "Compared with host-7")


def test_each_kind_has_a_colour_a_symbol_and_a_meaning():
    assert tuple(KINDS) == ANNOTATION_ROLES
    assert len({symbol for symbol, _ in KINDS.values()}) == len(KINDS)
    for colours in (LIGHT, DARK):
        assert len({colours.badges[kind] for kind in KINDS}) == len(KINDS)


def test_parts_are_framed_numbered_and_listed():
    picture = drawn()
    assert picture.frames[0].role == "differs"
    # What is not drawn is marked on the machine that it is on.
    on_host = next(frame for frame in picture.frames if "gone" in frame.name)
    assert on_host.name == "3: VM gone is left over; 4: HV1 does not answer <yet> & so on"
    texts = [badge.text for badge in picture.badges]
    for text in ("≠ 1", "+ 2", "− 3", "? 4"):
        assert texts.count(text) == 2, text  # on the part, and in the list
    words = " ".join(text.text for text in picture.texts)
    for annotation in ANNOTATIONS:
        assert annotation.text in words
        assert KINDS[annotation.kind][1] in words
    assert "Compared with host-7" in words


def test_what_is_only_not_known_is_dashed():
    (frame,) = drawn((Annotation("HV1", "not-known", "?"),)).frames
    assert frame.dashed


def test_the_svg_is_read_aloud_and_escapes_what_it_shows():
    text = svg(drawn(), description="\n".join(annotations_text(ANNOTATIONS)))
    root = ET.fromstring(text)  # noqa: S314  # our own output
    assert "1. differs from the file: web1 has 1 processor" in root.find(f"{SVG}desc").text
    titles = [each.text for each in root.iter(f"{SVG}title")]
    assert "1: web1 has 1 processor" in titles
    assert "<yet>" in " ".join(filter(None, (each.text for each in root.iter(f"{SVG}text"))))


def test_a_picture_without_marks_says_only_what_was_compared():
    picture = drawn(())
    assert picture.frames == ()
    assert picture.badges == layout(bridged_lab()).badges
    assert "Compared with host-7" in [text.text for text in picture.texts]


def test_long_lists_are_cut_and_counted():
    annotations = [Annotation("host", "differs", f"number {number}") for number in range(60)]
    words = [text.text for text in drawn(annotations).texts]
    assert "and 20 more" in words
    assert "number 40" not in words


def test_png_has_the_marks():
    assert image(drawn()) != image(layout(bridged_lab()))


@pytest.mark.parametrize("part", ["", "nowhere", "HV1/a/b/c", "switch:HV1/none", "hv1/WEB1"])
def test_every_mark_is_somewhere(part):
    assert len(drawn((Annotation(part, "differs", "x"),)).frames) == 1


@settings(max_examples=60)
@given(topologies, st.data())
def test_the_list_is_below_the_picture_and_nothing_in_it_overlaps(topology: Topology, data):
    plain = layout(topology)
    parts = [box.id for box in plain.boxes] + [bar.id for bar in plain.bars]
    annotations = [
        Annotation(
            part, data.draw(st.sampled_from(ANNOTATION_ROLES)), data.draw(st.text(max_size=90))
        )
        for part in data.draw(st.lists(st.sampled_from(parts), max_size=6))
    ]
    picture = annotated(plain, annotations, data.draw(st.text(max_size=120)))
    words = [word for word in (*picture.texts, *picture.badges) if word.y > plain.height - 8]
    page = (0, 0, picture.width, picture.height)
    assert [word.text for word in words if not inside(frame(word), page)] == []
    assert [
        (one.text, other.text)
        for one, other in combinations(words, 2)
        if overlap(frame(one), frame(other))
    ] == []
