"""The runbook on paper: run, converted by nbconvert, and printed from the browser, whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nestlab
from tests.readers import program

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"
A4 = 718
"""The width of a sheet without margins of a centimeter, in pixels."""
CUT_OFF = """() => {
    const found = [];
    for (const node of document.querySelectorAll('.jp-InputArea-editor pre, .jp-RenderedMarkdown table, .jp-OutputArea-output')) {
        const right = node.parentElement.getBoundingClientRect().right + 1;
        if (node.scrollWidth > node.clientWidth + 1 || node.getBoundingClientRect().right > right)
            found.push(node.textContent.trim().slice(0, 60));
    }
    return found;
}"""


@pytest.fixture(params=["nat-lab", "two-node-cluster"])
def converted(request, tmp_path):
    """The topology of a runbook, and its page after `jupyter nbconvert --execute`."""
    topology = nestlab.load(TOPOLOGIES / f"{request.param}.yml")
    path = tmp_path / "lab.ipynb"
    nestlab.export_topology(topology, path, to="notebook")
    command = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", "--execute", str(path)]
    environment = {**os.environ, "JUPYTER_PLATFORM_DIRS": "1"}
    subprocess.run(command, check=True, env=environment, cwd=tmp_path, capture_output=True)
    return topology, path.with_suffix(".html")


def test_nothing_of_a_runbook_is_cut_off_on_paper(browser, converted, tmp_path):
    """On the build before, code was cut off after 68 characters, and wide tables at their end."""
    topology, file = converted
    printed = tmp_path / "lab.pdf"
    with browser.new_context(offline=True, viewport={"width": A4, "height": 1000}) as context:
        page = context.new_page()
        page.goto(file.as_uri(), wait_until="domcontentloaded")
        page.emulate_media(media="print")
        assert page.evaluate(CUT_OFF) == []
        page.pdf(path=printed, format="A4", margin=dict.fromkeys(SIDES, "1cm"))
    command = [program("pdftotext", "poppler-utils"), "-enc", "UTF-8", str(printed), "-"]
    text = without_blanks(subprocess.run(command, capture_output=True, check=True).stdout.decode())
    for line in nestlab.topology_file.dumps(topology).splitlines():
        assert without_blanks(line) in text, line


SIDES = ("top", "right", "bottom", "left")


def without_blanks(text):
    return re.sub(r"\s+", "", text)
