"""Traces in Spanish: the same status, reason, places and fixes, in other words."""

from pathlib import Path

import pytest

import nestlab
from nestlab import texts
from nestlab.drawing import layout
from nestlab.drawing.overlay import overlay
from nestlab.errors import UnknownEndpoint
from nestlab.reachability import matrix

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
VLAN = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: Lan, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms:
  - name: web1
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Lan, vlan: {access: 20}, ip_address: 10.5.0.9/24}]
"""
CODES = ("from", "to", "status", "leg")


def traced(text, source, target):
    return nestlab.trace(nestlab.loads(text), source, target)


def in_english(*arguments):
    texts.set_language("en")
    found = traced(*arguments)
    texts.set_language("es")
    return found


def same_but_for_texts(found, english):
    one, two = found.to_dict(), english.to_dict()
    assert [one[key] for key in CODES] == [two[key] for key in CODES]
    assert [hop["kind"] for hop in one["hops"]] == [hop["kind"] for hop in two["hops"]]
    assert [fix["cmdlets"] for fix in one["fixes"]] == [fix["cmdlets"] for fix in two["fixes"]]
    if one["drop"]:
        assert one["drop"]["reason"] == two["drop"]["reason"]
        assert one["drop"]["at"] == two["drop"]["at"]


def test_a_dropped_packet_is_explained_and_fixed(spanish):
    found = traced(VLAN, "web1", "host")
    same_but_for_texts(found, in_english(VLAN, "web1", "host"))
    assert not found
    assert found.headline.startswith("web1 → host: inaccesible. ")
    assert "están en una VLAN distinta de la de" in str(found)
    assert "Solución, en host (comprobada):" in str(found)
    assert "En el archivo: vlan: {access: 20} (conmutador Lan)" in str(found)
    assert "comprobada con un nuevo seguimiento" in found._repr_html_()


def test_the_hops_to_the_internet_are_described_and_drawn(spanish):
    topology = nestlab.load(LAB)
    found = nestlab.trace(topology, "HV1", "internet")
    texts.set_language("en")
    english = nestlab.trace(topology, "HV1", "internet")
    same_but_for_texts(found, english)
    picture = layout(topology)
    expected = overlay(picture, english.to_dict())
    texts.set_language("es")
    assert "envía una solicitud de eco desde" in found.hops[0].does
    assert any(hop.at.startswith("la red física tras ") for hop in found.hops)
    # The picture finds a physical network by its adapter, not by its name in a language.
    drawn = overlay(picture, found.to_dict())
    assert [marker.at for marker in drawn.markers] == [m.at for m in expected.markers]
    assert drawn.paths == expected.paths


def test_an_endpoint_that_does_not_exist_is_refused(spanish):
    with pytest.raises(UnknownEndpoint, match="No existe el equipo 'web9'"):
        traced(VLAN, "web9", "host")


def test_the_matrix_is_in_spanish_and_its_data_is_not(in_spanish):
    network = nestlab.load(LAB)
    english, spanish = matrix(network), in_spanish(matrix, network)
    assert spanish.to_dict() == english.to_dict()
    assert "pares accesibles" in in_spanish(str, spanish)
    html = in_spanish(spanish._repr_html_)
    assert "accesible" in html
    assert "de \\ a" in html
    assert "reachable" not in html
