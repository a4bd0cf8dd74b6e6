"""The workshop that a panel is given, or what to give instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nestlab.notebook.arguments import wrong_argument
from nestlab.texts import tr
from nestlab.workshop import Workshop, load
from nestlab.workshop.named_parts import require_stages


def workshop_of(value: Any, example: str) -> Workshop:
    """Return a workshop with stages, which is given or read from the path of its file.

    `example` is the call that is shown where something else is given. Raises UsageError.
    """
    if isinstance(value, (str, Path)):
        value = load(value)
    if not isinstance(value, Workshop):
        name = example.partition("(")[0]
        raise wrong_argument(value, name, tr("a workshop or the path of its file"), example)
    require_stages(value)
    return value
