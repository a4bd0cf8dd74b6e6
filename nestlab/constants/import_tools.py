"""The tools whose lab definitions nestlab imports, by name."""

from __future__ import annotations

from typing import Final

IMPORT_TOOLS: Final = ("lability", "mslab", "automatedlab")
"""All tools, in the order in which they are listed."""
