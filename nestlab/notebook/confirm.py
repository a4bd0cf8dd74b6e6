"""A confirmation question before an action that cannot be undone."""

from __future__ import annotations

import ipywidgets

from nestlab.notebook.panel import button, row
from nestlab.texts import tr


class Confirm(ipywidgets.HBox):
    """A question with a confirm and a decline button; hidden until asked."""

    def __init__(self, question: str, yes: ipywidgets.Button, no: str) -> None:
        self.yes_button = yes
        self.no_button = button(no, tr("Change nothing"), self.hide)
        self.question = ipywidgets.HTML(question, layout=ipywidgets.Layout(margin="2px 8px 2px 0"))
        layout = ipywidgets.Layout(
            flex_flow="row wrap",  # not shown
            align_items="center",
            display="none",
        )
        self.answers = row(self.yes_button, self.no_button)  # they stay side by side
        super().__init__([self.question, self.answers], layout=layout)
        self.add_class("nestlab-question")

    def ask(self, question: str = "") -> None:
        """Show the question, or the given one (HTML) in its place.

        The buttons are below a question that is a block element, such as a list, else beside it.
        """
        self.question.value = question or self.question.value
        is_block = self.question.value.startswith("<div")
        self.question.layout.width = "100%" if is_block else "auto"
        self.layout.display = ""

    def hide(self) -> None:
        """Hide the question."""
        self.layout.display = "none"
