"""Cells of a notebook, and the notebook as the text of its file (nbformat 4.5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from nestlab.visible import visible_json

Cell = dict[str, Any]
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def markdown_cell(identity: str, source: str) -> Cell:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "id": identity, "metadata": {}, "source": _lines(source)}


def code_cell(
    identity: str, source: str, *tags: str, outputs: Mapping[str, str] | None = None
) -> Cell:
    """Return a code cell that has not run; `outputs` is what it shows already, by MIME type."""
    shown = {
        kind: _lines(text) if kind.startswith("text/") else text
        for kind, text in (outputs or {}).items()
    }
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identity,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [{"data": shown, "metadata": {}, "output_type": "display_data"}]
        if shown
        else [],
        "source": _lines(source),
    }


def notebook_text(cells: Iterable[Cell]) -> str:
    """Return a notebook as the text of its file, as Jupyter itself writes it."""
    notebook = {
        "cells": list(cells),
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
    return visible_json(text) + "\n"


def _lines(source: str) -> list[str]:
    return source.splitlines(keepends=True)
