"""Run the notebooks on the simulated host and save them with their pictures, in each language.

A notebook in another language is made from the English one, with the translations of
nestlab/texts/LANGUAGE/notebooks.po, and so are the topologies that it loads. Widget state and run
times are not saved.

Run by hand after a change that shows in the notebooks, or of their translations:
``python tools/save_notebooks.py [--language LANGUAGE] [NAME ...]``.
"""

from __future__ import annotations

import argparse
import base64
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import notebooks, texts  # beside this file

SOURCE_LANGUAGE = "en"
VARIABLE = "NESTLAB_LANGUAGE"
_OPAQUE = 255


def save(path: Path, language: str) -> None:
    """Execute the notebook made from an English one, and save it clean in its folder."""
    notebook = nbformat.read(path, as_version=4)
    target = path
    if language != SOURCE_LANGUAGE:
        known = texts.translations(language)
        notebook = notebooks.in_language(notebook, path, language, known)
        target = path.parent / language / path.name
    with tempfile.TemporaryDirectory() as folder:
        run_in = Path(folder) / target.parent.relative_to(notebooks.NOTEBOOKS)
        for files in ("topologies", "workshops"):
            shutil.copytree(target.parent / files, run_in / files)
        os.environ["NESTLAB_JOURNALS"] = str(Path(folder) / "journals")  # of earlier runs: none
        client = NotebookClient(
            notebook,
            timeout=600,
            resources={"metadata": {"path": str(run_in)}},
            store_widget_state=False,
        )
        client.execute()
    _clean(notebook)
    target.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, target)


def save_topologies(language: str) -> None:
    """Write the files that the notebooks in another language load."""
    known = texts.translations(language)
    for path in notebooks.topologies():
        target = notebooks.NOTEBOOKS / language / path.relative_to(notebooks.NOTEBOOKS)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = notebooks.topology_in_language(path, known)
        target.write_text(source, encoding="utf-8", newline="\n")


def _clean(notebook: Any) -> None:
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            cell.pop("outputs", None)
            continue
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            # A widget without a kernel shows nothing; without its view, every reader shows the
            # picture beside it.
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
            make_pictures_small(output.get("data", {}))


def make_pictures_small(data: dict[str, Any]) -> None:
    """Reduce a picture, and its copy in the HTML of the same output, to 64 colours.

    The lines and areas of a topology have fewer; a quarter of the size remains.
    """
    text = data.get("image/png", "").replace("\n", "")
    if not text:
        return
    picture = Image.open(io.BytesIO(base64.b64decode(text)))
    if picture.mode == "P" or picture.convert("RGBA").getextrema()[3][0] < _OPAQUE:
        return
    small = io.BytesIO()
    few = picture.convert("RGB").quantize(64, dither=Image.Dither.NONE)
    few.save(small, "PNG", optimize=True)
    data["image/png"] = base64.b64encode(small.getvalue()).decode("ascii")
    if "text/html" in data:
        data["text/html"] = data["text/html"].replace(text, data["image/png"])


def main() -> None:
    """Save the notebooks that are chosen, all of them by default."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    languages = [SOURCE_LANGUAGE, *texts.languages()]
    parser.add_argument("--language", choices=languages, help="one language (default: each)")
    parser.add_argument("names", nargs="*", metavar="NAME", help="the start of a file name")
    options = parser.parse_args()
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    for language in [options.language] if options.language else languages:
        os.environ[VARIABLE] = language  # of the kernels
        if language != SOURCE_LANGUAGE:
            save_topologies(language)
        for path in notebooks.paths():
            if not options.names or path.name.startswith(tuple(options.names)):
                sys.stdout.write(f"{language} {path.name}\n")
                save(path, language)


if __name__ == "__main__":
    main()
