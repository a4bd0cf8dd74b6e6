"""Mermaid and draw.io files, drawn in the browser by the programs that read them: every text is there, none covers another."""

from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.drawing import drawio, layout, mermaid
from nestlab.visible import visible
from tests.browser.npm_package import NpmPackage
from tests.drawing.labs import bridged_lab, classroom, lab_of, plain
from tests.drawing.overlaps import overlap
from tests.export.documents import TRICKY, texts
from tests.strategies import topologies

TOPOLOGIES = sorted((Path(__file__).parents[2] / "notebooks" / "topologies").glob("*.yml"))
MERMAID = NpmPackage(
    "mermaid",
    "11.17.2",
    "sha512-V6K3C8EBdEsPFZXSKMJe6ppQOENxuHARr9GvHX4hh47lAbhMRD9qf4oEK7LoaRQxULMa80/qt5gHO73aCleBBg==",
)
# The library of draw.io's own editor, from the same authors.
MXGRAPH = NpmPackage(
    "mxgraph",
    "4.2.2",
    "sha512-FrJc5AxzXSqiQNF+8CyJk6VxuKO4UVPgw32FZuFZ3X9W+JqOAQBTokZhh0ZkEqGpEOyp3z778ssmBTvdrTAdqw==",
)
DRAW_MERMAID = """async (text) => {
    const {svg} = await mermaid.render('picture', text);
    document.body.innerHTML = svg;
    document.querySelectorAll('br').forEach((mark) => mark.after(' '));
    const picture = document.querySelector('svg');
    picture.style.maxWidth = 'none';
    picture.setAttribute('width', picture.viewBox.baseVal.width);
    const found = (selector) => Array.from(document.querySelectorAll(selector), (e) => {
        const {left, top, right, bottom} = e.getBoundingClientRect();
        return [e.textContent, [left, top, right, bottom]];
    }).filter(([text]) => text.trim());
    return {
        title: found('.flowchartTitleText'), nodes: found('.node .nodeLabel'),
        hosts: found('.cluster-label'), links: found('.edgeLabels .edgeLabel .label'),
        harm: picture.querySelectorAll('script, math, i, b, em, strong, code, a, img').length,
    };
}"""
# The names of hosts that links run through: they have no surface of their own that hides a link.
CROSSED_BY_LINKS = """() => {
    const names = Array.from(document.querySelectorAll('.cluster-label, .node.title .nodeLabel'), (e) => {
        return [e.textContent.trim(), e.getBoundingClientRect()];
    }).filter(([text]) => text);
    const links = Array.from(document.querySelectorAll('path.flowchart-link'));
    const shown = links.filter((link) => !link.classList.contains('edge-thickness-invisible'));
    const crossed = new Set();
    for (const link of shown) {
        const matrix = link.getScreenCTM();
        for (let at = 0; at <= link.getTotalLength(); at += 2) {
            const {x, y} = link.getPointAtLength(at).matrixTransform(matrix);
            for (const [text, {left, top, right, bottom}] of names)
                if (x > left && x < right && y > top && y < bottom) crossed.add(text);
        }
    }
    return {links: shown.length, names: names.length, crossed: [...crossed]};
}"""
DRAW_DRAWIO = """(text) => {
    const file = mxUtils.parseXml(text);
    document.body.innerHTML = '<div id="picture"></div>';
    const graph = new mxGraph(document.getElementById('picture'));
    graph.setHtmlLabels(true);
    new mxCodec(file).decode(file.getElementsByTagName('mxGraphModel')[0], graph.getModel());
    document.querySelectorAll('br').forEach((mark) => mark.after(' '));
    const cells = Object.values(graph.getModel().cells);
    const shown = cells.filter((cell) => cell.vertex || cell.edge);
    const frame = ({x, y, width, height}) => [x, y, x + width, y + height];
    return {
        cells: cells.length,
        loose: shown.filter((cell) => cell.edge && !(cell.source && cell.target)).length,
        hidden: shown.filter((cell) => !graph.view.getState(cell)).length,
        links: shown.filter((cell) => cell.edge).map((cell) => graph.view.getState(cell).text)
            .filter((text) => text?.value).map((text) => [text.node.textContent, frame(text.boundingBox)]),
        parts: shown.filter((cell) => cell.vertex && !cell.children).map((cell) => [
            graph.view.getState(cell).text.node.textContent, frame(graph.view.getState(cell))]),
        labels: shown.map((cell) => graph.view.getState(cell)?.text?.node.textContent ?? ''),
        harm: graph.container.querySelectorAll('script, math, i, b, em, strong, code, a, img').length,
    };
}"""
# Words of Mermaid, of its older syntax for formulas and icons, and of what it takes for entities.
MEANINGFUL = (
    *TRICKY,
    "end",
    "graph TD; a-->b",
    "%%{init: {'theme': 'dark'}}%%",
    "%% x",
    "A --> B & C",
    "n1@{ shape: circle }",
    ":::vm",
    "#35; #quot; #lt;",
    "fa:fa-server",
    "fa:fa-server $$x$$ $$$",
    "style n0 fill:#fff;",
    r"D:\new\nested",
    "title: 'x' \"y\" {a: [b, *c]} # d",
    "- --- ... ? : ! % @",
    "\ufb02\u00b0\u00b035\u00b6\u00df",
)
names = st.sampled_from(MEANINGFUL) | texts
SETTINGS = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def drawing_page(browser):
    """A page that has both libraries; whatever it asks for beyond them fails the test."""
    with browser.new_context(offline=True, viewport={"width": 1280, "height": 1000}) as context:
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_content("<!doctype html><title>pictures</title><body></body>")
        page.evaluate(
            "window.mxBasePath = ''; window.mxLoadResources = window.mxLoadStylesheets = false"
        )
        page.add_script_tag(content=MERMAID.text("dist/mermaid.min.js"))
        page.add_script_tag(content=MXGRAPH.text("javascript/mxClient.min.js"))
        page.evaluate("mermaid.initialize({startOnLoad: false})")
        yield page
        assert errors == []


def assert_same(found, wanted):
    found, wanted = Counter(found), Counter(wanted)
    assert (found - wanted, wanted - found) == (Counter(), Counter())


def expected_words(topology):
    """What a reader finds in a picture, by the texts that all pictures have in common."""
    return {
        part: plain(" ".join(words)) for part, words in layout(topology).texts_by_part().items()
    }


def without_level(text):
    return text.replace("(L", "L").replace(")", "").replace(", ", " ")


@SETTINGS
@example(list(MEANINGFUL), "$$a$$", "fa:fa-server", "title: 'x' \"y\" # d")
@given(st.lists(names, min_size=1, max_size=4), names, names, names)
def test_mermaid_shows_any_name_as_it_is(drawing_page, written, adapter, switch, title):
    topology = lab_of(written, adapter, switch, title)
    drawn = drawing_page.evaluate(DRAW_MERMAID, mermaid(topology))
    words = expected_words(topology)
    picture = layout(topology)
    shown = [*drawn["nodes"], *drawn["hosts"], *drawn["links"]]
    parts = [part.id for part in (*picture.boxes, *picture.bars)]
    lines = [line.id for line in picture.lines if line.kind == "adapter"]
    wanted = (without_level(words[part]) for part in [*parts, *lines])
    assert_same((without_level(plain(text)) for text, _ in shown), wanted)
    assert [plain(text) for text, _ in drawn["title"]] == [plain(visible(title))]
    assert drawn["harm"] == 0


LABS = {
    **{path.stem: nestlab.load(path) for path in TOPOLOGIES},
    "adapters on one switch": bridged_lab(),
    "50 VMs": classroom(50),
}


@pytest.mark.parametrize("name", LABS)
def test_no_label_of_mermaid_covers_another(drawing_page, name):
    drawn = drawing_page.evaluate(DRAW_MERMAID, mermaid(LABS[name]))
    labels = [*drawn["title"], *drawn["nodes"], *drawn["hosts"], *drawn["links"]]
    assert len(labels) > len(LABS[name].vms)
    assert covered(labels) == []


@pytest.mark.parametrize("name", LABS)
def test_no_link_of_mermaid_runs_through_the_name_of_a_host(drawing_page, name):
    drawing_page.evaluate(DRAW_MERMAID, mermaid(LABS[name]))
    found = drawing_page.evaluate(CROSSED_BY_LINKS)
    assert found["links"] >= len(LABS[name].vms)
    assert found["names"] > sum(1 for vm in LABS[name].vms if vm.nested)
    assert found["crossed"] == []


@pytest.mark.parametrize("name", LABS)
def test_no_label_of_drawio_covers_another_or_a_machine_or_switch(drawing_page, name):
    drawn = drawing_page.evaluate(DRAW_DRAWIO, drawio(LABS[name]))
    assert len(drawn["links"]) >= len(LABS[name].vms)
    assert covered([*drawn["links"], *drawn["parts"]]) == []


def covered(labels):
    """The pairs that share an area of more than a pixel's width and height."""
    return [
        (one, other)
        for (one, here), (other, there) in combinations(labels, 2)
        if overlap(here, there, 1)
    ]


@SETTINGS
@example(list(MEANINGFUL), "0", "1", "<b>")
@given(st.lists(names, min_size=1, max_size=4), names, names, names)
def test_drawio_shows_any_name_as_it_is(drawing_page, written, adapter, switch, title):
    topology = lab_of(written, adapter, switch, title)
    drawn = drawing_page.evaluate(DRAW_DRAWIO, drawio(topology))
    words = expected_words(topology)
    picture = layout(topology)
    parts = [*picture.boxes, *picture.bars, *picture.lines]
    wanted = (words.get(part.id, "") for part in parts)
    assert_same(map(plain, drawn["labels"]), wanted)
    assert drawn["cells"] == 2 + len(parts)
    assert (drawn["loose"], drawn["hidden"], drawn["harm"]) == (0, 0, 0)


@SETTINGS
@given(topologies)
def test_mermaid_and_drawio_draw_any_topology(drawing_page, topology):
    assert drawing_page.evaluate(DRAW_MERMAID, mermaid(topology))["hosts"] is not None
    drawn = drawing_page.evaluate(DRAW_DRAWIO, drawio(topology))
    assert (drawn["loose"], drawn["hidden"]) == (0, 0)
