"""The topology designer: a canvas for building a topology by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import traitlets

from nestlab.dataclass import replace
from nestlab.drawing import SvgFigure, alternative_text, draw, layout, outline, svg, svg_image
from nestlab.drawing.known_blocks import KnownBlocks
from nestlab.drawing.positions import read_positions, write_positions
from nestlab.drawing.style import style_sheet
from nestlab.errors import NestlabError
from nestlab.model.topology import Topology
from nestlab.notebook.arguments import require_topology_or_path
from nestlab.notebook.designer.draft import Draft, opened
from nestlab.notebook.designer.edits import edit
from nestlab.notebook.designer.exporting import exported
from nestlab.notebook.designer.file_view import with_line_ends_of
from nestlab.notebook.designer.folding import Folded, followed, opened_for, toggled, visible_part
from nestlab.notebook.designer.live_picture import LivePicture
from nestlab.notebook.designer.parts import EditRefused
from nestlab.notebook.designer.picture import picture
from nestlab.notebook.designer.saving import saved, wait_until_sent
from nestlab.notebook.designer.shown import exists, findings_of, form_of
from nestlab.notebook.javascript import joined
from nestlab.notebook.page import with_fallback
from nestlab.notebook.page_texts import DESIGNER
from nestlab.texts import tr
from nestlab.topology_file import dumps, load, loads
from nestlab.topology_file.file_text import decoded
from nestlab.visible import visible

_STATIC = Path(__file__).parent / "static"
_UNDO_LIMIT = 200  # edits that can be undone
_Version = tuple[Draft, bytes | None]
"""A draft, and the content of its file; None if it was not saved."""


class TopologyDesigner(LivePicture):
    """Edit a topology: add, nest, bridge, link, copy, move, delete, set properties; shows findings.

    A designer that is opened on a file saves to it after every edit, and keeps comments and order;
    a `Topology` is saved only with `path`. The positions of VMs are saved in
    ``<file>.layout.json``. ``.topology`` is the current value. Python code can make the same edits
    as the page, with `edit`. `follow` shows what a `PlanPanel` does to each part, `show_host`
    whether the VMs run on a host.
    """

    PAGE_TEXTS = DESIGNER
    _esm = joined(_STATIC / "designer.js")
    _css = (
        (_STATIC / "designer.css").read_text(encoding="utf-8")
        + style_sheet("light")
        + "\n"
        + style_sheet("dark")
    )

    positions = traitlets.Dict(
        help="Positions of VMs: machine path to pixels from the left, and row."  # not shown
    )
    selection = traitlets.Unicode(
        "host",
        help="The id of the selected part.",  # not shown
    ).tag(sync=True, echo_update=False)
    message = traitlets.Unicode(help="The result of the last edit.").tag(sync=True)  # not shown
    read_only = traitlets.Bool(
        default_value=False,
        help="Whether editing is disabled.",  # not shown
    ).tag(sync=True)
    can_undo = traitlets.Bool(default_value=False).tag(sync=True)
    can_redo = traitlets.Bool(default_value=False).tag(sync=True)

    def __init__(
        self,
        topology: Topology | str | Path,
        *,
        path: str | Path | None = None,
        read_only: bool = False,
    ) -> None:
        """Open a topology, or the file of one.

        Args:
            topology: the topology to edit, or the path of its file.
            path: where to save after every edit; by default the file, where `topology` is a path. A
                file that already exists is opened, and `topology` is only the content of a new
                one, so that work continues after a restart.
            read_only: disable editing.

        Raises:
            TopologyFileError: the file cannot be read.
        """
        require_topology_or_path(topology, type(self).__name__)
        super().__init__(read_only=read_only)
        self._path = (
            Path(path) if path else None if isinstance(topology, Topology) else Path(topology)
        )
        first = topology if isinstance(topology, Topology) else load(topology)
        if path and Path(path).is_file():
            first = load(path)
        self._saved_bytes = self._path.read_bytes() if self._path and self._path.is_file() else None
        self._draft = opened(first, read_positions(self._path) if self._path else {})
        self._folded: Folded = frozenset()
        self._known_blocks = KnownBlocks()
        self._past: list[_Version] = []
        self._future: list[_Version] = []
        with self.hold_sync():
            self._draw()
            self._show()
        self.observe(self._on_selection, "selection")
        self.on_msg(self._on_message)

    @property
    def topology(self) -> Topology:
        """The current topology."""
        return self._draft.topology

    def edit(self, intent: Mapping[str, Any]) -> None:
        """Apply one edit, such as ``{"do": "add-vm", "into": "HV1"}``, save and draw again.

        Raises:
            EditRefused: The edit is not possible here, the designer is read-only, or the text
                beside the canvas has errors; nothing was changed.
            UsageError: The file cannot be written, or was changed by another program; the designer
                keeps the edit.
        """
        if intent.get("do") == "fold":
            self.fold(str(intent.get("id") or self._draft.selection))
            return
        self._require_editable()
        self.require_no_errors()
        changed = edit(replace(self._draft, folded=self._folded), intent)
        if intent.get("do") == "rename" or intent.get("field") == "name":
            old = str(intent.get("id") or self._draft.selection)
            self._folded = followed(self._folded, old, changed.selection)
        if (changed.topology, changed.positions) != (self._draft.topology, self._draft.positions):
            self._remember()
        self._set_draft(changed)

    @property
    def text(self) -> str:
        """The text of the topology's file, or what it would be."""
        return decoded(self._saved_bytes) if self._saved_bytes else dumps(self.topology)

    def set_text(self, text: str) -> None:
        """Take the topology from the text of a file, and save the text as it is.

        Raises:
            TopologyFileError: the text has errors; nothing was changed.
            EditRefused: the designer is read-only.
        """
        self._require_editable()
        topology = loads(text, self._path.name if self._path else "lab.yml")
        self.file_errors = []
        if text.replace("\r\n", "\n") == self.text.replace("\r\n", "\n"):
            return
        self._remember()
        chosen = self.selection if exists(topology, self.selection) else "host"
        draft = Draft(topology, self._draft.positions, chosen, tr("Text applied."))
        self._set_draft(draft, with_line_ends_of(text, self._saved_bytes))

    def fold(self, part: str) -> None:
        """Fold a nested host, or unfold it; for ``"host"``, all nested hosts on the host.

        Of a folded host, only the box is drawn, with the number of VMs inside. The file stays as it
        is. Selecting a part inside unfolds. Raises EditRefused if the part is not a nested host.
        """
        self._folded, message = toggled(self.topology, self._folded, part)
        seen = visible_part(self.topology, self._folded, self._draft.selection)
        self._draft = replace(self._draft, selection=seen, message=message)
        self._draw()
        self.message = message

    def undo(self) -> None:
        """Undo the last edit."""
        self._restore(self._past, self._future, tr("Edit undone."))

    def redo(self) -> None:
        """Redo the last edit that was undone."""
        self._restore(self._future, self._past, tr("Edit redone."))

    def figure(self, theme: str | None = None) -> SvgFigure:
        """Return the current picture, as `nestlab.draw` does."""
        return draw(self.topology, theme, positions=self._draft.positions)

    def _require_editable(self) -> None:
        if self.read_only:
            raise EditRefused(tr("This designer is read-only."))

    def _remember(self) -> None:
        """Keep the current version for undo; what was undone cannot be redone any more."""
        self._past = [*self._past[1 - _UNDO_LIMIT :], self._version()]
        self._future = []

    def _version(self) -> _Version:
        return self._draft, self._saved_bytes

    def _restore(self, source: list[_Version], target: list[_Version], message: str) -> None:
        if self.read_only or not source:
            return
        self.require_no_errors()
        target.append(self._version())
        draft, content = source.pop()
        restored = Draft(draft.topology, draft.positions, draft.selection, message)
        self._set_draft(restored, content)

    def _set_draft(self, draft: Draft, content: bytes | None = None) -> None:
        """Take a draft, draw it, and save it; with the content that its file had, if known."""
        self._draft = draft
        self._draw()  # before saving and checking, which take longer
        try:
            wait_until_sent()
            if self._path:
                self._saved_bytes = saved(self._path, draft, content, self._saved_bytes)
                write_positions(self._path, draft.positions)
        finally:
            self._show()  # after saving: what it says is in the file

    def _draw(self) -> None:
        draft = self._draft
        self._folded = opened_for(draft.topology, self._folded, draft.selection)
        with self.hold_sync():
            drawn = layout(draft.topology, draft.positions, self._folded, self._known_blocks)
            self.picture = picture(drawn, self._folded)
            self.positions = {key: list(place) for key, place in draft.positions.items()}
            self.selection = draft.selection
            self._show_form()

    def _show(self) -> None:
        with self.hold_sync():
            self.file_text = self.text if self.file_open else ""
            self.findings = findings_of(self._draft.topology, self.file_text)
            self.message = self._draft.message
            self.can_undo, self.can_redo = bool(self._past), bool(self._future)

    def _on_selection(self, change: Mapping[str, Any]) -> None:
        chosen = str(change["new"])
        self._draft = replace(self._draft, selection=chosen)
        if opened_for(self.topology, self._folded, chosen) != self._folded:
            self._draw()
        with self.hold_sync():
            self._show_form()

    def _choose(self, identifier: str, chosen: object) -> None:
        """Select what the page has selected; if an edit has removed it, tell what is selected."""
        self.chosen = chosen
        if exists(self.topology, identifier):
            self.selection = identifier
        else:
            self.send_differences()

    def _show_form(self) -> None:
        """Show the properties of the selected part, and say whose they are: forms can be equal."""
        self.fields = form_of(self._draft.topology, self._draft.selection)
        self.fields_of = self._draft.selection

    def _on_message(self, _widget: object, content: object, _buffers: object) -> None:
        """Handle a message of the page; a refusal is shown as a message, not a traceback."""
        if not isinstance(content, dict):
            return
        actions: dict[object, Callable[[], object]] = {
            "whole": lambda: self.send_missed(content.get("number")),
            "select": lambda: self._choose(str(content.get("id", "")), content.get("chosen")),
            "file": lambda: self._open_file(is_open=bool(content.get("open"))),
            "discard": self.discard_errors,
            "seen": self.seen,
            "export": lambda: self.send({"export": exported(self, content)}),
            "undo": self.undo,
            "redo": self.redo,
            "text": lambda: self.take_text(str(content.get("text")), self.set_text),
        }
        try:
            actions.get(content.get("do"), lambda: self.edit(content))()
        except NestlabError as error:
            self.message = f"✗ {error.message} {error.hint}".strip()
            # The form still shows what was typed, and the same refusal twice is not a change of a
            # trait.
            self.send({"refused": self.message})

    def _open_file(self, *, is_open: bool) -> None:
        self.show_file(is_open=is_open)
        self._show()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """Add picture and outline, so that a saved notebook is readable without a kernel."""
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        drawn = layout(self.topology, self._draft.positions)
        image = svg_image(svg(drawn), alternative_text(drawn), drawn.width)
        return {**with_fallback(data or {}, image), "text/plain": outline(drawn)}, metadata

    def __repr__(self) -> str:
        where = f", saved to {self._path}" if self._path else ""  # not shown
        return visible(f"<TopologyDesigner of {self.topology.name}{where}>")
