"""Texts that name the checkboxes of the panel in place of command line options."""

from __future__ import annotations

from nestlab.plan import DELETE_OTHERS_OPTION, DISCONNECT_OTHERS_OPTION
from nestlab.texts import mark, tr, translate

PRUNE = mark("Also remove what the file no longer names")
DELETE_OTHERS = mark("Also delete others' VMs inside nested hosts that are removed")
REMOVE_SHARED = mark("Also remove switches and adapters that others may use")
TAKE_FROM_OTHERS = mark("Also where others lose VMs inside, or disks that they attached")


def with_reset_label(text: str) -> str:
    """Return a text about a reset that names its checkbox in place of the option."""
    box = translate(TAKE_FROM_OTHERS)
    return text.replace(DELETE_OTHERS_OPTION, f"“{box}”")


def with_panel_labels(text: str) -> str:
    """Return a text that names the checkboxes of the panel in place of the options."""
    for option, box in (
        (DELETE_OTHERS_OPTION, DELETE_OTHERS),
        (DISCONNECT_OTHERS_OPTION, REMOVE_SHARED),
    ):
        text = text.replace(option, tr("“{box}” above", box=translate(box)))
    return text.replace("`--prune`", tr("“{box}” above", box=translate(PRUNE)))
