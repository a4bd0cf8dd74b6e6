"""The document panel in JupyterLab: every button pressed, and what became of the files."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import (
    NOTEBOOK,
    dark_theme,
    error_texts,
    eventually,
    open_notebook,
    run_all,
    show_cell,
    tab_to,
)

SHOWN = """
import nestlab
from nestlab.notebook import DocumentPanel
host = nestlab.connect("sim:ws2022-intel")
DocumentPanel(host)
"""


@pytest.fixture
def folder(page, jupyter_server):
    """The folder of a notebook that shows the panel on a simulated host."""
    cells = [
        new_code_cell(text.strip(), id=f"c{n}") for n, text in enumerate((SHOWN, "go_on = None"))
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), jupyter_server.folder / "doc.ipynb")
    open_notebook(page, jupyter_server, "doc.ipynb")
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)
    return jupyter_server.folder


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def says(page, text):
    expect(page.get_by_role("status").filter(has_text=text).first).to_be_visible()


def test_a_host_is_documented_with_every_button(page, folder):
    kind, name = page.get_by_label("Kind", exact=True), page.get_by_label("Write to", exact=True)
    kind.focus()
    tab_to(page, page.get_by_role("button", name="Preview", exact=True))
    page.keyboard.press("Enter")
    frame = page.get_by_title("Preview of sim-ws2022-intel.html")
    expect(frame).to_have_attribute("sandbox", "")
    body = frame.content_frame.locator("body")
    expect(body.get_by_role("heading", name="Summary")).to_be_visible()
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")
    dark_theme(page)
    expect(body).to_have_css("background-color", "rgb(13, 17, 23)")
    dark_theme(page, dark=False)
    expect(body).to_have_css("background-color", "rgb(255, 255, 255)")

    kind.select_option(label="Picture, SVG (.svg)")
    expect(frame).to_have_count(0)
    press(page, "Preview")
    says(page, "The preview shows the document.")
    picture = page.locator(f"{NOTEBOOK} .nestlab-document-picture img")
    expect(picture).to_have_attribute("alt", re.compile("^Network topology HV01"))
    page.wait_for_function("(image) => image.naturalWidth > 100", arg=picture.element_handle())
    with page.expect_download() as download:
        page.get_by_role("link", name="Download sim-ws2022-intel.svg").click()
    downloaded = download.value.path().read_bytes()

    file = folder / "mine.svg"
    file.write_text("mine", encoding="utf-8")
    name.fill("mine.svg")
    press(page, "Write")
    says(page, "mine.svg already exists")
    press(page, "Keep it")
    says(page, "No file was changed.")
    assert file.read_text(encoding="utf-8") == "mine"
    press(page, "Write")
    tab_to(page, page.get_by_role("button", name="Overwrite", exact=True))
    page.keyboard.press("Space")
    says(page, "Wrote mine.svg")
    assert file.read_bytes() == downloaded

    name.fill("missing/mine.svg")
    press(page, "Write")
    says(page, "cannot be written")
    box = page.locator(f"{NOTEBOOK} .nestlab-panel").first
    for width in (700, 1400):
        page.set_viewport_size({"width": width, "height": 1000})
        eventually(page, lambda: box.evaluate("(node) => node.clientWidth < innerWidth"), True)
        assert box.evaluate("(node) => node.scrollWidth <= node.clientWidth + 1")
    page.set_viewport_size({"width": 1280, "height": 1000})


SLOW = """
import threading
go_on, run = threading.Event(), host.run
def slowly(*cmdlets, **options):
    go_on.wait(60)
    return run(*cmdlets, **options)
host.run = slowly
"""


def run_last_cell(page, code):
    """Replace the last cell, and run it; clicks into an output make another cell the active one."""
    page.evaluate(
        """async (code) => {
            const app = window.jupyterapp, content = app.shell.currentWidget.content;
            content.activeCellIndex = 1;
            content.model.cells.get(1).sharedModel.setSource(code);
            await app.commands.execute('notebook:run-cell');
        }""",
        code,
    )


def test_reading_a_host_is_cancelled(page, folder):
    del folder
    run_last_cell(page, SLOW)
    press(page, "Preview")
    says(page, "Reading sim:ws2022-intel …")
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    expect(page.get_by_role("button", name="Write", exact=True)).to_be_disabled()
    press(page, "Cancel")
    says(page, "Stopping as soon as the current step allows")
    run_last_cell(page, "go_on.set()")
    says(page, "Stopped. Nothing was written.")
