"""The kinds of documents that nestlab exports, by name."""

from __future__ import annotations

from typing import Final

HANDOUT_KINDS: Final = ("markdown", "html")
"""The kinds that describe a lab with the steps that build it."""

PICTURE_KINDS: Final = ("mermaid", "drawio", "dot", "svg", "png", "pdf")
"""The kinds that are pictures, as `nestlab draw` makes them."""

DOCUMENT_KINDS: Final = (*HANDOUT_KINDS, "notebook", *PICTURE_KINDS)
"""All kinds, in the order in which they are listed."""
