"""The contrast of the texts in every panel, from computed styles, in the light and the dark theme.

WCAG 2.1 asks for 4.5:1 (success criterion 1.4.3, level AA), https://www.w3.org/TR/WCAG21/#contrast-minimum;
disabled controls are exempt. The pictures of topologies have colors of their own (`nestlab.drawing.palette`).
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
from tests.browser.test_picture_themes import LOAD, NAT_LAB

KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CLASS = NAT_LAB.parents[1] / "workshops" / "find-and-fix-1.yml"
HOST = 'host = nestlab.connect("sim:ws2022-intel")\n'
BOARD = f"""
from nestlab import workshop
course = workshop.load({str(CLASS)!r})
known = workshop.StageProgress(course.seat("ada"), "class/ada/find-1-ada.json")
known.mark_check(course.stages[0], passed=True)
for _ in range(5):
    known.mark_check(course.stages[1], passed=False)
panel = BoardPanel(course, progress="class")
panel.stages.value = course.stages[0].name
panel.help()
panel.job.join(60)
panel.ask()
panel"""
PANELS = {
    "ConnectPanel": "panel = ConnectPanel()\npanel.connect()\npanel.job.join(60)\npanel",
    "CapabilityPanel": 'CapabilityPanel(nestlab.connect("sim:no-role"))',
    "NestingPanel": "NestingPanel(host)",
    "PlanPanel": "panel = PlanPanel(nestlab.Lab(topology, host))\npanel.job.join(60)\npanel.apply_next().join(60)\npanel.buttons.destroy.click()\npanel",
    "TracePanel": 'TracePanel(topology, "web1", "internet")',
    "TopologyDesigner": "TopologyDesigner(topology)",
    "DocumentPanel": f"DocumentPanel({str(NAT_LAB)!r})",
    "BoardPanel": BOARD,
    "StagePanel": f"panel = StagePanel({str(CLASS)!r}, 'ada', progress='p.json')\npanel.hint()\npanel.job.join(60)\npanel",
}
LOW_CONTRAST = """(root) => {
    const parse = (color) => (color.match(/[\\d.]+(?:e-?\\d+)?/g) ?? []).map(Number);
    const rgba = (color) => {
        const numbers = parse(color);
        if (color.startsWith('color(srgb')) {
            const [r, g, b, a = 1] = numbers;
            return [r * 255, g * 255, b * 255, a];
        }
        const [r = 0, g = 0, b = 0, a = 1] = numbers;
        return [r, g, b, a];
    };
    const over = ([r, g, b, a], [s, t, u]) => [r * a + s * (1 - a), g * a + t * (1 - a), b * a + u * (1 - a)];
    const luminance = (color) => {
        const [r, g, b] = color.slice(0, 3).map((value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (node) => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
        return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
    };
    const opacity = (node) => {
        let share = 1;
        for (let at = node; at; at = at.parentElement) share *= Number(getComputedStyle(at).opacity);
        return share;
    };
    const found = [];
    let seen = 0;
    for (const node of root.querySelectorAll('*')) {
        if (node.closest('svg, :disabled, [aria-disabled="true"], option, .jp-RenderedImage')) continue;
        const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
        const isField = node.matches('input:not([type=checkbox]), select, textarea');
        const box = node.getBoundingClientRect();
        if ((!own && !isField) || !box.width || !box.height) continue;
        const style = getComputedStyle(node);
        if (style.visibility === 'hidden') continue;
        seen++;
        const ground = behind(node);
        const [r, g, b, a] = rgba(style.color);
        const ink = over([r, g, b, a * opacity(node)], ground);
        const [high, low] = [luminance(ink), luminance(ground)].sort((one, other) => other - one);
        const ratio = (high + 0.05) / (low + 0.05);
        if (ratio < 4.5) found.push(`${ratio.toFixed(2)} ${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 50)}`);
    }
    return {found, seen};
}"""


@pytest.mark.parametrize("panel", PANELS)
def test_every_text_of_a_panel_has_enough_contrast_in_both_themes(page, jupyter_server, panel):
    source = f"{LOAD}from nestlab.notebook import *\n{HOST}{PANELS[panel]}"
    name = f"contrast-{panel}.ipynb"
    notebook = new_notebook(cells=[new_code_cell(source, id="shown")], metadata=KERNEL)
    nbformat.write(notebook, jupyter_server.folder / name)
    open_notebook(page, jupyter_server, name)
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)
    shown = page.locator(f"{NOTEBOOK} .jp-OutputArea-output").last
    shown.locator("button, select").first.wait_for()
    shown.evaluate(
        "(node) => node.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )
    low = []
    for dark in (True, False):
        dark_theme(page, dark=dark)
        page.wait_for_timeout(500)  # a transition may take longer: then it is looked at again
        for _ in range(20):
            told = shown.evaluate(LOW_CONTRAST)
            if not told["found"]:
                break
            page.wait_for_timeout(250)
        assert told["seen"] >= 5
        low += told["found"]
    assert low == []
