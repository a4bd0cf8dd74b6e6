"""The SVG in an image of a notebook: shorter, and the same picture."""

from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

import nestlab
from nestlab.drawing import svg
from nestlab.drawing.embedded import compact, data_uri
from nestlab.topology_file import loads

EXAMPLES = sorted((Path(__file__).parents[2] / "notebooks" / "topologies").glob("*.yml"))
SVG = "{http://www.w3.org/2000/svg}"
HARD = """\
name: lab
description: 5 % off & "more" <here> # 'now' ¿día?
switches: [{name: 'S"<&>%#', switch_type: Private}]
vms: [{name: 'V<1>', network_adapters: [{switch: 'S"<&>%#'}]}, {name: v2, network_adapters: [{switch: 'S"<&>%#'}]}]
"""


def shapes(document):
    """Return each shape of an SVG with its place, where uses stand for what they use."""
    root = ET.fromstring(document)  # noqa: S314  # made by nestlab
    shared = {each.get("id"): each for each in root.iter() if each.get("id")}
    for part in root.iter():
        kind = part.tag.removeprefix(SVG)
        if kind in {"svg", "defs", "title", "style", "desc"} or part.get("id"):
            continue
        used = shared[part.get("href")[1:]] if kind == "use" else part
        given = {**used.attrib, **part.attrib}
        yield (
            used.tag,
            used.text if used.tag == f"{SVG}text" else "",
            {name: value for name, value in given.items() if name not in {"id", "href"}},
        )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_shorter_document_has_the_same_shapes_in_the_same_order(path):
    document = svg(nestlab.load(path))
    assert list(shapes(compact(document))) == list(shapes(document))
    assert len(compact(document)) < len(document)


def test_names_with_special_characters_stay_as_they_are():
    document = svg(loads(HARD))
    held = unquote(data_uri(document).partition(",")[2])
    assert list(shapes(held)) == list(shapes(document))
    assert '"' not in data_uri(document)
