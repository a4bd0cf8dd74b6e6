"""States of VMs, as they are shown."""

from __future__ import annotations

from nestlab.texts import mark, translate

_STATES = {
    "Off": mark("Off"),
    "Paused": mark("Paused"),
    "Running": mark("Running"),
    "Saved": mark("Saved"),
    "Saving": mark("Saving"),
    "Starting": mark("Starting"),
    "Stopping": mark("Stopping"),
}


def state_text(state: str) -> str:
    """Return a state of Microsoft.HyperV.PowerShell.VMState in the chosen language.

    A rare state, such as ``OffCritical``, is returned unchanged.

    >>> state_text("Running")
    'Running'
    """
    return translate(_STATES.get(state, state))
