"""An extension of griffe: examples in docstrings become code blocks.

Docstrings are Markdown to mkdocstrings, where a line that begins with ``>>>`` is a quotation.
"""

from __future__ import annotations

from typing import Any

import griffe


def fenced(text: str) -> str:
    """Return a docstring with each group of examples and their output as a code block.

    >>> fenced("Add.")
    'Add.'
    """
    paragraphs = text.split("\n\n")
    shown = [
        f"```pycon\n{part}\n```" if part.lstrip().startswith(">>> ") else part
        for part in paragraphs
    ]
    return "\n\n".join(shown)


class Doctests(griffe.Extension):
    """Fences the examples in every docstring that is read."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change a docstring when its object has been read."""
        if obj.docstring is not None and not obj.is_alias:
            obj.docstring.value = fenced(obj.docstring.value)
