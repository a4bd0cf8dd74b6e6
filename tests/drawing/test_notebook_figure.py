"""What a notebook shows of a figure: its SVG, in the theme of the page, until the figure is changed."""

import subprocess
import sys
from base64 import b64encode

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.figure import Figure
from nbconvert import LatexExporter
from nbformat.v4 import new_code_cell, new_notebook, new_output

import nestlab
from nestlab.drawing import svg
from tests.drawing.embedded_images import image_in
from tests.drawing.labs import bridged_lab


def shown(figure):
    """Return the type and the content of the image that a notebook shows."""
    return image_in(figure._repr_html_())


def formats(figure):
    """Return what a notebook stores of a figure."""
    return DisplayFormatter().format(figure)[0]


@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_a_figure_is_shown_as_svg_without_a_theme_in_that_of_the_page(theme):
    figure = nestlab.draw(bridged_lab(), theme)
    kind, content = shown(figure)
    assert kind == "image/svg+xml"
    assert b"prefers-color-scheme: dark" in content if theme is None else b"@media" not in content
    assert sorted(formats(figure)) == ["text/html", "text/plain"]
    assert figure.svg == svg(bridged_lab(), theme or "auto")


def test_showing_a_figure_does_not_load_matplotlib():
    code = (
        "import sys, nestlab\n"
        "from nestlab.model.topology import Topology\n"
        "figure = nestlab.draw(Topology(name='x'))\n"
        "from IPython.core.formatters import DisplayFormatter\n"
        "assert 'svg' in DisplayFormatter().format(figure)[0]['text/html']\n"
        "print('matplotlib' in sys.modules, 'numpy' in sys.modules)\n"
        "figure.axes\n"
        "print('matplotlib' in sys.modules)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", "False", "True"]


def test_it_passes_for_a_figure_of_matplotlib(tmp_path):
    figure = nestlab.draw(bridged_lab())
    assert isinstance(figure, Figure)
    assert figure.get_size_inches()[0] * figure.dpi == pytest.approx(figure.width)
    figure.dpi = 50
    figure.savefig(tmp_path / "lab.png")
    assert (tmp_path / "lab.png").read_bytes().startswith(b"\x89PNG")
    assert shown(figure)[0] == "image/png"
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = figure.nothing_like_this


def test_a_png_is_stored_where_it_is_asked_for_and_goes_into_latex():
    figure = nestlab.draw(bridged_lab(), png=True)
    stored = formats(figure)
    assert shown(figure)[0] == "image/svg+xml"
    stored["image/png"] = b64encode(stored["image/png"]).decode()
    output = new_output("execute_result", data=stored, execution_count=1)
    notebook = new_notebook(cells=[new_code_cell("draw", outputs=[output])])
    latex, resources = LatexExporter().from_notebook_node(nbformat.from_dict(notebook))
    name = next(iter(resources["outputs"]))
    assert name.endswith(".png")
    assert name in latex


@pytest.mark.parametrize(
    "change",
    [
        lambda figure: figure.axes[0].texts[0].set_text("mine"),
        lambda figure: figure.axes[0].axhline(3),
        lambda figure: figure.set_facecolor("red"),
        lambda figure: figure.set_size_inches(3, 3),
        lambda figure: figure.text(0.5, 0.5, "mine"),
    ],
)
def test_a_figure_that_was_changed_is_shown_with_the_change(change):
    figure = nestlab.draw(bridged_lab())
    change(figure)
    assert shown(figure) == ("image/png", figure._repr_png_())
    assert "image/png" in formats(figure)


@pytest.mark.parametrize("extension", ["png", "pdf", "svg"])
def test_saving_a_figure_is_no_change(tmp_path, extension):
    figure = nestlab.draw(bridged_lab())
    figure.savefig(tmp_path / f"lab.{extension}")
    figure.canvas.print_figure(tmp_path / f"tight.{extension}", bbox_inches="tight")
    assert shown(figure)[0] == "image/svg+xml"


def test_the_trace_is_in_the_picture_that_is_shown():
    trace = nestlab.trace(bridged_lab(), "web1", "internet").to_dict()
    plain, traced = nestlab.draw(bridged_lab()), nestlab.draw(bridged_lab(), trace=trace)
    assert b"class='drop'" in shown(traced)[1]
    assert b"class='drop'" not in shown(plain)[1]
