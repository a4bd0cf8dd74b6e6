"""Notebooks that a program ran and saved with the state of their widgets, as HTML in the browser."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import NOTEBOOK, open_notebook, place, show_cell

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
CELLS = {
    "draw": f"""
import nestlab
topology = nestlab.load({str(NAT_LAB)!r})
nestlab.draw(topology)
""",
    "designer": """
from nestlab.notebook import NestingPanel, TopologyDesigner, TracePanel
TopologyDesigner(topology)
""",
    "nesting": 'NestingPanel(nestlab.connect("sim:ws2022-intel"))',
    "trace": 'TracePanel(topology, "web1", "internet")',
}
PICTURES = """() => Array.from(document.images, (i) => [i.alt, i.complete && i.naturalWidth > 100 && i.checkVisibility()])"""


@pytest.fixture
def executed(tmp_path):
    """The page that `jupyter execute` and `nbconvert` make."""
    path = tmp_path / "saved.ipynb"
    cells = [new_code_cell(source.strip(), id=name) for name, source in CELLS.items()]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), path)
    # Two interpreters, one after the other: these are the commands that people use.
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1"}
    for arguments in (
        ("jupyter", "execute", "--inplace", str(path)),
        ("jupyter", "nbconvert", "--to", "html", str(path)),
    ):
        command = [sys.executable, "-m", *arguments]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    assert "widgets" in nbformat.read(path, as_version=4).metadata  # it was saved with their state
    return path.with_suffix(".html")


def test_pictures_of_widgets_stay_in_html_and_have_alternative_texts(browser, executed):
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(executed.as_uri(), wait_until="domcontentloaded")
        page.wait_for_function(
            "() => document.readyState !== 'loading' && [...document.images].every((i) => i.complete)"
        )
        shown = page.evaluate(PICTURES)
        assert len(shown) == 5  # two of the nesting panel, one of each other
        assert all(visible for _, visible in shown)
        named = [alt for alt, _ in shown]
        assert named[0] == named[1]
        assert named[1].startswith("Network topology nat-lab: One nested host with two L2 VMs")
        assert all(alt and "No description" not in alt for alt in named)
        assert page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count() == 0


def test_a_saved_designer_shows_its_picture_before_anything_has_run(page, jupyter_server):
    name = place(jupyter_server, next(NAT_LAB.parents[1].glob("03*.ipynb")))
    open_notebook(page, jupyter_server, name)
    show_cell(page, 3)
    picture = page.locator(f"{NOTEBOOK} img[alt^='Network topology bridged-lab']").first
    expect(picture).to_be_visible()
    page.wait_for_function("(image) => image.naturalWidth > 100", arg=picture.element_handle())
