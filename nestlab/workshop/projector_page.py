"""The trainer's board as one HTML page for a projector: large, and read again by itself.

It has the names of seats and stages, states and times; no host, address, finding or hint.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator

from nestlab.html import escape
from nestlab.texts import language, tr
from nestlab.workshop.board_text import clock
from nestlab.workshop.workshop_board import WorkshopBoard
from nestlab.workshop.workshop_board_html import table_html

REFRESH_SECONDS = 10
_STALE_SECONDS = 120
_STALE_PAGES = 3
_STYLE = """\
:root { color-scheme: light dark; --ink: #1f2328; --paper: #ffffff; --edge: #8b949e;
  --done: #d8f3dc; --open: #dbeafe; --stuck: #ffd9d4; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --paper: #0d1117; --edge: #6e7681;
    --done: #12391f; --open: #12305a; --stuck: #5c1a15; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 1.5vw; color: var(--ink); background: var(--paper);
  font: clamp(1rem, 1.5vw, 2rem)/1.35 system-ui, "Segoe UI", sans-serif; }
h1 { margin: 0 0 .3em; font-size: 1.3em; }
#verdict { margin: 0 0 .3em; font-size: 1.7em; font-weight: 700; }
#time { margin: 0 0 1em; }
.wide { overflow-x: auto;
  font-size: clamp(.85rem, min(1.5vw, calc(75vh / var(--rows) / 1.95)), 2rem); }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; position: absolute; left: -100vw; }
th, td { border: 1px solid var(--edge); padding: .2em .5em; }
.done { background: var(--done); } .open { background: var(--open); }
.stuck { background: var(--stuck); font-weight: 700; }
"""  # not shown
_SCRIPT = """\
const time = document.getElementById('time');
const age = () => (Date.now() - Date.parse(time.dataset.time)) / 1000;
const tell = () => { document.getElementById('stale').hidden = age() < Number(time.dataset.stale); };
tell(); setInterval(tell, 1000);
setTimeout(() => location.reload(), 1000 * Number(time.dataset.refresh));
"""  # not shown


def board_page(board: WorkshopBoard, *, refresh: float = REFRESH_SECONDS) -> str:
    """Return a board as the text of an HTML file that reads itself again every `refresh` seconds.

    It loads nothing else, and says so where it was not written for two minutes, or
    three times as long as `refresh`.
    """
    return "\n".join(_page(board, refresh)) + "\n"


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"


def _page(board: WorkshopBoard, refresh: float) -> Iterator[str]:
    title = escape(board.workshop.name)
    yield f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_policy()}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>"
    yield f'<h1>{title}</h1>\n<p id="verdict" role="status">{escape(board.verdict)}</p>'
    data = f'data-time="{board.time.isoformat()}" data-refresh="{refresh:g}"'
    limit = max(_STALE_SECONDS, _STALE_PAGES * refresh)
    stale = tr(
        "It was not written for {minutes:.0f} minutes: is `nestlab workshop board` still running?",
        minutes=limit / 60,
    )
    at = tr("As of {time}.", time=clock(board.time))
    yield f'<p id="time" {data} data-stale="{limit:g}">{escape(at)}'
    yield f'<strong id="stale" hidden>{escape(stale)}</strong></p>'
    rows = f'style="--rows: {len(board.seats) + 1}"'
    yield f'<div class="wide" {rows} tabindex="0" role="region" aria-label="{title}">'
    yield f"{table_html(board)}</div>\n</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>"
