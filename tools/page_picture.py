"""Take the README's picture of the page into docs/page.webp: ``python tools/page_picture.py``.

It opens notebook 03 in JupyterLab as nestlab starts it, in a Chromium, Chrome or Edge of this
computer, runs it, and shows the designer.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "browser")]

from find_browser import find_browser  # noqa: E402  # beside the tests
from lab_page import open_notebook, run_all, show_cell  # noqa: E402

from nestlab.cli.copy_notebooks import copy_missing, shipped  # noqa: E402
from nestlab.cli.notebooks import lab_arguments  # noqa: E402

NOTEBOOK = "03-design-a-topology.ipynb"
DESIGNER = 4
"""The cell that shows the designer."""
PORT = 8931
SIZE = {"width": 1100, "height": 860}


class Server:
    """JupyterLab on a copy of the notebooks."""

    def address(self, name: str) -> str:
        """Return the address of a notebook."""
        return f"http://127.0.0.1:{PORT}/lab/tree/{name}?reset"


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_missing(folder, shipped())
        arguments = lab_arguments(folder, port=PORT, browser=False)
        own = ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True"]
        with subprocess.Popen([sys.executable, "-m", "jupyterlab", *arguments, *own]) as server:
            try:
                _wait_until_up()
                picture = _picture()
            finally:
                server.terminate()
    few = Image.open(io.BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    few.convert("RGB").save(
        ROOT / "docs" / "page.webp", "WEBP", lossless=True, quality=100, method=6
    )


def _wait_until_up() -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api"):
                return
        except urllib.error.URLError:
            time.sleep(0.5)
    message = "the server does not start"
    raise SystemExit(message)


def _picture() -> bytes:
    path = find_browser()
    if path is None:
        message = "There is no Chromium, Chrome or Edge here; NESTLAB_BROWSER names one."
        raise SystemExit(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]  # a dict with these keys
        page.set_default_timeout(120_000)
        open_notebook(page, Server(), NOTEBOOK)
        run_all(page)
        return _shown(page)


def _shown(page: Page) -> bytes:
    """Show the designer with a nested host chosen, and nothing beside the notebook."""
    page.keyboard.press("Control+b")
    show_cell(page, DESIGNER - 1)
    page.locator("button", has_text="Add VM").first.evaluate("element => element.scrollIntoView()")
    page.get_by_role("button", name="Fit", exact=True).first.click()
    designer = page.locator(".jp-Cell").filter(has=page.get_by_role("button", name="Fit")).first
    designer.locator("svg text").filter(has_text="HV1").first.click(force=True)
    page.wait_for_timeout(2000)
    return page.screenshot()


if __name__ == "__main__":
    main()
