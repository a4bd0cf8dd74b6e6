"""The choices of a document: what it describes, its kind, and the file to write."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets

from nestlab.constants.document_kinds import DOCUMENT_FORMATS, DOCUMENT_KINDS, JOURNAL_KINDS
from nestlab.lab import Lab
from nestlab.model.topology import Topology
from nestlab.notebook.document_request import DocumentRequest, Source, has_journal, revision_of
from nestlab.texts import tr, translate
from nestlab.transport.session import Session

_STYLE = {"description_width": "110px"}
UNDER_THE_FIELDS = "2px 0 2px 118px"  # the margin that aligns with the fields, not their labels
_DEFAULT_KIND = "html"


class DocumentForm(ipywidgets.VBox):
    """The fields; `request` is the chosen document. Fields that do not apply are hidden."""

    def __init__(self, subject: Topology | Lab | Session | None, file: str) -> None:
        self.subject = subject
        self.source = _choice(tr("Document"), _sources(subject))
        if file:
            self.source.value = "file"
        self.file = ipywidgets.Combobox(
            value=file,
            options=_topology_files(),
            description=tr("File"),
            placeholder=tr("a topology file, such as lab.yml"),
            continuous_update=False,
            **_field(),
        )
        self.of_topology = ipywidgets.Text(
            value=subject.topology.name if isinstance(subject, Lab) else "",
            description=tr("Topology"),
            placeholder=tr("name of a topology; empty: everything on the host"),
            continuous_update=False,
            **_field(),
        )
        self.credential = ipywidgets.Text(
            description=tr("Credential"),
            placeholder=tr("name, to read the guests as well (optional)"),
            continuous_update=False,
            **_field(),
        )
        self.kind = _choice(tr("Kind"), [(_title(kind), kind) for kind in DOCUMENT_KINDS])
        self.kind.value = _DEFAULT_KIND
        self.record = ipywidgets.Checkbox(
            description=tr("Add the record of the newest run: what happened when"),
            indent=False,
            layout=ipywidgets.Layout(width="auto", margin=UNDER_THE_FIELDS),
        )
        self.name = ipywidgets.Text(description=tr("Write to"), continuous_update=False, **_field())
        self._proposed = self.name.value = self._proposal()
        super().__init__(self.inputs)
        for widget in self.inputs:
            widget.observe(self._changed, names="value")
        self._show_applicable()

    @property
    def inputs(self) -> tuple[ipywidgets.Widget, ...]:
        """The fields, in the order in which they are shown."""
        return (
            self.source,
            self.file,
            self.of_topology,
            self.credential,
            self.kind,
            self.record,
            self.name,
        )

    @property
    def request(self) -> DocumentRequest:
        """The chosen document; hidden fields are ignored."""
        source: Source = self.source.value
        file = self.file.value.strip() if source == "file" else ""
        return DocumentRequest(
            source=source,
            kind=self.kind.value,
            name=self.name.value.strip(),
            file=file,
            of_topology=self.of_topology.value.strip() if source == "host" else "",
            credential=self.credential.value.strip() if source == "host" else "",
            with_record=self.record.value and self._offers_record(),
            revision=revision_of(file) if file else "",
        )

    def on_change(self, changed: Callable[[], object]) -> None:
        """Call `changed` after a change of any field."""
        for widget in self.inputs:
            widget.observe(lambda _change: changed(), names="value")

    def _changed(self, change: Any) -> None:
        if change["owner"] is not self.name:
            proposal = self._proposal()
            if self.name.value == self._proposed:
                self.name.value = proposal
            elif change["owner"] is self.kind:
                self._follow_kind(change["old"], change["new"])
            self._proposed = proposal
        self._show_applicable()

    def _follow_kind(self, old: str, new: str) -> None:
        """Change the extension of the name that the user entered to that of another kind."""
        path = Path(self.name.value)
        if path.name and path.suffix == _extension(old):
            self.name.value = str(path.with_suffix(_extension(new)))

    def _proposal(self) -> str:
        return _stem(self.source.value, self.subject, self) + _extension(self.kind.value)

    def _offers_record(self) -> bool:
        lab = self.subject
        applies = self.source.value == "lab" and self.kind.value in JOURNAL_KINDS
        return applies and isinstance(lab, Lab) and has_journal(lab)

    def _show_applicable(self) -> None:
        for widget, applies in (
            (self.file, self.source.value == "file"),
            (self.of_topology, self.source.value == "host"),
            (self.credential, self.source.value == "host"),
            (self.record, self._offers_record()),
        ):
            widget.layout.display = "" if applies else "none"


def _sources(subject: Topology | Lab | Session | None) -> list[tuple[str, Source]]:
    """Return what can be documented, the most likely first."""
    sources: list[tuple[str, Source]] = []
    if isinstance(subject, Lab):
        host = subject.host.host
        sources = [
            (
                tr(
                    "The lab {name}, with its plan for {host}",
                    name=subject.topology.name,
                    host=host,
                ),
                "lab",
            )
        ]
        sources.append((tr("What {host} has now (capture)", host=host), "host"))
    elif isinstance(subject, Topology):
        sources = [(tr("The topology {name}", name=subject.name), "topology")]
    elif subject is not None:
        sources = [(tr("What {host} has now (capture)", host=subject.host), "host")]
    return [*sources, (tr("A topology file"), "file")]


def _stem(source: Source, subject: Topology | Lab | Session | None, form: DocumentForm) -> str:
    if source == "file":
        name = Path(form.file.value.strip()).stem
    elif isinstance(subject, Lab) and source == "lab":
        name = subject.topology.name
    elif isinstance(subject, Topology):
        name = subject.name
    else:
        host = subject.host if isinstance(subject, Lab) else subject
        address = "" if host is None else host.host.partition("?")[0]
        name = form.of_topology.value.strip() or address
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "lab"


def _title(kind: str) -> str:
    return f"{translate(DOCUMENT_FORMATS[kind].title)} ({_extension(kind) or tr('folder')})"


def _extension(kind: str) -> str:
    return DOCUMENT_FORMATS[kind].extension


def _topology_files() -> list[str]:
    """Return the YAML files in the current folder and in its subfolders, one level deep."""
    found = [path for pattern in ("*.y*ml", "*/*.y*ml") for path in sorted(Path().glob(pattern))]
    return [path.as_posix() for path in found]


def _field() -> dict[str, Any]:
    wide = ipywidgets.Layout(width="520px", max_width="calc(100% - 4px)")
    return {"style": _STYLE, "layout": wide}


def _choice(label: str, options: list[tuple[str, Any]]) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(options=options, description=label, **_field())
