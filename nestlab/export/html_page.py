"""Writes a document as one HTML page: self-contained, light and dark, printable, accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import singledispatch

from nestlab.export.document import (
    BulletList,
    CaptionedTable,
    Document,
    DocumentSection,
    FindingList,
    StepListing,
    TextParagraph,
    TopologyPicture,
    effects_of,
    sentence,
    severity_text,
)
from nestlab.export.page_style import page_style
from nestlab.html import escape
from nestlab.texts import language, tr

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_page(document: Document) -> str:
    """Return a document as the text of an HTML file; it loads nothing and runs no script."""
    return "\n".join(_page(document)) + "\n"


def _cell(text: str) -> str:
    """Return the text of a table cell; a long word may be broken after every 30 characters."""
    parts = re.split(r"(\S{30})(?=\S)", text)
    return "".join(
        f"{escape(part)}<wbr>" if at % 2 else escape(part) for at, part in enumerate(parts)
    )


def _page(document: Document) -> Iterator[str]:
    title = escape(document.title)
    yield f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    style = page_style(document.closing)
    yield f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>"
    yield f'<a class="skip" href="#content">{escape(tr("Skip to the content"))}</a>'
    yield f"<header>\n<h1>{title}</h1>"
    if document.description.strip():
        yield f"<p>{escape(document.description)}</p>"
    yield "</header>"
    yield from _contents(document)
    yield '<main id="content">'
    for number, section in enumerate(document.sections, 1):
        yield from _section(section, f"s{number}", 2)
    yield "</main>"
    if document.closing:
        yield f"<footer><p>{escape(document.closing)}</p></footer>"
    yield "</body>\n</html>"


def _contents(document: Document) -> Iterator[str]:
    yield f'<nav aria-label="{escape(tr("Contents"))}">\n<ol>'
    for number, section in enumerate(document.sections, 1):
        yield f'<li><a href="#s{number}">{escape(section.title)}</a></li>'
    yield "</ol>\n</nav>"


def _section(section: DocumentSection, identity: str, level: int) -> Iterator[str]:
    heading = f"h{min(level, 6)}"
    yield f'<section aria-labelledby="{identity}">'
    yield f'<{heading} id="{identity}">{escape(section.title)}</{heading}>'
    for number, block in enumerate(section.blocks, 1):
        yield from _block(block, f"{identity}-b{number}")
    for number, part in enumerate(section.sections, 1):
        yield from _section(part, f"{identity}-{number}", level + 1)
    yield "</section>"


@singledispatch
def _block(block: object, identity: str) -> Iterator[str]:
    message = f"There is no HTML for {type(block).__name__} ({identity})."  # not shown
    raise TypeError(message)


@_block.register
def _(block: TextParagraph, identity: str) -> Iterator[str]:
    del identity
    yield f"<p>{escape(block.text)}</p>"


@_block.register
def _(block: BulletList, identity: str) -> Iterator[str]:
    del identity
    yield "<ul>"
    yield from (f"<li>{escape(item)}</li>" for item in block.items)
    yield "</ul>"


@_block.register
def _(block: CaptionedTable, identity: str) -> Iterator[str]:
    # A wide table scrolls by itself, also with the keyboard.
    yield f'<div class="wide" role="region" aria-labelledby="{identity}" tabindex="0">'
    yield f'<table>\n<caption id="{identity}">{escape(block.caption)}</caption>'
    heads = "".join(f'<th scope="col">{escape(header)}</th>' for header in block.headers)
    yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
    for first, *others in block.rows:
        cells = "".join(f"<td>{_cell(cell)}</td>" for cell in others)
        yield f'<tr><th scope="row">{_cell(first)}</th>{cells}</tr>'
    yield "</tbody>\n</table>\n</div>"


@_block.register
def _(block: TopologyPicture, identity: str) -> Iterator[str]:
    yield f'<figure aria-labelledby="{identity}">'
    yield f'<div class="wide" role="region" aria-labelledby="{identity}" tabindex="0">'
    yield f"{block.svg}\n</div>"
    yield f'<figcaption id="{identity}">{escape(block.description)}</figcaption>'
    summary = tr("The picture as text")
    yield f"<details><summary>{escape(summary)}</summary><pre>{escape(block.outline)}</pre></details>"
    yield "</figure>"


@_block.register
def _(block: FindingList, identity: str) -> Iterator[str]:
    del identity
    yield '<ul class="findings">'
    for finding in block.findings:
        message = sentence(f"{finding.subject_text}: {finding.message}")
        hint = f"<br>{escape(finding.hint)}" if finding.hint else ""
        yield (
            f'<li class="{finding.severity}"><strong>{severity_text(finding.severity)}:</strong> '
            f"{escape(message)}{hint} (<code>{escape(finding.code)}</code>)</li>"
        )
    yield "</ul>"


@_block.register
def _(block: StepListing, identity: str) -> Iterator[str]:
    del identity
    yield '<ol class="steps">'
    for item in block.steps:
        step = item.step
        effects = f" <em>({escape(effects_of(step))})</em>" if effects_of(step) else ""
        yield f'<li value="{item.number}"><strong>{escape(step.title)}</strong>{effects}'
        yield f"<p>{escape(item.where_and_why)}</p>"
        lines = escape("\n".join(step.lines))
        yield f"<pre><code>{lines}</code></pre></li>"
    yield "</ol>"
