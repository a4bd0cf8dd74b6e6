"""Notebooks as pages of the tutorial, with their stored outputs; nothing is executed."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import nbformat

_SOURCES = {
    "notebooks": "*This page is the notebook `{place}`; `python -m nestlab` opens it to run.*",
    "es": "*Esta página es el cuaderno `{place}`; `python -m nestlab --language es` lo abre para ejecutarlo.*",
}
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def paths(root: Path) -> list[Path]:
    """Return the notebooks of the repository in order, then those in other languages."""
    folder = root / "notebooks"
    return [*sorted(folder.glob("*.ipynb")), *sorted(folder.glob("??/*.ipynb"))]


def page(path: Path) -> str:
    """Return the path of a notebook's page, below the folder of the tutorial."""
    return _in_folder(path).with_suffix(".md").as_posix()


def _in_folder(path: Path) -> Path:
    folder = next(parent for parent in path.parents if parent.name == "notebooks")
    return path.relative_to(folder)


def markdown(path: Path) -> str:
    """Return a notebook as Markdown: its text, its code, and the stored outputs."""
    notebook = nbformat.read(path, as_version=4)
    place = f"notebooks/{_in_folder(path).as_posix()}"
    source = _SOURCES[path.parent.name].format(place=place)
    parts = [part for cell in notebook.cells for part in _cell(cell)]
    return "\n\n".join([parts[0], source, *parts[1:]]) + "\n"


def _cell(cell: Any) -> list[str]:
    if cell.cell_type == "markdown":
        # Markdown inside HTML has to be asked for.
        return cell.source.replace("<details>", '<details markdown="1">').split("\n\n", 1)
    outputs = [_output(output) for output in cell.get("outputs", [])]
    return [_fence(cell.source, "python"), *filter(None, outputs)]


def _output(output: Any) -> str:
    """Return the richest stored form of an output that a page can show without a script."""
    if output.output_type == "stream":
        return _fence(_ANSI.sub("", output.text), "text")
    data = output.get("data", {})
    if "text/html" in data:  # pictures have an alternative text there
        return _framed(data["text/html"])
    if "image/png" in data:
        text = html.escape(data.get("text/plain", "picture"), quote=True).splitlines()[0]
        return f'<img alt="{text}" src="data:image/png;base64,{data["image/png"].strip()}">'
    return _fence(data.get("text/plain", ""), "text")


def _framed(markup: str) -> str:
    """Return HTML as one block, without the empty lines that would end a block in Markdown."""
    body = "\n".join(line for line in markup.splitlines() if line.strip())
    return f'<div class="nestlab-output">\n{body}\n</div>'


def _fence(text: str, language: str) -> str:
    mark = "```"
    while mark in text:
        mark += "`"
    return f"{mark}{language}\n{text.rstrip()}\n{mark}"
