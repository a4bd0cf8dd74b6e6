"""The HTML page shows every text literally, loads nothing, and says what its parts are."""

import re
from html.parser import HTMLParser

from hypothesis import given

from nestlab.export import html_page
from nestlab.visible import visible
from tests.export.documents import documents

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p"),
    *("nav", "ol", "ul", "li", "main", "section", "div", "table", "caption", "thead", "tbody"),
    *("tr", "th", "td", "wbr", "strong", "em", "br", "code", "pre", "footer"),
}
VOID = {"meta", "wbr", "br"}


class Page(HTMLParser):
    """The elements of a page in order: their tag, attributes and text; it must be well nested."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        element = (tag, dict(attrs), [])
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, texts in self.open:
            texts.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)

    def texts(self, *tags):
        return ["".join(texts) for tag, _, texts in self.elements if tag in tags]


@given(documents())
def test_every_text_is_shown_literally(document):
    page = Page(html_page(document))
    (section,) = document.sections
    paragraph, bullets, table, found, steps = section.blocks
    assert {tag for tag, _, _ in page.elements} <= TAGS
    assert page.texts("title", "h1") == [visible(document.title)] * 2
    assert page.texts("caption") == [visible(table.caption)]
    cells = [*table.headers, *(cell for row in table.rows for cell in row)]
    assert page.texts("th", "td") == list(map(visible, cells))
    places = [visible(item.where_and_why) for item in steps.steps]
    texts = [document.description, paragraph.text, *places, section.sections[0].blocks[0].text]
    assert page.texts("p") == [*map(visible, texts), visible(document.closing)]
    lines = [visible("\n".join(item.step.lines)) for item in steps.steps]
    assert page.texts("pre") == lines
    items = page.texts("li")[1:]
    assert items[: len(bullets.items)] == list(map(visible, bullets.items))
    for item, finding in zip(items[len(bullets.items) :], found.findings, strict=False):
        assert visible(finding.message) in item
        assert visible(finding.hint) in item


@given(documents())
def test_tables_and_sections_name_their_parts(document):
    page = Page(html_page(document))
    headers = [attributes.get("scope") for tag, attributes, _ in page.elements if tag == "th"]
    assert set(headers) <= {"row", "col"}
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes, _ in page.elements:
        assert attributes.get("aria-labelledby", ids[0]) in ids
        assert attributes.get("href", f"#{ids[0]}").removeprefix("#") in ids


@given(documents())
def test_nothing_is_loaded_and_no_script_runs(document):
    text = html_page(document)
    page = Page(text)
    assert not any(
        name.startswith("on") or name in ("src", "srcset", "style")
        for _, attributes, _ in page.elements
        for name in attributes
    )
    (style,) = page.texts("style")
    assert not re.search(r"@import|url\(", style)
    assert "default-src 'none'" in text
