"""Every panel and every answer with axe-core in both themes, at 200 % zoom, at 700 pixels, and with reduced motion.

axe-core is the checker of Deque Systems, https://github.com/dequelabs/axe-core; texts that it cannot see
are in `test_contrast.py`. A zoom of 200 % halves the width in CSS pixels (WCAG 2.1, success criterion 1.4.10).
"""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.browser.lab_page import (
    NOTEBOOK,
    dark_theme,
    error_texts,
    open_notebook,
    run_all,
    show_cell,
)
from tests.browser.npm_package import NpmPackage
from tests.browser.test_contrast import HOST, KERNEL, PANELS
from tests.browser.test_picture_themes import LOAD

AXE = NpmPackage(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
BROKEN = """
bad = nestlab.loads("name: bad\\nvms: [{name: a, memory_startup: 900GB, network_adapters: [{switch: Nowhere}]}]\\n")
"""
ANSWERS = {
    "findings": "nestlab.validate(bad)",
    "host check": "nestlab.check(host)",
    "lab check": "nestlab.Lab(bad, host).check()",
    "plan": "nestlab.Lab(topology, host).plan()",
    "verify": "nestlab.Lab(topology, host).verify()",
    "drift": "nestlab.drift(topology, host)",
    "trace": 'nestlab.trace(topology, "web1", "internet")',
    "explanation": 'nestlab.explain("0x80070005")',
    "topology": "topology",
    "host": "host",
    "scenarios": "scenario_verdicts()",
    "broken trace": 'TracePanel(bad, "a", "internet")',
}
SHOWN = {**PANELS, **ANSWERS}
VIOLATIONS = """async (root) => {
    const {violations} = await axe.run(root, {resultTypes: ['violations']});
    return violations.filter(({impact}) => impact === 'serious' || impact === 'critical')
        .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
}"""
CUT_OFF = """(root) => {
    const found = [];
    const page = document.scrollingElement;
    if (page.scrollWidth > page.clientWidth) found.push(`the page scrolls sideways: ${page.scrollWidth}`);
    const right = root.getBoundingClientRect().right + 1;
    const scrolls = (node) => ['auto', 'scroll'].includes(getComputedStyle(node).overflowX);
    for (const node of root.querySelectorAll('*')) {
        const box = node.getBoundingClientRect();
        if (!box.width || !box.height || node.closest('svg svg, option')) continue;
        let inside = false;
        for (let at = node.parentElement; at && at !== root; at = at.parentElement) inside ||= scrolls(at);
        const named = `${node.tagName}.${node.getAttribute('class')}: ${node.textContent.trim().slice(0, 40)}`;
        if (!inside && box.right > right) found.push(`beyond the right edge by ${Math.round(box.right - right)}: ${named}`);
        const style = getComputedStyle(node);
        const clips = style.overflowX === 'hidden' && node.scrollWidth > node.clientWidth + 1;
        if (clips && node.textContent.trim()) found.push(`cut off: ${named}`);
    }
    return found;
}"""
MOVING = """(root) => {
    const found = root.getAnimations({subtree: true}).map((each) => `runs: ${each.effect.target.className}`);
    for (const node of root.querySelectorAll('[class*="nestlab"], [class*="nd-"], [class*="nestlab"] *')) {
        const {transitionDuration, animationName} = getComputedStyle(node);
        const moves = transitionDuration.split(',').some((time) => parseFloat(time) > 0.01);
        if (moves || animationName !== 'none') found.push(`${node.tagName}.${node.getAttribute('class')}`);
    }
    return found;
}"""


def shown(page, server, names):
    """Run a notebook with a cell for each panel and answer; return what shows the output of one."""
    first = f"{LOAD}from nestlab.notebook import *\n{HOST}{BROKEN}"
    sources = [first, *(SHOWN[name] for name in names)]
    cells = [new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)]
    file = "accessible.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), server.folder / file)
    open_notebook(page, server, file)
    run_all(page)
    assert error_texts(page) == []
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")

    def output(name):
        number = [*names].index(name) + 1
        show_cell(page, number)
        cell = page.locator(f"{NOTEBOOK} .jp-Cell[data-windowed-list-index='{number}']")
        found = cell.locator(".jp-OutputArea-output").last
        found.locator("button, select, table, p").first.wait_for()
        return found

    return output


def unfold(output):
    output.evaluate(
        "(node) => node.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )


def found_in(script, output, names, *, asked=1):
    """Return what a script finds in each output, folded and unfolded.

    Where it finds something it is `asked` up to so many times, a quarter of a second apart: a theme
    and a width take effect late on a slow computer.
    """
    found = []
    for name in names:
        part = output(name)
        for _ in range(2):
            for _ in range(asked):
                if not (texts := part.evaluate(script)):
                    break
                part.page.wait_for_timeout(250)
            found += [f"{name}: {text}" for text in texts]
            unfold(part)
    return list(dict.fromkeys(found))


def test_the_scripts_find_what_is_wrong(browser):
    page = browser.new_page(viewport={"width": 700, "height": 500})
    page.set_content("""<style>@keyframes turn { to { rotate: 1turn; } }</style>
        <main><select><option>one</option></select><p style="width:900px">too wide</p>
        <p style="width:40px;overflow:hidden;white-space:nowrap">a text that is cut off</p>
        <p class="nestlab-x" style="animation: turn 2s infinite">moves</p></main>""")
    page.evaluate(AXE.text("axe.min.js"))
    main = page.locator("main")
    assert [text.split(":")[0] for text in main.evaluate(VIOLATIONS)] == ["select-name"]
    beyond, cut = [text for text in main.evaluate(CUT_OFF) if "P.null" in text]
    assert beyond.startswith("beyond the right edge by")
    assert cut.startswith("cut off: ")
    assert main.evaluate(MOVING) == ["runs: nestlab-x", "P.nestlab-x"]
    page.close()


def test_axe_finds_nothing_serious_in_either_theme(page, jupyter_server):
    axe = AXE.text("axe.min.js")
    output = shown(page, jupyter_server, SHOWN)
    page.evaluate(axe)
    for dark in (True, False):
        dark_theme(page, dark=dark)
        assert found_in(VIOLATIONS, output, SHOWN, asked=20) == []


@pytest.mark.parametrize("width", [700, 640], ids=["700 pixels", "200 % of 1280"])
def test_nothing_is_cut_off_in_a_narrow_page(page, jupyter_server, width):
    output = shown(page, jupyter_server, SHOWN)
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(500)
    assert found_in(CUT_OFF, output, SHOWN, asked=20) == []


def test_nothing_moves_where_a_person_asks_for_less_motion(page, jupyter_server):
    page.emulate_media(reduced_motion="reduce")
    output = shown(page, jupyter_server, SHOWN)
    assert found_in(MOVING, output, SHOWN) == []
