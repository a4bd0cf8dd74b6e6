"""The preview of a document in the page, and the links to download its files."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path, PurePosixPath
from typing import Any

import traitlets

from nestlab.drawing import alternative_text, picture_content
from nestlab.html import Html, escape, preformatted
from nestlab.notebook.document_request import DocumentFile, GeneratedDocument
from nestlab.notebook.javascript import joined
from nestlab.notebook.page_texts import DOCUMENT, TranslatedWidget
from nestlab.texts import tr
from nestlab.visible import visible

_STATIC = Path(__file__).parent / "static"
_IMAGES = {".svg": "image/svg+xml", ".png": "image/png"}
_TYPES = {
    **_IMAGES,
    ".html": "text/html;charset=utf-8",
    ".pdf": "application/pdf",
    ".ipynb": "application/x-ipynb+json",
}
_TEXT_LIMIT = 40_000  # characters of a text that the page shows
_SNAPSHOT_LINES = 40  # of a text in a saved notebook
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class DocumentView(TranslatedWidget):
    """Shows a document: a page in a frame without scripts, a picture, or a text; and its files."""

    PAGE_TEXTS = DOCUMENT
    _esm = joined(_STATIC / "document.js")
    _css = _STATIC / "document.css"
    files: traitlets.List[dict[str, Any]] = traitlets.List(
        help="name, type, content",  # not shown
    ).tag(sync=True)
    preview = traitlets.Dict(
        help="form, label, note, and content or text",  # not shown
    ).tag(sync=True)

    def show(self, document: GeneratedDocument | None) -> None:
        """Show a document, or nothing."""
        with self.hold_sync():
            self.files = [] if document is None else [_file(file) for file in document.files]
            self.preview = {} if document is None else preview_of(document)

    def html(self) -> Html:
        """Return the preview for a saved notebook."""
        shown = self.preview
        if not shown:
            return Html("")
        names = ", ".join(file["name"] for file in self.files)
        note = f"<p>{escape(shown['note'])}</p>" if shown["note"] else ""
        if shown["form"] == "picture":
            data = base64.b64encode(shown["content"]).decode("ascii")
            body = f'<img alt="{escape(shown["label"])}" style="max-width:100%" src="data:{shown["type"]};base64,{data}">'
        elif shown["form"] == "text":
            lines = str(shown["text"]).splitlines()
            more = ["…"] if len(lines) > _SNAPSHOT_LINES else []
            body = f"<details><summary>{escape(names)}</summary>{preformatted(chr(10).join([*lines[:_SNAPSHOT_LINES], *more]))}</details>"
        else:
            body = f"<p>{escape(names)}</p>"
        return Html(note + body)


def preview_of(document: GeneratedDocument) -> dict[str, Any]:
    """Return what the page shows of a document."""
    first = document.files[0]
    extension = PurePosixPath(first.name).suffix.lower()
    shown: dict[str, Any] = {
        "label": tr("Preview of {file}", file=visible(first.name)),
        "note": "",
    }
    if extension == ".html":
        return {**shown, "form": "page", "text": first.content.decode("utf-8")}
    if extension in _IMAGES or extension == ".pdf":
        note = tr("The PDF file contains this picture.") if extension == ".pdf" else ""
        content = first.content
        if extension == ".pdf":  # not every browser shows PDF in a page
            content = bytes(picture_content(document.topology, ".png"))  # type: ignore[arg-type]  # PNG is bytes
        label = alternative_text(document.topology)
        media = _IMAGES.get(extension, "image/png")
        return {
            **shown,
            "label": label,
            "note": note,
            "form": "picture",
            "type": media,
            "content": content,
        }
    texts = [_titled(file, alone=len(document.files) == 1) for file in document.files]
    share = _TEXT_LIMIT // len(texts)
    if any(len(text) > share for text in texts):
        alone = tr("The first {share:,} of {count:,} characters.", share=share, count=len(texts[0]))
        several = tr("At most the first {share:,} characters of each file.", share=share)
        shown["note"] = alone if len(texts) == 1 else several
    text = "\n\n".join(text[:share] for text in texts)
    return {**shown, "form": "text", "text": visible(text)}


def _file(file: DocumentFile) -> dict[str, Any]:
    extension = PurePosixPath(file.name).suffix.lower()
    media = _TYPES.get(extension, "text/plain;charset=utf-8")
    # A download has a file name without folders.
    return {"name": PurePosixPath(file.name).name, "type": media, "content": file.content}


def _titled(file: DocumentFile, *, alone: bool) -> str:
    return _text(file) if alone else f"── {file.name} ──\n{_text(file)}"


def _text(file: DocumentFile) -> str:
    text = file.content.decode("utf-8-sig", errors="replace")
    if file.name.endswith(".ipynb"):
        return _cells(text)
    if file.name.endswith(".md"):
        return _SVG.sub(lambda svg: f"<svg> … {len(svg[0]):,} characters … </svg>", text)
    return text


def _cells(notebook: str) -> str:
    """Return the cells of a notebook as text, without their outputs."""
    marks = {"markdown": "# %% [markdown]", "code": "# %%"}
    cells = json.loads(notebook)["cells"]
    return "\n\n".join(f"{marks[cell['cell_type']]}\n{''.join(cell['source'])}" for cell in cells)
