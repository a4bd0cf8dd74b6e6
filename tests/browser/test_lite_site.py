"""The site of `nestlab lite` in a browser, served from a folder: notebooks, panels, nothing from elsewhere.

Building it takes a minute, and npm's registry where Pyodide is not in the cache, so it is asked
for with NESTLAB_TEST_LITE=1, with the extra `lite` installed. NESTLAB_LITE_PYODIDE names Pyodide's
archive, where it is not to be downloaded.
"""

import functools
import http.server
import json
import os
import re
import threading
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from nestlab.cli import main
from tests.browser import lab_page
from tests.browser.lab_page import (
    NOTEBOOK,
    button,
    dark_theme,
    error_texts,
    run_all,
    show_cell,
)

pytestmark = pytest.mark.skipif(
    not os.environ.get("NESTLAB_TEST_LITE"), reason="asked for with NESTLAB_TEST_LITE=1"
)
ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
LIMIT = 50_000_000  # bytes of the whole site
READY = 240_000  # milliseconds, on a slow computer
IDLE = re.compile(r"Python.*\| Idle")


STORED = """async ([name, text]) => {
    const contents = window.jupyterapp.serviceManager.contents;
    // There is no file before the first edit is saved; the page shows the edit before that.
    const file = await contents.get(name, {content: true}).catch(() => null);
    if (file === null) return false;
    return (file.format === 'base64' ? atob(file.content) : file.content).includes(text);
}"""
"""Whether a file of the reader's, as JupyterLab has it for downloads, has a text in it."""


class SiteFiles(http.server.SimpleHTTPRequestHandler):
    """Any static server, but for one setting that shows JupyterLab's own model to the test."""

    protocol_version = "HTTP/1.1"
    python_asked_for = threading.Event()
    notebooks_wait = False  # until Python has been asked for

    def log_message(self, *given):
        pass

    def do_GET(self):
        if self.path.endswith("/pyodide.mjs"):
            self.python_asked_for.set()
        elif self.notebooks_wait and re.fullmatch(r"/files/.*\.ipynb(\?.*)?", self.path):
            self.python_asked_for.wait(READY / 1000)
        if not self.path.split("?")[0].endswith("/jupyter-lite.json"):
            super().do_GET()
            return
        settings = json.loads(Path(self.translate_path(self.path)).read_bytes())
        settings.setdefault("jupyter-config-data", {})["exposeAppInBrowser"] = True
        content = json.dumps(settings).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lite") / "site"
    archive = os.environ.get("NESTLAB_LITE_PYODIDE")
    assert main(["lite", "-o", str(folder), *(["--pyodide", archive] if archive else [])]) == 0
    return folder


@pytest.fixture(scope="module")
def address(site):
    handler = functools.partial(SiteFiles, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser, address, monkeypatch):
    """A page with a storage of its own; what it asks for elsewhere, or is not there, fails the test."""
    monkeypatch.setattr(lab_page, "IDLE", IDLE)
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    elsewhere, missing = [], []
    own = (address, "data:", "blob:", address.replace("http", "ws"))
    context.on(
        "request", lambda asked: None if asked.url.startswith(own) else elsewhere.append(asked.url)
    )
    context.on(
        "response", lambda answer: missing.append(answer.url) if answer.status >= 400 else None
    )
    yield context.new_page()
    context.close()
    assert elsewhere == []
    # JupyterLite looks for files that a reader may have made, and lists of folders.
    assert [url for url in missing if "/api/contents/" not in url and "/files/" not in url] == []


def start(page, address, name):
    page.goto(f"{address}/lab/index.html?path={name}", wait_until="domcontentloaded")
    page.locator(NOTEBOOK).wait_for(timeout=READY)
    page.get_by_role("button", name=IDLE).wait_for(timeout=READY)
    run_all(page, timeout=READY)
    assert error_texts(page) == []


OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
    .filter((cell) => cell.type === 'code').flatMap((cell) => cell.outputs.toJSON())"""


def printed_lines(outputs):
    """Return the printed lines in order of the alphabet: seats are done in any order."""
    streams = [output["text"] for output in outputs if output["output_type"] == "stream"]
    return sorted(line for stream in streams for line in "".join(stream).splitlines())


def status(page, text):
    return expect(page.get_by_role("status").filter(has_text=text).first)


def test_the_site_is_small_and_names_what_is_in_it(site):
    record = json.loads((site / "nestlab-site.json").read_bytes())
    assert {"nestlab", "pyyaml", "pyodide-kernel"} <= {*record["packages"]}
    assert sum(file.stat().st_size for file in site.rglob("*") if file.is_file()) <= LIMIT


@pytest.mark.parametrize("name", [*NOTEBOOKS, "es/04-apply-step-by-step.ipynb"])
def test_each_notebook_runs_from_top_to_bottom(page, address, name):
    start(page, address, name)
    saved = nbformat.read(ROOT / "notebooks" / name, 4)
    outputs = [output for cell in saved.cells for output in cell.get("outputs", ())]
    assert printed_lines(page.evaluate(OUTPUTS)) == printed_lines(outputs)


def test_the_kernel_starts_before_the_notebook_is_there_and_is_the_one_that_it_uses(
    page, address, monkeypatch
):
    SiteFiles.python_asked_for.clear()
    monkeypatch.setattr(SiteFiles, "notebooks_wait", True)
    start(page, address, "00-start-here.ipynb")
    assert SiteFiles.python_asked_for.is_set()
    running = page.evaluate(
        """async () => {
            const {sessions} = window.jupyterapp.serviceManager;
            await sessions.refreshRunning();
            return [...sessions.running()].map((session) => session.path);
        }"""
    )
    assert running == ["00-start-here.ipynb"]


WRITE_HELPER = """
import sys
assert 'jedi' not in sys.modules
with open('helper.py', 'w') as file:
    file.write('answer = 42')
"""
USE_HELPER = """
import importlib
importlib.invalidate_caches()  # it was written while Python ran
import helper
assert helper.answer == 42
"""


def test_code_is_completed_and_modules_beside_the_notebook_are_found(page, address):
    start(page, address, "00-start-here.ipynb")
    said = page.evaluate(
        """async (code) => {
            const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
            const [write, use, unfinished] = code;
            const reply = async (code) => (await kernel.requestExecute({code}).done).content.status;
            const first = [await reply(write), await reply(use)];
            const asked = {code: unfinished, cursor_pos: unfinished.length};
            const {matches} = (await kernel.requestComplete(asked)).content;
            return [...first, matches.includes('as_posix'), await reply('import jedi, parso.grammar')];
        }""",
        [
            WRITE_HELPER,
            USE_HELPER,
            "import pathlib\ndef never_called():\n    path = pathlib.Path('x')\n    path.as_p",
        ],
    )
    assert said == ["ok", "ok", True, "ok"]


def test_extensions_are_exposed_and_taken_back_by_buttons(page, address):
    start(page, address, "02-enable-nesting.ipynb")
    show_cell(page, panel_cell(page, "NestingPanel(host)"))
    button(page, "Apply").click()
    status(page, "Applied. The table shows the new state of the host.").to_be_visible()
    button(page, "Undo").click()
    status(page, "Undone: the earlier values are restored.").to_be_visible()


def test_a_topology_is_edited_and_its_file_kept_in_the_browser(page, address):
    start(page, address, "03-design-a-topology.ipynb")
    show_cell(page, panel_cell(page, "TopologyDesigner("))
    page.get_by_role("button", name="Add VM", exact=True).click()
    canvas = page.get_by_role("application", name="Topology canvas")
    expect(canvas.locator("[data-id$=vm1]").first).to_be_visible()
    page.wait_for_function(STORED, arg=["my-lab.yml", "vm1"])
    dark_theme(page)
    expect(canvas).to_be_visible()
    page.get_by_role("combobox", name="To", exact=True).first.select_option("HV1")
    expect(page.locator(".nestlab-panel").last).to_contain_text("web1")


def test_a_lab_is_verified_destroyed_and_applied_again_by_buttons(page, address):
    start(page, address, "04-apply-step-by-step.ipynb")
    show_cell(page, panel_cell(page, "PlanPanel(lab)"))
    button(page, "Verify").click()
    status(page, "3 of 3 checks passed").to_be_visible()
    button(page, "Destroy").click()
    button(page, "Yes, remove them").locator("visible=true").click()
    status(page, "Objects that other VMs depend on are kept").to_be_visible()
    button(page, "Plan again").click()
    status(page, re.compile("steps? to apply")).to_be_visible()
    button(page, "Next step").click()
    steps = page.get_by_role("list", name="Steps of the plan")
    expect(steps.get_by_role("img", name="done")).to_have_count(1)
    button(page, "Apply all").click()
    status(page, "the host matches the topology").to_be_visible()
    button(page, "Verify").click()
    status(page, "3 of 3 checks passed").to_be_visible()


def panel_cell(page, text):
    """Return the index of the cell that makes a panel."""
    return page.evaluate(
        """(text) => {
            const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
            for (let i = 0; i < cells.length; i++) {
                const cell = cells.get(i);
                if (cell.type === 'code' && cell.sharedModel.getSource().includes(text)) return i;
            }
            return -1;
        }""",
        text,
    )
