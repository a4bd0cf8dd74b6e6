"""No placeholder of a field is cut off, in English and in Spanish: its text fits into the field."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect

from tests.browser.lab_page import NOTEBOOK, error_texts, open_notebook, run_all, show_cell
from tests.browser.test_contrast import HOST, KERNEL, PANELS
from tests.browser.test_picture_themes import LOAD

LANGUAGES = ("en", "es")
EVERY_PART = r"""
name: parts
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24}]
switches:
  - {name: Lan, switch_type: Internal}
  - {name: Outside, switch_type: External, net_adapter: Ethernet}
  - {name: Inner, switch_type: Private}
  - {name: Theirs, existing: true}
vms:
  - name: plain
    disk: {size: 40GB}
    network_adapters: [{switch: Lan}]
  - name: windows
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    nested: {switches: [{name: Deep, switch_type: Internal}], vms: [{name: deep, disk: {size: 1GB}}]}
    network_adapters: [{switch: Lan}]
"""
WITH_PLACEHOLDERS = ("ConnectPanel", "CapabilityPanel", "NestingPanel", "DocumentPanel")
CUT_OFF = """(root) => {
    const fields = [...root.querySelectorAll('input, textarea')].filter((each) => each.placeholder);
    const context = document.createElement('canvas').getContext('2d');
    const told = {seen: [], cut: []};
    for (const field of fields) {
        const style = getComputedStyle(field), shown = getComputedStyle(field, '::placeholder');
        context.font = `${shown.fontStyle} ${shown.fontWeight} ${shown.fontSize} ${shown.fontFamily}`;
        context.letterSpacing = shown.letterSpacing;
        const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        if (room <= 0) continue;  // not shown
        const needed = context.measureText(field.placeholder).width;
        told.seen.push(field.placeholder);
        if (needed > room) told.cut.push(`${field.placeholder}: ${Math.ceil(needed)} of ${Math.floor(room)} px`);
    }
    return told;
}"""


def shown(page, server, name, source):
    """Run a notebook of one cell, and return what it shows."""
    notebook = new_notebook(cells=[new_code_cell(source, id="shown")], metadata=KERNEL)
    nbformat.write(notebook, server.folder / name)
    open_notebook(page, server, name)
    run_all(page)
    assert error_texts(page) == []
    show_cell(page, 0)
    return page.locator(f"{NOTEBOOK} .jp-OutputArea-output").last


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_of_the_designer_fits_into_its_field(page, jupyter_server, language):
    source = (
        "import nestlab\nfrom nestlab.notebook import TopologyDesigner\n"
        f"nestlab.set_language({language!r})\n"
        f"designer = TopologyDesigner(nestlab.loads({EVERY_PART!r}))\ndesigner"
    )
    output = shown(page, jupyter_server, f"placeholders-{language}.ipynb", source)
    parts = output.locator(".nd-canvas [data-id]")
    parts.first.wait_for()
    cut, seen = set(), set()
    for identifier in parts.evaluate_all("(all) => all.map((each) => each.dataset.id)"):
        output.locator(f'.nd-canvas [data-id="{identifier}"]').focus()
        form = output.locator(f'.nd-form[data-id="{identifier}"]')
        form.locator(":is(input, select):enabled, .nd-quiet").first.wait_for()
        told = output.evaluate(CUT_OFF)
        cut |= set(told["cut"])
        seen |= set(told["seen"])
    assert any("10.0.0.100-10.0.0.200" in each for each in seen)
    assert len(seen) > 20
    assert "\n".join(sorted(cut)) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_of_the_panels_fits_into_its_field(page, jupyter_server, language):
    source = (
        f"{LOAD}from nestlab.notebook import *\nfrom IPython.display import display\n"
        f"nestlab.set_language({language!r})\n{HOST}"
    )
    for panel in WITH_PLACEHOLDERS:
        *before, last = PANELS[panel].splitlines()
        source += "\n".join([*before, f"display({last})\n"])
    shown(page, jupyter_server, f"placeholders-panels-{language}.ipynb", source)
    cell = page.locator(f"{NOTEBOOK} .jp-CodeCell").first
    panels = cell.locator(".jp-OutputArea-child")
    expect(panels).to_have_count(len(WITH_PLACEHOLDERS))
    for panel in panels.all():
        panel.locator("button, select").first.wait_for(state="attached")
    cell.evaluate(
        "(node) => node.querySelectorAll('details').forEach((each) => { each.open = true; })"
    )
    told = cell.evaluate(CUT_OFF)
    assert len(told["seen"]) >= 5
    assert told["cut"] == []
