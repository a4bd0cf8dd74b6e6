"""A question before something that cannot be undone."""

from __future__ import annotations

import ipywidgets

from nestlab.notebook.panel import button


class Confirm(ipywidgets.HBox):
    """A question with the button that does it, and one that does not; hidden until asked."""

    def __init__(self, question: str, yes: ipywidgets.Button, no: str) -> None:
        self.yes_button = yes
        self.no_button = button(no, "Change nothing", self.hide)
        self.question = ipywidgets.HTML(question, layout=ipywidgets.Layout(margin="2px 8px 2px 0"))
        layout = ipywidgets.Layout(flex_flow="row wrap", align_items="center", display="none")
        super().__init__([self.question, self.yes_button, self.no_button], layout=layout)

    def ask(self, question: str = "") -> None:
        """Show the question; another one where it is given, as HTML."""
        self.question.value = question or self.question.value
        self.layout.display = ""

    def hide(self) -> None:
        """Take the question back."""
        self.layout.display = "none"
