"""Pictures in Spanish: as wide as their texts need, with the same parts."""

from hypothesis import HealthCheck, given, settings

from nestlab import texts
from nestlab.drawing import (
    Annotation,
    alternative_text,
    annotated,
    annotations_text,
    dot,
    drawio,
    layout,
    mermaid,
    mermaid_notices,
    outline,
    svg,
)
from nestlab.drawing.overlay import overlay
from nestlab.model.topology import Topology
from tests.drawing.labs import bridged_lab, classroom, topologies
from tests.drawing.overlaps import faults


def parts(picture):
    """The parts of a picture that do not follow from how much room there is."""
    return [
        sorted(box.id for box in picture.boxes),
        sorted((bar.id, bar.machine) for bar in picture.bars if not bar.repeated),
        sorted((li.id, li.source, li.target) for li in picture.lines if li.kind != "spine"),
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(topologies)
def test_nothing_overlaps_and_nothing_is_left_out(topology: Topology) -> None:
    english = layout(topology)
    texts.set_language("es")
    try:
        spanish = layout(topology)
    finally:
        texts.set_language("en")
    assert faults(spanish) == []
    assert parts(spanish) == parts(english)


def test_each_format_has_the_spanish_texts(spanish):
    picture = layout(bridged_lab())
    assert alternative_text(picture) == (
        "Topología de red bridged-lab: L2 VMs on the wire. 2 VM y 2 conmutadores virtuales."
    )
    assert "Host de Hyper-V, L0" in outline(picture)
    drawn = svg(picture)
    assert "<title>host anidado HV1, nivel 1</title>" in drawn
    assert "<title>conmutador externo Uplink</title>" in drawn
    for text in (drawn, drawio(picture), dot(picture), mermaid(picture)):
        assert "suplantación de MAC" in text
        assert "puerta de enlace 192.0.2.1" in text
        assert "Uplink" in text
        assert "externo" in text
        assert "gateway" not in text
        assert "MAC spoofing" not in text


def test_a_folded_chart_says_so_in_spanish(spanish):
    notices = mermaid_notices(mermaid(classroom(600)))
    assert [notice.startswith("Mermaid dibuja como máximo 500 vínculos") for notice in notices] == [
        True
    ]


def test_the_legend_is_in_spanish(spanish):
    wrong = [Annotation("HV1", "missing", "falta"), Annotation("host", "left-over", "sobra")]
    picture = annotated(layout(bridged_lab()), wrong, "2 diferencias")
    shown = [text.text for text in picture.texts]
    assert "en el archivo, no en el host" in shown
    assert "en el host, no en el archivo" in shown
    assert next(iter(annotations_text(wrong))) == "1. en el archivo, no en el host: falta"


def test_a_drop_is_marked_at_the_same_port_in_every_language(in_spanish):
    drop = {
        "at": {"machine": "host", "adapter": "HV1/Ethernet", "switch": "Uplink"},
        "reason": "MAC_SPOOFING_OFF",
        "explanation": "",
    }

    def beside_the_port():
        picture = layout(bridged_lab())
        port = next(line for line in picture.lines if line.id == "adapter:HV1/0").points[-1]
        at = overlay(picture, {"hops": [], "drop": drop}).drop.at
        return at[0] - port[0], at[1] - port[1]

    assert in_spanish(beside_the_port) == beside_the_port() == (-3, 6)
