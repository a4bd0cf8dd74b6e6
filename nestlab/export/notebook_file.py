"""Cells of a notebook, and the notebook as the text of its file (nbformat 4.5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from nestlab.visible import visible_json

Cell = dict[str, Any]
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def markdown_cell(identity: str, source: str, *, pictures: dict[str, bytes] | None = None) -> Cell:
    """Return a Markdown cell; `pictures` are PNG files that it shows as attachments, by name.

    JupyterLab (4.6) shows no attachment that is SVG.
    """
    cell: Cell = {"cell_type": "markdown", "id": identity, "metadata": {}, "source": _lines(source)}
    if pictures:
        cell["attachments"] = {
            name: {"image/png": base64.b64encode(content).decode()}
            for name, content in pictures.items()
        }
    return cell


def code_cell(identity: str, source: str, *tags: str) -> Cell:
    """Return a code cell that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": identity,
        "metadata": {"tags": list(tags)} if tags else {},
        "outputs": [],
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
