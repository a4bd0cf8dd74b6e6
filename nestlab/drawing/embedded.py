"""A picture as an image in HTML: its SVG in a data URI, as short as it can be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from nestlab.drawing.style import DARK_PAGES, LIGHT_PAGES
from nestlab.html import Html, escape

_CLASS = "nestlab-picture"
_TIP = re.compile(r"(?<=>)<title>[^<]*</title>(?=</)")
_EMPTY = re.compile(r"<(\w+)([^<>]*[^<>/])></\1>")
_PLACED = re.compile(r'<(?:rect|text)( class="[^"]*")( x="[^"]*" y="[^"]*")([^<>]*(?:/>|>[^<>]*</text>))$')  # fmt: skip
_ENOUGH = 3  # equal shapes from which a shared one is shorter
# A URI may have these characters as they are, and browsers read a data URI with spaces. HTML and
# Markdown give the others a meaning: https://url.spec.whatwg.org/#data-urls.
_SAFE = " !'()*+,-./:;=?@[]{}|~$"


def svg_image(svg: str, description: str, width: float) -> Html:
    """Return a picture as an HTML image with alternative text, which sanitizers do not remove.

    With the theme ``auto`` it has the theme of JupyterLab's or VS Code's page. An image has the
    color scheme of its element, https://developer.mozilla.org/docs/Web/CSS/@media/prefers-color-scheme;
    a page that removes the style, and a browser without that, show it as the system prefers.

    The style also keeps the notebook around the picture whole on paper: nbconvert's page cuts off
    what is wider than the sheet, and its tables may be separated from their headings.
    """
    themes = _PAGE_THEMES if "(prefers-color-scheme:" in svg else ""
    return Html(
        f'<style>{themes}{_ON_PAPER}</style><img class="{_CLASS}" alt="{escape(description)}" width="{width:.0f}" '
        f'style="max-width:100%;height:auto" src="{data_uri(svg)}">'
    )


def data_uri(svg: str) -> str:
    """Return an SVG document as a data URI, without line breaks and with single quotes.

    The texts of an SVG from `nestlab.drawing.svg` have quotes only as character references.
    """
    text = compact(svg).replace('"', "'")
    return f"data:image/svg+xml;charset=utf-8,{quote(text, safe=_SAFE)}"


def compact(svg: str) -> str:
    """Return an SVG document that looks the same as an image, in fewer characters.

    The pointer does not reach the parts of an image, so that tooltips go. Shapes that differ only
    in their place become uses of one shape.
    """
    lines = _EMPTY.sub(r"<\1\2/>", _TIP.sub("", svg)).split("\n")
    return "".join(_with_shared_shapes(_scoped(lines)))


def _scoped(lines: Iterable[str]) -> Iterator[str]:
    """Yield lines without the class that keeps rules inside one picture of a page."""
    for line in lines:
        yield re.sub(r"\.nestlab-auto ", "", line) if line.startswith(".nestlab-auto ") else line


def _with_shared_shapes(lines: Iterable[str]) -> Iterator[str]:
    every = list(lines)
    found = {line: match for line in every if (match := _PLACED.match(line))}
    counts = Counter(_without_place(found[line]) for line in every if line in found)
    names: dict[str, str] = {}
    for line in every:
        shape = _without_place(found[line]) if line in found else ""
        if counts[shape] < _ENOUGH or not shape:
            yield line
            continue
        if shape not in names:
            names[shape] = f"s{len(names)}"
            yield f"<defs>{shape.replace(' ', f' id={names[shape]!r} ', 1)}</defs>"
        yield f'<use href="#{names[shape]}"{found[line][2]}/>'


def _without_place(match: re.Match[str]) -> str:
    return match[0].replace(match[2], "", 1)


def _scheme(pages: Iterable[str], scheme: str) -> str:
    images = ",".join(f"{page} .{_CLASS}" for page in pages)
    return f"{images}{{color-scheme:{scheme}}}"


_PAGE_THEMES = f"{_scheme(LIGHT_PAGES, 'light')}{_scheme(DARK_PAGES, 'dark')}"  # not shown
_ON_PAPER = (
    "@media print{"
    ".jp-InputArea-editor pre{white-space:pre-wrap;overflow-wrap:anywhere}"  # not shown
    ":is(.jp-RenderedMarkdown,.jp-RenderedHTML) table{font-size:.75em}"  # not shown
    ".jp-RenderedMarkdown :is(h1,h2,h3,p:has(+table)),"  # not shown
    ".jp-MarkdownCell:has(+.jp-CodeCell){break-after:avoid}"
    "tr{break-inside:avoid}}"
)
"""Rules for the pages that nbconvert makes: classes of JupyterLab, which its template has too."""
