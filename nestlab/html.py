"""Plain HTML for notebook output: escaped, themed by JupyterLab, readable on GitHub."""

from __future__ import annotations

import html
import importlib
from collections.abc import Iterable, Sequence

from nestlab.pattern import pattern
from nestlab.visible import visible

_HYPHENATED = pattern(r"(?<!\S)(?:--?[A-Za-z]|[A-Za-z]+-)[A-Za-z-]{0,40}(?!\S)")
"""A parameter such as -Name, an option, or a cmdlet: browsers break lines after hyphens."""


class Html(str):
    """Text that is HTML already and must not be escaped again."""

    __slots__ = ()


def escape(value: object) -> str:
    """Escape a value for HTML, unless it is `Html` already."""
    return value if isinstance(value, Html) else html.escape(visible(str(value)))


def code(text: object) -> Html:
    """Return text in a ``<code>`` element, in which names stay whole: see `whole_names`.

    >>> code("Start-VM 'a'")
    '<code><span style="white-space:nowrap">Start-VM</span> &#x27;a&#x27;</code>'
    """
    return Html(f"<code>{whole_names(text)}</code>")


def whole_names(text: object) -> Html:
    """Return escaped text in which no line breaks inside the name of a cmdlet or of a parameter."""
    kept = r'<span style="white-space:nowrap">\g<0></span>'
    return Html(_HYPHENATED.sub(kept, html.escape(visible(str(text)))))


def prose(text: object) -> Html:
    """Return text with what stands between backticks in ``<code>`` elements.

    >>> prose("Run `nestlab check` & see.")
    'Run <code>nestlab check</code> &amp; see.'
    """
    if isinstance(text, Html):
        return text
    parts = visible(str(text)).split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner
        return Html(escape(text))
    return Html("".join(code(part) if n % 2 else escape(part) for n, part in enumerate(parts)))


def linked(source: str) -> str | Html:
    """Return the address of a page as a link, other text as it is."""
    if not source.startswith("https://"):
        return source
    address = escape(source)
    return Html(
        f'<a href="{address}" target="_blank" rel="noopener" style="overflow-wrap:anywhere">{address}</a>'
    )


def unbroken(text: object) -> Html:
    """Return a short text that stays in one line, however narrow its column is.

    JupyterLab breaks the lines of code in outputs (``white-space: pre-wrap``), so code says it too.
    """
    if isinstance(text, Html):
        text = Html(text.replace("<code>", '<code style="white-space:nowrap">'))
    return Html(f'<span style="white-space:nowrap">{escape(text)}</span>')


def folded(title: object, content: str, *, opened: bool = False) -> Html:
    """Return content below a title that opens and closes it."""
    state = " open" if opened else ""
    return Html(
        f'<details{state}><summary style="cursor:pointer">{escape(title)}</summary>{content}</details>'
    )


def headline(mark: str, verdict: object, *lines: object) -> Html:
    """Return the paragraph that an output opens with: a mark and the verdict, then its lines."""
    below = "".join(f"<br>{prose(line)}" for line in lines if line)
    said = f"{mark} {prose(verdict)}".lstrip()
    return Html(f'<p style="margin:0 0 .5em"><b>{said}</b>{below}</p>')


def without_math(*parts: str) -> Html:
    """Join HTML in an element whose text JupyterLab does not typeset as mathematics.

    JupyterLab (4.6) typesets TeX in the HTML of outputs, so that text between two dollar signs
    would be shown as a formula; it leaves elements of these CSS classes alone.
    """
    return Html(f'<div class="mathjax_ignore tex2jax_ignore">{"".join(parts)}</div>')


def rich_html(module: str, value: object) -> Html:
    """Return a value as HTML for the output of a cell; `module`: where its class is defined.

    What a value looks like is in the module beside it whose name ends in ``_html``, in its function
    ``as_html``. It is found by name, since it needs the class, which does without it elsewhere.
    """
    return without_math(importlib.import_module(f"{module}_html").as_html(value))


def preformatted(text: object) -> Html:
    """Return text as preformatted HTML; long lines wrap between words."""
    return Html(
        f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere;word-break:normal">{whole_names(text)}</pre>'
    )


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, caption: str = "") -> Html:
    """Return an HTML table with left-aligned, escaped cells."""
    left = ' style="text-align:left;vertical-align:top"'
    head = "".join(
        f"<th{left}>{escape(header)}</th>" if header else f"<td{left}></td>" for header in headers
    )
    body = "".join(
        "<tr>" + "".join(f"<td{left}>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    title = f'<caption style="text-align:left">{escape(caption)}</caption>' if caption else ""
    return Html(f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
