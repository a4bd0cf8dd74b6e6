"""Where matplotlib is not installed, as in a browser, pictures are SVG."""

import importlib.util
import json
import re

import pytest

import nestlab
from nestlab.drawing import figure, svg
from nestlab.errors import UsageError
from nestlab.export import runbook
from nestlab.model.topology import Topology
from tests.drawing.embedded_images import image_in
from tests.drawing.labs import bridged_lab


@pytest.fixture(autouse=True)
def without_matplotlib(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *given: find(name, *given) if name != "matplotlib" else None,
    )


@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_a_cell_shows_the_svg_as_an_image_with_its_description(theme):
    shown = nestlab.draw(bridged_lab(), theme)._repr_html_()
    kind, content = image_in(shown)
    assert kind == "image/svg+xml"
    assert (b"prefers-color-scheme: dark" in content) is (theme is None)
    assert re.search(r'alt="[^"]*bridged-lab[^"]*2 VMs', shown)


def test_it_is_saved_as_svg_and_another_format_names_what_it_needs(tmp_path):
    drawn = nestlab.draw(bridged_lab())
    drawn.savefig(tmp_path / "lab.svg")
    assert (tmp_path / "lab.svg").read_text(encoding="utf-8") == svg(bridged_lab()) + "\n"
    with pytest.raises(UsageError, match=r"need matplotlib.*\n.*\.svg"):
        drawn.savefig(tmp_path / "lab.png")
    with pytest.raises(UsageError, match="need matplotlib"):
        nestlab.draw(bridged_lab(), png=True)
    assert not hasattr(drawn, "axes")
    assert [file.name for file in tmp_path.iterdir()] == ["lab.svg"]


def test_an_unknown_theme_is_refused_like_that_of_a_figure():
    with pytest.raises(UsageError, match="dark"):
        nestlab.draw(Topology(name="x"), "auto")


@pytest.mark.parametrize("extension", ["png", "pdf"])
def test_pictures_that_only_matplotlib_makes_are_refused(tmp_path, extension):
    with pytest.raises(UsageError, match="need matplotlib"):
        nestlab.drawing.save(bridged_lab(), tmp_path / f"lab.{extension}")
    with pytest.raises(UsageError, match="need matplotlib"):
        figure(bridged_lab())


def test_the_picture_of_a_runbook_is_an_svg_alone():
    cells = json.loads(runbook(bridged_lab()))["cells"]
    picture = next(cell for cell in cells if cell["id"] == "picture")
    (output,) = picture["outputs"]
    assert set(output["data"]) == {"text/html", "text/plain"}
    kind, _ = image_in("".join(output["data"]["text/html"]))
    assert kind == "image/svg+xml"
