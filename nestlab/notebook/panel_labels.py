"""Texts that name the checkboxes of the panel in place of command line options."""

from __future__ import annotations

from nestlab.plan import DELETE_OTHERS_OPTION, DISCONNECT_OTHERS_OPTION

PRUNE = "Also remove what the file no longer names"
DELETE_OTHERS = "Also delete others' VMs inside nested hosts that are removed"
REMOVE_SHARED = "Also remove switches and adapters that others may use"


def with_panel_labels(text: str) -> str:
    """Return a text that names the checkboxes of the panel in place of the options."""
    for option, box in (
        (DELETE_OTHERS_OPTION, DELETE_OTHERS),
        (DISCONNECT_OTHERS_OPTION, REMOVE_SHARED),
    ):
        text = text.replace(option, f"“{box}” above")
    return text.replace("`--prune`", f"“{PRUNE}” above")
