"""The folder of the journals, in the user's state folder on this operating system."""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "NESTLAB_JOURNALS"


def named_folder() -> Path:
    """Return the folder that the environment names, else the one of this operating system."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else _state_folder() / "journals"


def _state_folder() -> Path:
    if sys.platform == "linux" and "ANDROID_DATA" not in os.environ:
        # The XDG Base Directory Specification, as platformdirs follows it. To import that takes
        # longer than to read the topology file of a plan.
        base = Path(os.environ.get("XDG_STATE_HOME", ""))
        if not base.is_absolute():
            # A user may have no home folder. Path.expanduser raises then.
            base = Path(os.path.expanduser("~/.local/state"))  # noqa: PTH111  # leaves the path
        return base / "nestlab"
    from platformdirs import user_state_path  # noqa: PLC0415  # only journals need it

    return user_state_path("nestlab", appauthor=False)
