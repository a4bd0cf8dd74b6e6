"""In a narrow page, no line breaks inside the name of a cmdlet or parameter, nor inside a short phrase."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab_page import NOTEBOOK, error_texts, open_notebook, run_all, show_cell
from tests.browser.test_contrast import CLASS, HOST, KERNEL, PANELS
from tests.browser.test_picture_themes import LOAD

SHOWN = {
    "plan": "nestlab.Lab(topology, host).plan()",
    "findings": 'nestlab.check(nestlab.connect("sim:no-role"))',
    "CapabilityPanel": PANELS["CapabilityPanel"],
    "PlanPanel": PANELS["PlanPanel"],
    "BoardPanel": PANELS["BoardPanel"],
    "StagePanel": (
        f"panel = StagePanel({str(CLASS)!r}, 'ada', progress='p.json')\n"
        "for _ in range(3):\n    panel.hint()\n    panel.job.join(60)\npanel"
    ),
}
BROKEN = """(root, name) => {
    const names = new RegExp(name, 'g'), found = [];
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let seen = 0;
    while (texts.nextNode()) {
        const node = texts.currentNode;
        if (!node.parentElement.closest('code, pre, table.board')) continue;
        for (const match of node.data.matchAll(names)) {
            const range = document.createRange();
            range.setStart(node, match.index);
            range.setEnd(node, match.index + match[0].length);
            const tops = [...range.getClientRects()].map((box) => Math.round(box.top));
            if (!tops.length) continue;
            seen++;
            if (new Set(tops).size > 1) found.push(match[0]);
        }
    }
    return {found, seen};
}"""
NAMES = r"(?<![^\\s])(?:-[A-Z][A-Za-z]+|[A-Z][A-Za-z]+-[A-Z][A-Za-z]+|✓ done|✗ stuck|\\d+ (?:s|tries))(?![^\\s,])"


@pytest.mark.parametrize("name", SHOWN)
def test_names_and_short_phrases_stay_whole_in_a_narrow_page(page, jupyter_server, name):
    source = f"{LOAD}from nestlab.notebook import *\n{HOST}{SHOWN[name]}"
    file = f"breaks-{name}.ipynb"
    notebook = new_notebook(cells=[new_code_cell(source, id="shown")], metadata=KERNEL)
    nbformat.write(notebook, jupyter_server.folder / file)
    open_notebook(page, jupyter_server, file)
    run_all(page)
    assert error_texts(page) == []
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    show_cell(page, 0)
    shown = page.locator(f"{NOTEBOOK} .jp-OutputArea-output").last
    shown.locator("button, table, details").first.wait_for()
    unfold = "(node) => node.querySelectorAll('details').forEach((each) => { each.open = true; })"
    shown.evaluate(unfold)
    broken, seen = set(), 0
    for width in (1000, 900, 800, 700, 640):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(200)
        told = shown.evaluate(BROKEN, NAMES.replace("\\\\", "\\"))
        broken |= set(told["found"])
        seen += told["seen"]
    assert broken == set()
    assert seen >= 10
