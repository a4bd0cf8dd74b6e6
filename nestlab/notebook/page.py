"""Whether a page can show widgets, and the fallback for a widget where it cannot."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from comm import get_comm_manager

from nestlab.html import Html, without_math

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_CONTROL = "jupyter.widget.control"  # a page with widgets opens a comm of this name (ipywidgets 8)
# jupyter_client numbers its messages SESSION_PROCESS_NUMBER; the clients of pages use UUIDs.
_FROM_PYTHON = re.compile(r"[0-9A-Za-z-]+_\d+_\d+")


def runs_without_page() -> bool:
    """Return whether this cell is run by a program such as ``jupyter execute``, with no page.

    Such a program stores the state of widgets in the notebook. When the notebook is converted to
    HTML, a script from another server draws widgets with stored state, and the other formats of
    their output are dropped.
    """
    from IPython import get_ipython  # noqa: PLC0415  # only where a kernel runs it is loaded already

    shell = get_ipython()
    message = str(getattr(shell, "parent_header", {}).get("header", {}).get("msg_id", ""))
    if not _FROM_PYTHON.fullmatch(message):
        return False
    # Voilà runs a notebook in the same way, and connects a page afterwards.
    is_voila = os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
    comms = get_comm_manager().comms.values()
    return not is_voila and all(comm.target_name != _CONTROL for comm in comms)


def with_fallback(bundle: Mapping[str, Any], fallback: Html) -> dict[str, Any]:
    """Return the output of a widget, with the HTML for pages that cannot show the widget."""
    shown = {**bundle, "text/html": str(without_math(fallback))}
    if runs_without_page():
        shown.pop(WIDGET_VIEW, None)
    return shown
