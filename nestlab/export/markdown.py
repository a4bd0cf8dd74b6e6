r"""Writes a document as Markdown (CommonMark with tables), every name escaped.

Texts are shown literally. JupyterLab looks for mathematics (``$x$``, ``\\(x\\)``) in the rendered
page, where escapes and entities have been replaced; only code is excluded. Characters that would
begin mathematics are therefore written as code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import singledispatch

from nestlab.export.document import (
    BulletList,
    CaptionedTable,
    Document,
    DocumentSection,
    FindingList,
    NumberedStep,
    StepListing,
    TextParagraph,
    TopologyPicture,
    effects_of,
    sentence,
    severity_text,
)
from nestlab.model import Finding
from nestlab.texts import tr
from nestlab.visible import visible

# Before a letter, digit or space a backslash is literal, except in commands that MathJax recognizes
# outside of mathematics.
_MATHEMATICS = r"(?:\$|\\(?=begin|end|ref|eqref|[^A-Za-z0-9 ]|$))+"
_ESCAPED = re.compile(rf"(?P<mathematics>{_MATHEMATICS})|(?P<space>[^\S ])|[&<>*_`\[\]#~^|{{}}]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_AT_START = re.compile(r"^(\d*)([-+=:]|(?<=\d)[.)])")


def markdown(document: Document) -> str:
    """Return a document as the text of a Markdown file."""
    blocks = [f"# {inline(document.title)}"]
    blocks += [paragraph(document.description)] if document.description.strip() else []
    for section in document.sections:
        blocks += section_blocks(section, 2)
    blocks += [paragraph(document.closing)] if document.closing else []
    return "\n\n".join(blocks) + "\n"


def section_blocks(section: DocumentSection, level: int) -> Iterator[str]:
    """Yield the blocks of a section, with its heading at a level from 1 to 6."""
    yield f"{'#' * min(level, 6)} {inline(section.title)}"
    for block in section.blocks:
        yield from block_texts(block)
    for part in section.sections:
        yield from section_blocks(part, level + 1)


def inline(text: str) -> str:
    r"""Return a text escaped for one line of Markdown: headings, table cells, list items.

    >>> print(inline("web_1 <b> $x$ D:\\images"))
    web\_1 &lt;b&gt; `$`x`$` D:\images
    """
    line = re.sub(r"[ \t\n]+", " ", visible(text)).strip(" ")
    return _ESCAPED.sub(_escape, line)


def _escape(found: re.Match[str]) -> str:
    if found["mathematics"]:
        return f"`{found[0]}`"
    if found["space"]:  # no-break space and others: markers of emphasis beside one stay text
        return f"&#{ord(found[0])};"
    return _ENTITIES.get(found[0], f"\\{found[0]}")


def paragraph(text: str) -> str:
    """Return a text escaped for a paragraph: its start is not read as a list or a heading.

    >>> paragraph("1. not a list")
    '1&#46; not a list'
    """
    return _AT_START.sub(lambda found: f"{found[1]}&#{ord(found[2])};", inline(text))


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Return lines as a code block, with a fence longer than any in them."""
    text = visible("\n".join(lines))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


@singledispatch
def block_texts(block: object) -> Iterator[str]:
    """Yield a block of a document as blocks of Markdown."""
    message = tr("There is no Markdown for {name}.", name=type(block).__name__)
    raise TypeError(message)


@block_texts.register
def _(block: TextParagraph) -> Iterator[str]:
    yield paragraph(block.text)


@block_texts.register
def _(block: BulletList) -> Iterator[str]:
    yield "\n".join(f"- {paragraph(item)}" for item in block.items)


@block_texts.register
def _(block: CaptionedTable) -> Iterator[str]:
    yield f"**{inline(block.caption)}**"
    yield "\n".join(
        (_row(block.headers), "|---" * len(block.headers) + "|", *map(_row, block.rows))
    )


@block_texts.register
def _(block: TopologyPicture) -> Iterator[str]:
    # An HTML block ends at an empty line.
    yield "\n".join(line for line in block.svg.split("\n") if line.strip())
    yield fenced([block.outline], "text")


@block_texts.register
def _(block: FindingList) -> Iterator[str]:
    yield "\n".join(f"- {_finding(finding)}" for finding in block.findings)


@block_texts.register
def _(block: StepListing) -> Iterator[str]:
    for item in block.steps:
        yield from _step(item)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(inline, cells))} |"


def _finding(finding: Finding) -> str:
    hint = f" {inline(finding.hint)}" if finding.hint else ""
    message = sentence(f"{finding.subject_text}: {finding.message}")
    return (
        f"**{severity_text(finding.severity)}:** {inline(message)}{hint} ({inline(finding.code)})"
    )


def _step(item: NumberedStep) -> Iterator[str]:
    step = item.step
    effects = f" ({inline(effects_of(step))})" if effects_of(step) else ""
    yield f"**{item.number}. {inline(step.title)}**{effects}"
    yield paragraph(item.where_and_why)
    yield fenced(step.lines, "powershell")
