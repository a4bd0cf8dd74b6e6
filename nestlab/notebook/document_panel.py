"""Document a topology, a lab or a host: choose, preview, write, download."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets

from nestlab.errors import UsageError
from nestlab.html import Html, escape, table
from nestlab.lab import Lab
from nestlab.model.files import make_folder, write_atomically
from nestlab.model.topology import Topology
from nestlab.notebook.arguments import is_host, wrong_argument
from nestlab.notebook.confirm import Confirm
from nestlab.notebook.document_form import UNDER_THE_FIELDS, DocumentForm
from nestlab.notebook.document_preview import DocumentView
from nestlab.notebook.document_request import (
    DocumentRequest,
    GeneratedDocument,
    WorkProgress,
    make_document,
)
from nestlab.notebook.job import Job, JobResult
from nestlab.notebook.panel import Panel, cell_styled, row
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Session
from nestlab.visible import visible


class DocumentPanel(Panel):
    """Documents a topology file, a topology, a lab, or the objects on a host.

    *Preview* generates the document and changes nothing; *Write* writes what the preview shows. An
    existing file that this panel did not write is overwritten only after confirmation.

    Args:
        subject: What to document: a topology or the path of its file, a lab, or a host from
            `nestlab.connect`. Without one, the panel asks for a topology file.
    """

    def __init__(self, subject: Topology | Lab | Session | str | Path | None = None) -> None:
        _require_subject(subject)
        file = str(subject) if isinstance(subject, (str, Path)) else ""
        self.subject = None if isinstance(subject, (str, Path)) else subject
        self.form = DocumentForm(self.subject, file)
        self.view = DocumentView()
        self.missing = ipywidgets.HTML(layout=ipywidgets.Layout(display="none"))
        self.document: GeneratedDocument | None = None
        self._written: dict[Path, str] = {}  # the digest of the content that this panel wrote there
        add = self.button
        self.write_button = add(
            tr("Write"), tr("Write the document to the file"), self.write, style="primary"
        )
        self.preview_button = add(tr("Preview"), tr("Make the document and show it"), self.preview)
        yes = add(
            tr("Overwrite"),
            tr("Replace the content of these files"),
            self._overwrite,
            style="danger",
        )
        self.overwrite_question = Confirm("", yes, tr("Keep it"))
        self.overwrite_question.no_button.on_click(self._kept)
        buttons = (self.write_button, self.preview_button)
        super().__init__([], disabled_while_busy=[*self.form.inputs, *buttons, yes])
        actions = row(*buttons, self.cancel_button)
        actions.layout.margin = UNDER_THE_FIELDS
        self.children = (
            self.form,
            actions,
            self.status,
            self.overwrite_question,
            self.missing,
            self.view,
        )
        self.form.on_change(self._choices_changed)
        self.status.show("idle", translate(_INVITATION))

    def preview(self) -> Job:
        """Make the document, in the background, and show it."""
        return self._make(self._say_made)

    def write(self) -> Job | None:
        """Write the document; make it first where the choices have changed since the preview."""
        request = self._request()
        if self.document is not None and self.document.request == request:
            self._write(overwrite=False)
            return None
        return self._make(partial(self._write, overwrite=False))

    def snapshot(self) -> Html:
        """Return the choices, and the preview where one was made."""
        document, kind, file = self.form.source, self.form.kind, self.form.name
        rows = [
            (tr("document"), document.label),
            (tr("kind"), kind.label),
            (tr("file"), file.value),
        ]
        return Html(
            f"{table((tr('choice'), tr('value')), rows)}{self.missing.value}{self.view.html()}"
        )

    def unavailable(self) -> Collection[ipywidgets.Widget]:
        """Return no widget: all of them apply at any time."""
        return ()

    def _request(self) -> DocumentRequest:
        request = self.form.request
        if Path(request.name).name in {"", ".."}:
            message = tr("No file name was given.")
            raise UsageError(message, hint=tr("Enter one under “Write to”."))
        return request

    def _make(self, then: Callable[[], None]) -> Job:
        request = self._request()
        self._forget()

        def work(cancel: threading.Event) -> Generator[WorkProgress, None, GeneratedDocument]:
            return (yield from make_document(request, self.subject, cancel))

        def end(result: JobResult) -> None:
            if result.state == "cancelled":
                self.status.show("cancelled", tr("Stopped. Nothing was written."))
            elif result.state == "done":
                self._show(result.value)
                then()

        return self.start(tr("Making the document …"), work, on_event=self._progress, on_end=end)

    def _progress(self, progress: WorkProgress) -> None:
        self.status.show("running", progress.text, value=progress.value, total=progress.total)

    def _show(self, document: GeneratedDocument) -> None:
        self.document = document
        self.view.show(document)
        self._list_missing(document.missing)

    def _list_missing(self, missing: Sequence[str]) -> None:
        self.missing.layout.display = "" if missing else "none"
        self.missing.value = ""
        if missing:
            lines = "".join(f"<li>{escape(line)}</li>" for line in missing)
            title = tr("Not in the document ({count})", count=len(missing))
            self.missing.value = cell_styled(
                f"<details><summary>{title}</summary><ul>{lines}</ul></details>"
            )

    def _say_made(self) -> None:
        self.status.show(
            "done", tr("The preview shows the document. No file has been written yet.")
        )

    def _choices_changed(self) -> None:
        """Remove a preview of another document than the chosen one, and an outdated message."""
        request = self.form.request
        if self.document is not None and self.document.can_be_named(request):
            self.overwrite_question.hide()
            self.document = self.document.named(request)
            self.view.show(self.document)
            self._say_made()
            return
        self._forget()
        self.status.show("idle", translate(_INVITATION))

    def _forget(self) -> None:
        self.overwrite_question.hide()
        self.document = None
        self.view.show(None)
        self._list_missing(())

    def _files(self) -> list[tuple[Path, bytes]]:
        if self.document is None:
            return []
        folder = Path(self.document.request.name).parent
        return [((folder / file.name).absolute(), file.content) for file in self.document.files]

    def _write(self, *, overwrite: bool) -> None:
        self.overwrite_question.hide()
        files = self._files()
        others = [path for path, content in files if self._has_other_content(path, content)]
        if others and not overwrite:
            self._ask(others)
            return
        folder = Path(self.document.request.name).parent.absolute() if self.document else None
        for path, content in files:
            if path.parent != folder:
                make_folder(path.parent)  # a folder of the document itself
            write_atomically(path, content)
            self._written[path] = _digest(content)
        self.status.show("done", tr("Wrote {file}", file=_names(path for path, _ in files)))

    def _has_other_content(self, path: Path, content: bytes) -> bool:
        """Whether a file's content is neither the new content nor what this panel wrote."""
        try:
            if not path.is_file():
                return False
        except (OSError, ValueError):  # the name is not valid: writing the file reports why
            return False
        try:
            found = _digest(path.read_bytes())
        except OSError:
            return True
        return found not in (_digest(content), self._written.get(path))

    def _ask(self, others: list[Path]) -> None:
        names = _names(others)
        text = tr("{files} already exists, with other content, and was not changed.", files=names)
        self.status.show("warning", text, tr("Choose below, or write to another file."))
        self.overwrite_question.ask(tr("Overwrite {files}?", files=f"<b>{escape(names)}</b>"))

    def _overwrite(self) -> None:
        self._write(overwrite=True)

    def _kept(self, _button: object) -> None:
        self.status.show("cancelled", tr("No file was changed."))


def _require_subject(subject: Any) -> None:
    if subject is None or isinstance(subject, (Topology, Lab, str, Path)) or is_host(subject):
        return
    wanted = tr("a topology, the path of its file, a lab, or a host")
    raise wrong_argument(subject, "DocumentPanel", wanted, "DocumentPanel('lab.yml')")


_INVITATION = mark("Preview shows the document, Write saves it. Neither changes a host.")


def _names(paths: Iterable[Path]) -> str:
    """Return the paths of files; those in the current folder are relative to it."""
    here = Path.cwd()
    return visible(
        ", ".join(str(p.relative_to(here) if p.is_relative_to(here) else p) for p in paths)
    )


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
