"""Markdown shows every text literally, in the block where it belongs."""

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from nestlab.export import markdown
from nestlab.export.document import Document, DocumentSection, TextParagraph
from nestlab.visible import visible
from tests.export.documents import TRICKY, documents, texts

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def shown(text):
    return re.sub(r"[ \t\n]+", " ", visible(text)).strip(" ")


def rendered(text):
    """The texts of a page, block by block, as a reader sees them, and its code blocks."""
    blocks, codes = [], []
    for token in PARSER.parse(text):
        assert token.type not in ("html_block", "code_block", "hr", "blockquote_open")
        if token.type == "fence":
            codes.append(token.content)
        if token.type == "inline":
            assert {child.type for child in token.children} <= {
                "text", "text_special", "code_inline", "strong_open", "strong_close"
            }  # fmt: skip
            blocks.append("".join(child.content for child in token.children))
    return blocks, codes


def expected(document):
    (section,) = document.sections
    paragraph, bullets, table, found, steps = section.blocks
    (inner,) = section.sections
    texts = [document.title, document.description, section.title, paragraph.text, *bullets.items]
    texts += [table.caption, *table.headers, *(cell for row in table.rows for cell in row)]
    texts += [
        f"{ {'error': 'Error', 'warning': 'Warning', 'info': 'Note'}[f.severity] }: "
        + shown(f"{f.subject}: {f.message.removesuffix('.')}.")
        + f" {shown(f.hint)} (a-code)"
        for f in found.findings
    ]
    for item in steps.steps:
        texts += [f"{item.number}. {shown(item.step.title)}", item.where_and_why]
    texts += [inner.title, inner.blocks[0].text, document.closing]
    return [shown(text) for text in texts], [
        visible("\n".join(item.step.lines)) + "\n" for item in steps.steps
    ]


@given(documents())
def test_every_text_is_shown_literally(document):
    assert rendered(markdown(document)) == expected(document)


@pytest.mark.parametrize("text", TRICKY)
def test_a_tricky_text_alone_is_a_paragraph(text):
    page = markdown(Document(text, text, (DocumentSection(text, (TextParagraph(text),)),)))
    assert rendered(page) == ([shown(text)] * 4, [])


MATHEMATICS = re.compile(r"\$|\\[(\[$]|\\(begin|end|ref|eqref)\b")


@given(texts)
def test_nothing_outside_of_code_begins_mathematics(text):
    # JupyterLab gives the text of the finished page to MathJax, which leaves code out.
    for token in PARSER.parse(markdown(Document(text, text, ()))):
        for child in token.children or ():
            assert child.type == "code_inline" or not MATHEMATICS.search(child.content)


def test_a_path_stays_readable_in_the_source():
    assert "D:\\images\\ws2022.vhdx" in markdown(Document("lab", "D:\\images\\ws2022.vhdx", ()))
