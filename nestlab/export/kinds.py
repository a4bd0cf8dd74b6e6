"""The kinds of documents, and the text of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nestlab.errors import UsageError
from nestlab.export.document import Document
from nestlab.export.html_page import html_page
from nestlab.export.markdown import markdown

HANDOUTS: Mapping[str, Callable[[Document], str]] = {"markdown": markdown, "html": html_page}
"""The kinds that describe a lab with the steps that build it."""

KINDS = (*HANDOUTS,)
"""All kinds, in the order in which they are listed."""


def require_kind(kind: str) -> str:
    """Return the kind if there is one of this name; raises UsageError, which lists all kinds."""
    if kind not in KINDS:
        message = f"There is no kind of document {kind!r}."
        raise UsageError(message, hint=f"Kinds are {', '.join(KINDS)}.")
    return kind
