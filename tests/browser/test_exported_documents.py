"""Exported documents as their readers see them: the runbook in JupyterLab, the handout in the browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

import nestlab
from tests.browser.lab_page import (
    NOTEBOOK,
    error_texts,
    open_notebook,
    outputs,
    run_all,
    show_cell,
)

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
TRICKY = r"Costs $5 and $6, D:\(x\), <b>bold</b> &lt; **x** _y_ [z](w)"
LOADED = """(image) => image.complete && image.naturalWidth > 100"""


def test_the_runbook_shows_its_picture_and_runs_in_jupyterlab(page, jupyter_server):
    topology = nestlab.loads(
        NAT_LAB.read_text(encoding="utf-8").replace(
            "description: One nested", f"description: '{TRICKY}'\nx-old: One nested", 1
        )
    )
    nestlab.export_topology(topology, jupyter_server.folder / "lab.ipynb", to="notebook")
    open_notebook(page, jupyter_server, "lab.ipynb")
    expect(page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown p").first).to_have_text(TRICKY)
    cells = page.evaluate(
        "() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells).map(c => c.id)"
    )
    show_cell(page, cells.index("picture"))
    picture = page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown img").first
    expect(picture).to_have_attribute(
        "alt", "Picture of nat-lab: 3 VMs, 1 nested host among them (HV1), and 2 virtual switches."
    )
    page.wait_for_function(LOADED, arg=picture.element_handle())
    run_all(page)
    assert error_texts(page) == []
    assert "Start HV1" in outputs(page, cells.index("apply"))


@pytest.fixture
def handout(tmp_path):
    path = tmp_path / "lab.html"
    nestlab.export_topology(nestlab.load(NAT_LAB), path, to="html")
    return path


def ground(page):
    return page.evaluate("getComputedStyle(document.querySelector('svg .ground')).fill")


def test_the_handout_is_light_dark_and_light_on_paper(browser, handout):
    found = {}
    for scheme in ("light", "dark"):
        with browser.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            requests, errors = [], []
            page.on("request", lambda request, seen=requests: seen.append(request.url))
            page.on("console", lambda message, seen=errors: seen.append(message.text))
            page.goto(handout.as_uri())
            body = page.evaluate("getComputedStyle(document.body).backgroundColor")
            found[scheme] = (body, ground(page))
            page.emulate_media(media="print", color_scheme=scheme)
            found[f"{scheme} on paper"] = (
                page.evaluate("getComputedStyle(document.body).backgroundColor"),
                ground(page),
            )
            assert page.pdf().startswith(b"%PDF")
            assert requests == [handout.as_uri()]
            assert errors == []
    assert found["dark on paper"] == found["light on paper"] == found["light"]
    assert found["dark"][0] != found["light"][0]
    assert found["dark"][1] != found["light"][1]


def test_the_handout_fits_narrow_screens_and_names_its_parts(browser, handout):
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        page.goto(handout.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        expect(page.get_by_role("heading", name="nat-lab", level=1)).to_be_visible()
        expect(page.get_by_role("img", name="Network topology nat-lab")).to_be_visible()
        table = page.get_by_role("table", name="VMs on the host", exact=True)
        expect(table.get_by_role("columnheader", name="Memory")).to_be_attached()
        expect(table.get_by_role("rowheader", name="HV1")).to_be_attached()
        page.get_by_role("link", name="Inside HV1 (L1)").click()
        expect(page.get_by_role("heading", name="Inside HV1 (L1)", exact=True)).to_be_in_viewport()
