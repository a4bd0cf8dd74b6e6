"""How long the page takes from a click to the changed picture, in JupyterLab, for two trees."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import nbformat
from beside import ROOT
from nbformat.v4 import new_code_cell, new_notebook
from rooms import lab
from scenarios.showing import LABS

from nestlab.topology_file import save
from tests.browser.conftest import BROWSER_ARGUMENTS
from tests.browser.find_browser import find_browser
from tests.browser.jupyter_server import JupyterServer, running_server
from tests.browser.lab_page import error_texts, open_notebook, run_all, show_cell

CELL = """
import sys
sys.path.insert(0, {tree!r})
from nestlab.notebook import TopologyDesigner
TopologyDesigner({file!r})
"""
CLICK = """async () => {
    const canvas = document.querySelector('.nd-canvas');
    const add = [...document.querySelectorAll('.nestlab-designer button')]
        .find((button) => button.textContent === 'Add VM');
    const before = canvas.querySelectorAll('[data-id]').length;
    const began = performance.now();
    add.click();
    await new Promise((done) => {
        const painted = new MessageChannel();
        const look = () => painted.port2.postMessage(0);
        painted.port1.onmessage = () =>
            canvas.querySelectorAll('[data-id]').length > before
                ? done() : requestAnimationFrame(look);
        requestAnimationFrame(look);
    });
    return performance.now() - began;
}"""
"""A message that is sent as a frame begins arrives when the page has painted it: what is there then
is in the picture. To look in the frame instead, where the page draws, would find it a frame later."""


def redraws(vms: int, trees: Mapping[str, Path], clicks: int = 7) -> dict[str, float]:
    """Return the median seconds from a click on *Add VM* to the changed picture, for each tree."""
    with lab_page() as (page, server):
        return {
            name: _redraw(page, server, name, tree, vms, clicks) for name, tree in trees.items()
        }


@contextmanager
def lab_page() -> Iterator[tuple[object, JupyterServer]]:
    """Open a browser beside a JupyterLab server."""
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as home,
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(home), Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=BROWSER_ARGUMENTS
        )
        yield browser.new_page(viewport={"width": 1280, "height": 1000}), server
        browser.close()


def _redraw(page, server, name: str, tree: Path, vms: int, clicks: int) -> float:
    shown(page, server, name, tree, vms)
    taken = []
    for _ in range(clicks):
        taken.append(page.evaluate(CLICK) / 1000)
        page.wait_for_timeout(1500)
    return median(taken)


def shown(page, server: JupyterServer, name: str, tree: Path, vms: int) -> None:
    """Show a designer of so many VMs, with the code of a tree."""
    save(lab(*LABS[vms]), server.folder / f"{name}.yml")
    code = CELL.format(tree=str(tree), file=f"{name}.yml")
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(code)], metadata={"kernelspec": kernel})
    nbformat.write(notebook, server.folder / f"{name}.ipynb")
    open_notebook(page, server, f"{name}.ipynb")
    run_all(page)
    if found := error_texts(page):
        raise RuntimeError(found)
    show_cell(page, 0)
    page.locator('.nd-canvas [data-id="host"]').wait_for()
    page.wait_for_timeout(2000)  # the page is still busy with its first picture


if __name__ == "__main__":
    print(redraws(200, {"now": ROOT}))
