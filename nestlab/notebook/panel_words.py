"""Texts of plans and results in the words of the panel, which has boxes in place of options."""

from __future__ import annotations

from nestlab.plan import DELETE_OTHERS_OPTION

DELETE_OTHERS = "Also delete VMs of others inside nested hosts that are removed"


def in_panel_words(text: str) -> str:
    """Return a text that names the boxes of the panel in place of command line options."""
    return text.replace(DELETE_OTHERS_OPTION, f"“{DELETE_OTHERS}” above")
