"""Pictures in outputs have the theme of the page that shows them, and change with it."""

import io
import os
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image, ImageChops
from playwright.sync_api import expect

import nestlab
from nestlab.drawing import svg, svg_image
from tests.browser.lab_page import NOTEBOOK, dark_theme, error_texts, open_notebook, run_all

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
LOAD = f"import nestlab\ntopology = nestlab.load({str(NAT_LAB)!r})\n"
PANELS = "from nestlab.notebook import NestingPanel, TopologyDesigner, TracePanel\n"
CELLS = (
    LOAD + "nestlab.draw(topology)",
    PANELS + "TopologyDesigner(topology)",
    'NestingPanel(nestlab.connect("sim:ws2022-intel"))',
    'TracePanel(topology, "web1", "internet")',
)
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def write(path, *sources):
    cells = [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)


def brightness(picture):
    """Return the mean brightness of the pixels in the top rows of an image, where its ground is: 0 to 255."""
    picture.scroll_into_view_if_needed()
    pixels = Image.open(io.BytesIO(picture.screenshot())).convert("L")
    row = pixels.crop((8, 4, pixels.width - 8, 8)).tobytes()
    return sum(row) / len(row)


def wait_for_brightness(page, picture, low, high):
    end = time.monotonic() + 60
    while not low <= (found := brightness(picture)) <= high and time.monotonic() < end:
        page.wait_for_timeout(250)
    if low <= found <= high:
        return
    pytest.fail(f"the brightness of the picture is {found:.0f}, not from {low} to {high}")


def test_a_picture_of_draw_has_the_theme_of_jupyterlab_whatever_the_system_prefers(
    page, jupyter_server
):
    write(jupyter_server.folder / "themes.ipynb", CELLS[0], "nestlab.draw(topology, 'light')")
    open_notebook(page, jupyter_server, "themes.ipynb")
    run_all(page)
    assert error_texts(page) == []
    images = page.locator(f"{NOTEBOOK} .jp-OutputArea img")
    expect(images).to_have_count(2)
    following, fixed = images.all()
    for system in ("light", "dark"):
        page.emulate_media(color_scheme=system)
        for dark in (True, False):
            dark_theme(page, dark=dark)
            wait_for_brightness(page, following, *((0, 60) if dark else (230, 255)))
            wait_for_brightness(page, fixed, 230, 255)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A notebook that `jupyter execute` ran: panels left their pictures."""
    path = tmp_path_factory.mktemp("executed") / "saved.ipynb"
    write(path, *CELLS)
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1"}
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)]
    subprocess.run(command, check=True, env=environment, cwd=path.parent, capture_output=True)
    return path


def test_pictures_of_a_saved_notebook_have_the_theme_of_jupyterlab(page, jupyter_server, executed):
    notebook = nbformat.read(executed, as_version=4)
    nbformat.write(notebook, jupyter_server.folder / "saved-themes.ipynb")
    open_notebook(page, jupyter_server, "saved-themes.ipynb")
    page.evaluate("void window.jupyterapp.commands.execute('notebook:trust')")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    pictures = page.locator(f"{NOTEBOOK} .jp-OutputArea img")
    expect(pictures).to_have_count(5)
    for dark in (True, False):
        dark_theme(page, dark=dark)
        for picture in pictures.all():
            wait_for_brightness(page, picture, *((0, 60) if dark else (230, 255)))


def test_pictures_are_there_where_a_notebook_is_not_trusted(page, jupyter_server, executed):
    notebook = nbformat.read(executed, as_version=4)
    nbformat.write(notebook, jupyter_server.folder / "untrusted.ipynb")
    open_notebook(page, jupyter_server, "untrusted.ipynb")
    pictures = page.locator(f"{NOTEBOOK} .jp-OutputArea img")
    expect(pictures).to_have_count(5)
    for picture in pictures.all():
        wait_for_brightness(page, picture, 230, 255)


def test_the_shorter_svg_of_an_image_is_the_same_picture(browser):
    topology = nestlab.load(NAT_LAB)
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    taken = {}
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for body in (svg(topology), svg_image(svg(topology), "", 900)):
            page.set_content(f'<body style="margin:0"><div style="width:900px">{body}</div>')
            part = page.locator("body > div > svg, img")
            part.evaluate("(node) => { node.style.width = '900px'; node.style.height = '700px'; }")
            taken.setdefault(scheme, []).append(
                Image.open(io.BytesIO(part.screenshot())).convert("L")
            )
    page.close()
    for one, other in taken.values():
        assert len(set(one.tobytes())) > 20
        assert max(ImageChops.difference(one, other).tobytes()) < 100  # edges of letters
        assert sum(ImageChops.difference(one, other).tobytes()) / (900 * 700) < 0.5
