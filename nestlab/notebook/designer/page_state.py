"""The state of the designer that is sent to the page as differences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from nestlab.notebook.designer.differences import difference, line_difference
from nestlab.notebook.designer.shown import forms, kind_of, shortened
from nestlab.notebook.page_texts import DESIGNER_TEMPLATES, TranslatedWidget

_LISTS = {"findings": "id", "fields": "name"}
"""The traits that are lists, with the key of their items."""
_DIFFERENCES = frozenset({"picture", "selection", "fields_of", "file_text", *_LISTS})


def _numbered(picture: dict[str, Any], widget: PageState) -> dict[str, Any]:
    return {**picture, "number": widget.number}


def _short(fields: list[dict[str, Any]], widget: PageState) -> list[dict[str, Any]]:
    return shortened(fields, widget.forms.get(kind_of(widget.fields_of), {}))


class PageState(TranslatedWidget):
    """A widget with a picture, findings and a form, of which it sends what changed.

    A saved notebook, and a page that opens, get all of it as the widget's state. Then each change
    is a message with a number; a page that has missed one asks for the whole state.
    """

    picture = traitlets.Dict(
        help="The layout to draw, and the number of the last change.",  # not shown
    ).tag(sync=True, to_json=_numbered)
    fields: traitlets.List[Any] = traitlets.List(
        help="The properties of the selected part.",  # not shown
    ).tag(sync=True, to_json=_short)
    forms = traitlets.Dict(
        help="What the fields of each kind of part have in common.",  # not shown
    ).tag(sync=True)
    fields_of = traitlets.Unicode(
        "host",
        help="The id of the part that `fields` are about.",  # not shown
    ).tag(sync=True)
    findings: traitlets.List[Any] = traitlets.List(
        help="The findings, each with the id of the part that it is about."  # not shown
    ).tag(sync=True)
    file_text = traitlets.Unicode(
        help="The text of the topology's file, while it is shown.",  # not shown
    ).tag(sync=True)

    templates: traitlets.List[Any] = traitlets.List(
        [[name, text] for name, text in DESIGNER_TEMPLATES.items()],
        read_only=True,
        help="The templates to choose from: the name of each, and what it is.",  # not shown
    ).tag(sync=True)

    def __init__(self, **options: Any) -> None:
        self.number = 0
        self.chosen: object = None
        """What a page said last about what it selects: one that has said more since is further."""
        self._sent: dict[str, Any] = {}
        super().__init__(forms=forms(), **options)

    def send_state(self, key: str | Iterable[str] | None = None) -> None:
        """Send state to the page: of picture, findings and form only what changed."""
        names = {key} if isinstance(key, str) else set(self.keys if key is None else key)
        changed = names & _DIFFERENCES
        if key is None or not self._sent:
            super().send_state(names | _DIFFERENCES if changed else names)
            self._sent = self._plain() if self.picture else {}
            return
        if names - changed:
            super().send_state(names - changed)
        if changed - {"selection"}:  # its form follows at once, and tells whose it is
            self.send_differences()

    def send_missed(self, number: object) -> None:
        """Send the whole picture, findings and form to a page that is at another number."""
        if number != self.number:
            super().send_state(_DIFFERENCES)

    def send_differences(self) -> None:
        """Send what changed since the last time, and what is selected."""
        before, now = self._sent, self._plain()
        told: dict[str, Any] = {
            name: difference(before[name], now[name], key) for name, key in _LISTS.items()
        }
        told["parts"] = difference(before["picture"].get("parts", ()), now["picture"]["parts"])
        told["file"] = line_difference(before["file_text"], now["file_text"])
        told["size"] = [now["picture"]["width"], now["picture"]["height"]]
        self.number += 1
        self._sent = now
        told["chosen"], told["fields_of"] = self.chosen, self.fields_of
        self.send({"number": self.number, **told})

    def _plain(self) -> dict[str, Any]:
        return {
            "picture": self.picture,
            "findings": self.findings,
            "file_text": self.file_text,
            "fields": _short(self.fields, self),
        }
