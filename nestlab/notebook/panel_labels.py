"""Texts that name the checkboxes of the panel in place of command line options."""

from __future__ import annotations

from nestlab.plan import DELETE_OTHERS_OPTION, DISCONNECT_OTHERS_OPTION
from nestlab.texts import mark, tr, translate

PRUNE = mark("Also remove what the file no longer names")
DELETE_OTHERS = mark("Also delete others' VMs inside nested hosts that are removed")
REMOVE_SHARED = mark("Also remove switches and adapters that others may use")


def with_panel_labels(text: str) -> str:
    """Return a text that names the checkboxes of the panel in place of the options."""
    for option, box in (
        (DELETE_OTHERS_OPTION, DELETE_OTHERS),
        (DISCONNECT_OTHERS_OPTION, REMOVE_SHARED),
    ):
        text = text.replace(option, tr("“{box}” above", box=translate(box)))
    return text.replace("`--prune`", tr("“{box}” above", box=translate(PRUNE)))
