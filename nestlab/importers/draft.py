"""A lab that an importer has read: the values of a topology file, and what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nestlab.dataclass import dataclass, field
from nestlab.enumerations import all_of
from nestlab.importers.names import UniqueNames, image_name, valid_name
from nestlab.model.plain import Plain
from nestlab.model.size import Size
from nestlab.texts import tr
from nestlab.visible import visible_line

WINDOWS_CREDENTIAL = "lab-admin"
LINUX_CREDENTIAL = "lab-linux"
"""The names of credentials in imported files; definitions of other tools have no such names."""
_MAXIMUM_IN_TEXT = 600
_KEYS_IN_LINE = 10
_KEY_IN_LINE = 40


@dataclass(frozen=True)
class LeftOut:
    """A part of a definition that is not in the topology file, or has another form there."""

    subject: str
    what: str

    def __str__(self) -> str:
        return visible_line(f"{self.subject}: {self.what}")

    def to_dict(self) -> dict[str, Any]:
        """Return the plain data."""
        return {"subject": self.subject, "what": self.what}


@dataclass
class Item:
    """A switch or VM as plain data of the topology file, with the comments above it."""

    data: dict[str, Plain]
    comments: tuple[str, ...] = ()


@dataclass
class LabDraft:
    """A lab as plain data of the topology file, without short forms, in the order of its keys."""

    name: str
    description: str = ""
    images: dict[str, dict[str, Plain]] = field(default_factory=dict)
    switches: list[Item] = field(default_factory=list)
    vms: list[Item] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    _image_names: dict[str, str] = field(default_factory=dict)
    _vm_names: UniqueNames = field(default_factory=UniqueNames)
    _switch_names: UniqueNames = field(default_factory=UniqueNames)

    def leave_out(self, subject: str, what: str) -> None:
        """Record something that the file does not contain."""
        self.left_out.append(LeftOut(subject, what[:_MAXIMUM_IN_TEXT]))

    def leave_out_keys(self, subject: str, keys: Iterable[str], why: str = "") -> None:
        """Record keys of a definition that the file has no keys for."""
        names = list(keys)
        if not names:
            return
        more = len(names) - _KEYS_IN_LINE
        shown = [*names[:_KEYS_IN_LINE], tr("{count} more", count=more)] if more > 1 else names
        what = all_of([name[:_KEY_IN_LINE] for name in shown])
        self.leave_out(subject, f"{what}: {why}" if why else what)

    def vm_name(self, text: str) -> str:
        """Return the name of a new VM, valid and unique; records where it differs."""
        name = self._vm_names.take(valid_name(text, "VM", of_vm=True))
        return self._noted(name, text, name)

    def switch_name(self, text: str) -> str:
        """Return the name of a new switch, valid and unique; records where it differs."""
        name = self._switch_names.take(valid_name(text, "Switch"))
        return self._noted(tr("switch {switch}", switch=name), text, name)

    def _noted(self, subject: str, text: str, name: str) -> str:
        if name != text:
            what = tr(
                "its name {name!r}: a topology file cannot have it, or has it already", name=text
            )
            self.leave_out(subject, what)
        return name

    def image(self, text: str, data: dict[str, Plain]) -> str:
        """Return the name of an image in the file; a new image is added."""
        key = text.casefold()
        if key not in self._image_names:
            taken = {name.casefold() for name in self.images}
            name, number = image_name(text), 2
            while name.casefold() in taken:
                name, number = f"{image_name(text)[:56]}-{number}", number + 1
            self._image_names[key] = name
            self.images[name] = data
        return self._image_names[key]


def size_text(size: int) -> str | int:
    """Return a number of bytes as a topology file states it.

    >>> size_text(2 << 30), size_text(1500)
    ('2GB', 1500)
    """
    text = str(Size(size))
    return text if text.endswith("B") else int(size)


def path_text(text: str) -> str:
    r"""Return a path of a definition without control characters, which a file cannot have.

    >>> path_text("D:\\images\\a.vhdx\n")
    'D:\\images\\a.vhdx'
    """
    return visible_line(text).strip()


def one_line(text: str) -> str:
    r"""Return a text as a value on one line, without control characters.

    >>> one_line("first\n second")
    'first second'
    """
    return " ".join(visible_line(text).split())[:_MAXIMUM_IN_TEXT]
