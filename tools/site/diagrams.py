"""State diagrams as tables: a page of the site loads no script that could draw them.

A code host draws the Mermaid text itself.
"""

from __future__ import annotations

import re

_DIAGRAM = re.compile(r"^```mermaid\nstateDiagram-v2\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ARROW = re.compile(r"^\s*(\S+) --> ([^:\s]+)(?:: (.*))?$", re.MULTILINE)


def with_tables(text: str) -> str:
    """Return a page with each state diagram as a table of its transitions."""
    return _DIAGRAM.sub(lambda match: _table(match[1]), text)


def _table(diagram: str) -> str:
    rows = [
        f"| {_state(source, 'start')} | {_state(target, 'end')} | {reason or ''} |"
        for source, target, reason in _ARROW.findall(diagram)
    ]
    return "\n".join(["| from | to | when |", "|---|---|---|", *rows])


def _state(name: str, edge: str) -> str:
    return f"*{edge}*" if name == "[*]" else name.replace("_", " ")
