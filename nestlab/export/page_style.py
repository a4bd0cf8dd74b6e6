"""The style sheet of the HTML page: light, dark and print."""

from __future__ import annotations

import re

_STYLE = """\
:root {
  color-scheme: light dark;
  --ink: #1f2328; --paper: #ffffff; --faint: #59636e; --edge: #d1d9e0; --band: #f6f8fa;
  --link: #0550ae; --error: #b42318; --warning: #8a5a00; --info: #0550ae;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --paper: #0d1117; --faint: #9198a1; --edge: #3d444d; --band: #161b22;
    --link: #79c0ff; --error: #ff9c93; --warning: #e3b341; --info: #79c0ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, "Segoe UI", sans-serif; overflow-wrap: anywhere;
}
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; padding-bottom: .3rem; border-bottom: 1px solid var(--edge); }
a { color: var(--link); }
.skip { position: absolute; left: -100vw; }
.skip:focus { position: static; }
nav ol { columns: 16rem; padding-left: 1.5rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { border: 1px solid var(--edge); padding: .3rem .6rem; text-align: left; vertical-align: top; }
th, td { white-space: pre-wrap; overflow-wrap: normal; }
thead th { background: var(--band); }
tbody th { font-weight: 600; }
figure { margin: 1rem 0; }
figcaption { color: var(--faint); }
pre {
  background: var(--band); border: 1px solid var(--edge); border-radius: 6px; padding: .6rem .8rem;
  white-space: pre-wrap; overflow-wrap: anywhere;
}
pre, code { font-family: ui-monospace, "Cascadia Mono", Consolas, monospace; font-size: .9em; }
.steps > li { margin-bottom: 1rem; }
.steps p { margin: .2rem 0; }
.steps pre { margin: .3rem 0; }
.findings { list-style: none; padding-left: 0; }
.findings li { border-left: 4px solid; padding-left: .8rem; margin: .6rem 0; }
.findings .error { border-color: var(--error); }
.findings .warning { border-color: var(--warning); }
.findings .info { border-color: var(--info); }
.error > strong { color: var(--error); }
.warning > strong { color: var(--warning); }
.info > strong { color: var(--info); }
footer { margin-top: 3rem; color: var(--faint); border-top: 1px solid var(--edge); }
@page { margin: 15mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, .skip, details, footer { display: none; }
  .wide { overflow: visible; break-inside: avoid; }
  .wide:has(tr:nth-child(21)) { break-inside: auto; }
  table { font-size: 8pt; }
  th, td { padding: 2pt 4pt; }
  h2, h3 { break-after: avoid; }
  figure, tr, .findings li, .steps > li { break-inside: avoid; }
  thead { display: table-header-group; }
  svg { max-height: 240mm; }
  a { color: inherit; text-decoration: none; }
}
"""  # not shown

# In the margin of each printed page: a footer below the text could be alone on the last page.
_MARGINS = """\
@page {{
  @bottom-left {{ content: {closing}; font: 8pt system-ui, "Segoe UI", sans-serif; color: #59636e; }}
  @bottom-right {{
    content: counter(page) "/" counter(pages); font: 8pt system-ui, "Segoe UI", sans-serif;
    color: #59636e;
  }}
}}
"""  # not shown


def page_style(closing: str) -> str:
    """Return the style sheet; `closing` is printed on each page, beside its number.

    Browsers that do not know margin boxes of CSS Paged Media print neither.
    """
    # Other characters are escaped for CSS: a backslash, the code point, and a space.
    text = re.sub(r"[^\w .,:-]", lambda found: f"\\{ord(found[0]):x} ", closing)
    return _STYLE + _MARGINS.format(closing=f'"{text}"')
