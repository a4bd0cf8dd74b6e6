"""What a notebook shows of a figure: its picture in the theme of the page, until the figure is changed."""

import base64
import re

import pytest

import nestlab
from nestlab.drawing import svg
from tests.drawing.labs import bridged_lab


def shown(figure):
    """Return the type and the content of the image that a notebook shows."""
    found = re.search(r'src="data:([^;]+);base64,([^"]+)"', figure._repr_html_())
    return found[1], base64.b64decode(found[2])


def test_a_figure_without_a_theme_is_shown_in_the_theme_of_the_page():
    kind, content = shown(nestlab.draw(bridged_lab()))
    assert (kind, content.decode()) == ("image/svg+xml", svg(bridged_lab()))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_with_a_theme_is_shown_as_it_is(theme):
    figure = nestlab.draw(bridged_lab(), theme)
    assert shown(figure) == ("image/png", figure._repr_png_())


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


@pytest.mark.parametrize("extension", ["png", "pdf", "svg"])
def test_saving_a_figure_is_no_change(tmp_path, extension):
    figure = nestlab.draw(bridged_lab())
    figure.savefig(tmp_path / f"lab.{extension}")
    figure.canvas.print_figure(tmp_path / f"tight.{extension}", bbox_inches="tight")
    assert shown(figure)[0] == "image/svg+xml"


def test_the_trace_is_in_the_picture_that_is_shown():
    trace = nestlab.trace(bridged_lab(), "web1", "internet").to_dict()
    plain, traced = nestlab.draw(bridged_lab()), nestlab.draw(bridged_lab(), trace=trace)
    assert b'class="drop"' in shown(traced)[1]
    assert b'class="drop"' not in shown(plain)[1]
