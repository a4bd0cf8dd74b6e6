"""Exported documents as their readers see them: the runbook in JupyterLab, the handout in the browser."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import expect

import nestlab
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType, Topology
from nestlab.texts import set_language
from nestlab.visible import visible
from tests.browser.lab_page import (
    NOTEBOOK,
    error_texts,
    open_notebook,
    outputs,
    run_all,
    show_cell,
)
from tests.drawing.labs import classroom
from tests.export.documents import TRICKY as TRICKY_NAMES
from tests.readers import program

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
TRICKY = r"Costs $5 and $6, D:\(x\), <b>bold</b> &lt; **x** _y_ [z](w)"
LOADED = """(image) => image.complete && image.naturalWidth > 100"""


IN_LANGUAGE = {
    "en": (
        f"Network topology nat-lab: {TRICKY}. 3 VMs and 2 virtual switches.",
        "Start HV1",
        "The lab stays as it is.",
    ),
    "es": (
        f"Topología de red nat-lab: {TRICKY}. 3 VM y 2 conmutadores virtuales.",
        "Iniciar HV1",
        "El laboratorio se queda como está.",
    ),
}


@pytest.fixture(params=IN_LANGUAGE)
def language(request):
    """A language in which documents are written, and only those."""
    set_language(request.param)
    yield request.param
    set_language("en")


def test_the_runbook_shows_its_picture_and_runs_in_jupyterlab(page, jupyter_server, language):
    alternative, started, stays = IN_LANGUAGE[language]
    topology = nestlab.loads(
        NAT_LAB.read_text(encoding="utf-8").replace(
            "description: One nested", f"description: '{TRICKY}'\nx-old: One nested", 1
        )
    )
    file = f"lab-{language}.ipynb"
    nestlab.export_topology(topology, jupyter_server.folder / file, to="notebook")
    open_notebook(page, jupyter_server, file)
    expect(page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown p").first).to_have_text(TRICKY)
    cells = page.evaluate(
        "() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells).map(c => c.id)"
    )
    show_cell(page, cells.index("picture"))
    picture = page.locator(f"{NOTEBOOK} .jp-OutputArea img").first
    expect(picture).to_have_attribute("alt", alternative)
    page.wait_for_function(LOADED, arg=picture.element_handle())
    run_all(page)
    assert error_texts(page) == []
    assert started in outputs(page, cells.index("apply"))
    assert stays in outputs(page, cells.index("undo"))


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


NAMES = (*TRICKY_NAMES, "a-name-of-a-hundred-characters-" * 3 + "and-more")


@pytest.fixture
def lab_with_any_name():
    """A lab whose VMs, switch and description have the names that mean something in some format."""
    return Topology(
        name="<b>&lt;lab&gt;</b> $x$",
        description=TRICKY,
        switches=(Switch(name="$(Lan) `x`", switch_type=SwitchType.INTERNAL),),
        vms=tuple(
            VM(name=name, network_adapters=(NetworkAdapter(name=name, switch="$(Lan) `x`"),))
            for name in NAMES
        ),
    )


def plain(text):
    """A text as it is read: runs of blanks are one blank."""
    return " ".join(text.split())


TABLE_NAMES = """(selector) => {
    const tables = Array.from(document.querySelectorAll(`${selector} table`));
    const rows = tables.find((table) => table.tHead.textContent.includes('Generation')).tBodies[0].rows;
    return Array.from(rows, (row) => row.cells[0].textContent);
}"""


def test_any_name_is_shown_as_it_is_in_jupyterlab(page, jupyter_server, lab_with_any_name):
    nestlab.export_topology(lab_with_any_name, jupyter_server.folder / "names.ipynb", to="notebook")
    open_notebook(page, jupyter_server, "names.ipynb")
    cells = page.evaluate(
        "() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells).map(c => c.id)"
    )
    expect(page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown h1").first).to_contain_text(
        lab_with_any_name.name
    )
    show_cell(page, cells.index("host-0"))
    expect(
        page.locator(f"{NOTEBOOK} .jp-RenderedMarkdown th", has_text="Generation")
    ).to_be_visible()
    found = page.evaluate(TABLE_NAMES, f"{NOTEBOOK} .jp-RenderedMarkdown")
    assert [*map(plain, found)] == [plain(visible(name)) for name in NAMES]
    assert (
        page.locator(f"{NOTEBOOK} mjx-container, {NOTEBOOK} .jp-RenderedMarkdown script").count()
        == 0
    )


TEXTS = """() => Array.from(document.querySelectorAll('h1, h2, h3, p, li, caption, th, td, figcaption, pre'))
    .filter((element) => element.checkVisibility() && !element.querySelector('p, li, pre'))
    .map((element) => element.innerText)"""


def test_any_name_is_on_screen_and_on_paper(browser, tmp_path, lab_with_any_name):
    pdftotext = program("pdftotext", "poppler-utils")
    path, paper = tmp_path / "lab.html", tmp_path / "lab.pdf"
    nestlab.export_topology(lab_with_any_name, path, to="html")
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        names = page.evaluate(TABLE_NAMES, "main")
        assert [*map(plain, names)] == [plain(visible(name)) for name in NAMES]
        page.emulate_media(media="print")
        written = page.evaluate(TEXTS)
        paper.write_bytes(page.pdf(format="A4", prefer_css_page_size=True))
    read = [pdftotext, "-raw", "-enc", "UTF-8", str(paper), "-"]
    shown = subprocess.run(read, capture_output=True, check=True).stdout.decode("utf-8")
    found = "".join(shown.split())
    # The fonts of this computer may lack other characters.
    texts = ["".join(text.split()) for text in written if text.isascii()]
    assert len(texts) > 3 * len(NAMES)
    assert [text for text in texts if text not in found] == []
    assert list(beyond_the_edge(pdftotext, paper)) == []


def test_every_printed_page_has_its_number_and_content_besides(browser, tmp_path):
    """Before, the last page had nothing but the footer where that no longer fitted on the page before."""
    pdftotext = program("pdftotext", "poppler-utils")
    path = tmp_path / "lab.html"
    nestlab.export_topology(nestlab.load(NAT_LAB), path, to="html")
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        assert page.locator("footer").is_visible()
        for height in (202, 216, 297):  # before, the footer was alone at the first two, in mm
            paper = page.pdf(width="210mm", height=f"{height}mm")
            read = [pdftotext, "-raw", "-enc", "UTF-8", "-", "-"]
            shown = subprocess.run(read, input=paper, capture_output=True, check=True).stdout
            *pages, _ = shown.decode("utf-8").split("\f")
            for number, text in enumerate(pages, 1):
                assert text.count(f"Written by nestlab {nestlab.__version__}.") == 1
                assert f"{number}/{len(pages)}" in text
                assert len(text) > 60


def test_a_long_table_begins_on_the_page_where_its_place_is(browser, tmp_path):
    """Before, a table longer than a page left the rest of the page before it empty."""
    pdftotext = program("pdftotext", "poppler-utils")
    path = tmp_path / "lab.html"
    nestlab.export_topology(classroom(50), path, to="html")
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        paper = page.pdf(format="A4", prefer_css_page_size=True)
    read = [pdftotext, "-raw", "-enc", "UTF-8", "-", "-"]
    shown = subprocess.run(read, input=paper, capture_output=True, check=True).stdout
    before = next(text for text in shown.decode("utf-8").split("\f") if "NAT on the host" in text)
    assert "VMs on the host" in before
    assert "student5" in before


def beyond_the_edge(pdftotext, paper):
    """Yield the words that lie beyond the edge of their page."""
    read = [pdftotext, "-bbox", "-enc", "UTF-8", str(paper), "-"]
    boxes = subprocess.run(read, capture_output=True, check=True).stdout.decode("utf-8")
    for page in re.findall(r"<page .*?</page>", boxes, re.DOTALL):
        width = float(re.search(r'width="([\d.]+)"', page)[1])
        for right, word in re.findall(r'<word [^>]*xMax="([\d.]+)"[^>]*>(.*?)</word>', page):
            if float(right) > width:
                yield word
