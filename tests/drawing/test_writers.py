import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from nestlab.drawing import FORMATS, dot, drawio, figure, image, mermaid, save, svg
from nestlab.drawing.palette import DARK, LIGHT, Palette
from nestlab.errors import UsageError
from nestlab.model.topology import Topology
from tests.drawing.labs import bridged_lab, classroom

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_is_named_and_self_contained() -> None:
    root = ET.fromstring(svg(bridged_lab()))  # noqa: S314  # our own output
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Network topology bridged-lab: L2 VMs on the wire"
    assert root[0].tag == f"{SVG}title"
    assert "http" not in svg(bridged_lab()).replace("http://www.w3.org/2000/svg", "")


def test_svg_escapes_what_people_write() -> None:
    lab = bridged_lab()
    lab = replace(lab, name="<b>&", vms=(replace(lab.vms[0], name='<script>"'),))
    root = ET.fromstring(svg(lab))  # noqa: S314  # our own output
    assert '<script>"' in [text.text for text in root.iter(f"{SVG}text")]


def test_auto_follows_the_reader_and_a_fixed_theme_does_not() -> None:
    assert "prefers-color-scheme: dark" in svg(bridged_lab())
    assert "prefers-color-scheme" not in svg(bridged_lab(), "dark")


@pytest.mark.parametrize("draw", [svg, figure], ids=["svg", "figure"])
def test_unknown_theme_names_the_known_ones(draw) -> None:
    with pytest.raises(UsageError, match="dark"):
        draw(bridged_lab(), "sepia")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figure_has_the_colour_of_its_theme_and_every_text(theme: str) -> None:
    made = figure(bridged_lab(), theme)
    written = {text.get_text() for text in made.axes[0].texts}
    assert {"HV1", "web1", "MAC spoofing", "VLAN 30", "192.0.2.21/24", "Internet"} <= written
    ground = {"light": LIGHT.background, "dark": DARK.background}[theme]
    assert "#" + "".join(f"{round(part * 255):02x}" for part in made.get_facecolor()[:3]) == ground


def test_figures_leave_pyplot_alone() -> None:
    code = "import sys; from tests.drawing.labs import bridged_lab; from nestlab.drawing import figure; figure(bridged_lab()); "
    code += "print('matplotlib.pyplot' in sys.modules)"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        == "False\n"
    )


def test_drawing_svg_loads_nothing_compiled() -> None:
    code = "import sys, nestlab.drawing as d; from nestlab.model.topology import Topology; d.svg(Topology(name='x')); "
    code += "print(sorted({'numpy', 'matplotlib', 'networkx', 'yaml', 'ipywidgets'} & set(sys.modules)))"
    assert (
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
        == "[]\n"
    )


@pytest.mark.parametrize("extension", [".png", ".pdf"])
def test_images_are_the_same_every_time(extension: str) -> None:
    assert image(bridged_lab(), extension) == image(bridged_lab(), extension)


@pytest.mark.parametrize("extension", FORMATS)
def test_save_writes_what_the_extension_names(extension: str, tmp_path: Path) -> None:
    starts = {
        "svg": b"<svg",
        "png": b"\x89PNG",
        "pdf": b"%PDF",
        "mmd": b"---\ntitle",
        "drawio": b"<mxfile",
        "dot": b"graph",
    }
    written = save(bridged_lab(), tmp_path / f"lab.{extension}")
    assert written.read_bytes().startswith(starts[extension])
    assert b"\r" not in written.read_bytes() or extension in ("png", "pdf")


def test_unknown_extension_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="svg, png, pdf, mmd, drawio, dot") as caught:
        save(bridged_lab(), tmp_path / "lab.bmp")
    assert "no picture format has the extension '.bmp'" in caught.value.message
    with pytest.raises(UsageError, match="the file name has no extension"):
        save(bridged_lab(), tmp_path / "lab")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        save(bridged_lab(), tmp_path / "none" / "lab.svg")


def test_mermaid_nests_machines_and_goes_out_through_the_adapter() -> None:
    text = mermaid(bridged_lab())
    assert text.count("subgraph") == 2
    assert text.count("  end\n") == 2
    assert '|"Bridge through Ethernet"|' in text
    name = "HV1 (L1)<br/>8 GB · 2 vCPU<br/>exposes virtualization extensions"
    assert f'["{name}"]:::title' in text


def test_mermaid_escapes_its_own_language() -> None:
    assert "#quot;#lt;#35;" in mermaid(
        Topology(name="x", vms=(replace(bridged_lab().vms[0], name='"<#', nested=None),))
    )


def test_dot_has_a_cluster_for_each_host() -> None:
    text = dot(bridged_lab())
    assert text.count("subgraph cluster_") == 2
    assert text.count("{") == text.count("}")


def test_drawio_nests_containers_and_ties_edges_to_their_ends() -> None:
    cells = {cell.get("id"): cell for cell in ET.fromstring(drawio(classroom(30))).iter("mxCell")}  # noqa: S314  # our own output
    (student,) = (c for c in cells.values() if c.get("value", "").startswith("student3 L1"))
    assert cells[student.get("parent")].get("value") == "Hyper-V host L0"
    edges = [cell for cell in cells.values() if cell.get("edge")]
    assert len(edges) > 30
    assert all(edge.get("source") in cells and edge.get("target") in cells for edge in edges)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(colours: Palette) -> None:
    grounds = [colours.background, colours.vm[0], *(fill for fill, _ in colours.levels)]
    pairs = [
        (colours.texts[role], ground) for role in ("name", "muted", "address") for ground in grounds
    ]
    pairs += [
        (colours.texts[f"switch-bar-{kind}"], fill) for kind, (fill, _) in colours.bars.items()
    ]
    pairs += [(ink, ground) for ground, ink in colours.badges.values()]
    assert [pair for pair in pairs if _contrast(*pair) < 4.5] == []
