"""Run every notebook on the simulated host and save it with its pictures.

Widget state and run times are not saved.

Run by hand after a change that shows in the notebooks: ``python tools/save_notebooks.py [NAME
...]``.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def run(path: Path) -> None:
    """Execute one notebook in a copy of its folder and save it clean."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(NOTEBOOKS / "topologies", Path(folder) / "topologies")
        client = NotebookClient(
            notebook,
            timeout=600,
            resources={"metadata": {"path": folder}},
            store_widget_state=False,
        )
        client.execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell["outputs"] = (
            [output for output in cell.get("outputs", []) if output.get("name") != "stderr"]
            if cell.cell_type == "code"
            else None
        )
        if cell["outputs"] is None:
            del cell["outputs"]
        for output in cell.get("outputs", []):
            # A widget without a kernel shows nothing; without its view, every reader shows the
            # picture beside it.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    chosen = sys.argv[1:]
    for notebook_path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if not chosen or any(notebook_path.name.startswith(name) for name in chosen):
            print(notebook_path.name)  # noqa: T201  # says how far it is
            run(notebook_path)
