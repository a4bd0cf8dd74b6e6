"""The input form of the nesting panel."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets

from nestlab.enumerations import all_of
from nestlab.model import Findings, Size
from nestlab.notebook.panel import label_width, labelled, row
from nestlab.texts import tr

_BUTTON_PADDING = 20  # at both sides of its text, in pixels


class NestingForm(ipywidgets.VBox):
    """Inputs: expose or hide the extensions, memory, MAC spoofing, consents, guest credential."""

    def __init__(self) -> None:
        expose, hide = tr("Expose extensions"), tr("Hide extensions")
        width = max(label_width(expose, 128), label_width(hide, 128)) + _BUTTON_PADDING
        self.direction = ipywidgets.ToggleButtons(
            options=[(expose, True), (hide, False)],
            tooltips=[tr("to the chosen VMs"), tr("from the chosen VMs")],
            style={"button_width": f"{width}px"},
        )
        self.memory = ipywidgets.BoundedIntText(
            value=0,
            min=0,
            max=1 << 20,
            **labelled(tr("Memory"), label=60, field=80),
        )
        self.spoofing = _option(
            tr("Allow MAC spoofing"),
            tr(
                "On the connected adapters; needed where nested VMs are bridged to the outer network"
            ),
        )
        self.discard_saved = _option(
            tr("Discard saved states"), tr("The contents of the guests' memory are lost")
        )
        self.turn_off = _option(
            tr("Turn off VMs that do not shut down"),
            tr("After 5 minutes; unsaved data in the guest is lost"),
        )
        self.credential = ipywidgets.Text(
            placeholder=tr("name, for VMs inside"),
            continuous_update=False,
            **labelled(tr("Guest credential"), label=110, field=190),
        )
        unit = ipywidgets.Label(
            tr("GB (0: unchanged)"), layout=ipywidgets.Layout(margin="2px 16px 2px 2px")
        )
        others = row(self.memory, unit, self.spoofing, self.discard_saved, self.turn_off)
        super().__init__([row(self.direction), others, row(self.credential)])

    @property
    def inputs(self) -> tuple[ipywidgets.Widget, ...]:
        """The widgets that hold a choice."""
        consents = (self.discard_saved, self.turn_off)
        return (self.direction, self.memory, self.spoofing, *consents, self.credential)

    @property
    def enable(self) -> bool:
        """Whether the extensions are to be exposed; False hides them."""
        return bool(self.direction.value)

    @property
    def memory_startup(self) -> Size | None:
        """The chosen startup memory; None leaves it unchanged."""
        return Size(self.memory.value << 30) if self.memory.value else None

    def show_applicable(self) -> None:
        """Show the inputs that apply only to exposing extensions, or hide them."""
        for option in (self.memory, self.spoofing):
            option.layout.display = "" if self.enable else "none"


def refusal_texts(findings: Findings, chosen: Sequence[str]) -> tuple[str, str]:
    """Return why there is no plan for the chosen VMs, and which ones to deselect, if any."""
    subjects = {finding.subject for finding in findings}
    blocking = [name for name in chosen if f"VM {name}" in subjects]
    if not blocking:
        return tr("No plan: this host could not start the VM with the extensions exposed."), ""
    why = tr(
        "No plan: this host could not start {names} with the extensions exposed.",
        names=all_of(blocking),
    )
    if len(subjects) > len(blocking) or len(blocking) == len(chosen):
        return why, ""
    return why, tr("Deselect {names} to change the others.", names=all_of(blocking))


def _option(label: str, tooltip: str) -> ipywidgets.Checkbox:
    return ipywidgets.Checkbox(
        description=label,
        tooltip=tooltip,
        indent=False,
        layout=ipywidgets.Layout(width="auto", margin="2px 12px 2px 0"),
    )
