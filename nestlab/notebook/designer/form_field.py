"""One input of the properties form."""

from __future__ import annotations

from typing import Any, Literal

from nestlab.dataclass import dataclass

Control = Literal["text", "checkbox", "select"]


@dataclass(frozen=True)
class Field:
    """One input of the form.

    `options` are the values of a select; `hint` is an example of what can be typed, and fits into
    the input; `example` is a longer one, where there is one. `offers` are values to take with a
    click, each with the text that is shown.
    """

    name: str
    label: str
    value: str | bool
    control: Control = "text"
    options: tuple[str, ...] = ()
    hint: str = ""
    example: str = ""
    offers: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the field as plain JSON data."""
        return {
            "name": self.name,
            "label": self.label,
            "value": self.value,
            "control": self.control,
            "options": list(self.options),
            "hint": self.hint,
            "example": self.example,
            "offers": [list(offer) for offer in self.offers],
        }
