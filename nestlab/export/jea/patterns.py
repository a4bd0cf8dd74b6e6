r"""Regular expressions of .NET for ValidatePattern.

PowerShell joins the patterns of a parameter to ``^(a|b)$`` and ignores case. Since ``$`` also
matches before a final line break, every pattern here ends with ``\z``.
"""

from __future__ import annotations

from collections.abc import Iterable

_SPECIAL = frozenset(r"\*+?|{}[]()^$.#")

GUID = r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
LITERAL_NAME = r"[^*?\[\]]+\z"
"""One object by its name: no wildcards."""

_NAME = r'[^\\/:*?"<>|]+'
_FOLDERS = rf"(?:[A-Z]:|\\\\{_NAME})(?:\\{_NAME})*\\"


def escaped(text: str) -> str:
    r"""Return a pattern that matches exactly this string, in printable characters.

    >>> print(escaped("a.b (1)"), escaped("x" + chr(10)), escaped("it's"))
    a\.b \(1\) x\u000A it's
    """
    return "".join(map(_escaped_character, text))


def _escaped_character(character: str) -> str:
    if character in _SPECIAL:
        return f"\\{character}"
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def any_of(texts: Iterable[str]) -> str:
    r"""Return a group that matches any of these strings; if there are none, it matches nothing.

    >>> any_of(["web.1", "HV1"])
    '(?:HV1|web\\.1)'
    """
    choices = "|".join(sorted({escaped(text) for text in texts}))
    return f"(?:{choices})" if choices else "(?!)"


def exactly(texts: Iterable[str]) -> str:
    """Return the pattern of a parameter that accepts exactly these strings."""
    return rf"{any_of(texts)}\z"


def virtual_machine(vms: Iterable[str]) -> str:
    """Return the pattern of a VM object: PowerShell matches the text of its ToString()."""
    return rf"VirtualMachine \(Name = '{any_of(vms)}'\) \[Id = '{GUID}'\]\z"


def switch(switches: Iterable[str]) -> str:
    """Return the pattern of a switch object."""
    return rf"VMSwitch \(Name = '{any_of(switches)}'\)(?: \[Id = '{GUID}'\])?\z"


def part_of_vm(vms: Iterable[str]) -> str:
    """Return the pattern of an object that belongs to a VM: an adapter, a disk drive, a service.

    In classes that override the Name property of a device, ToString() does not include the Name.
    """
    return rf"\w+ \((?:Name = '.*', )?VMName = '{any_of(vms)}'\) \[[^\[\]]*\]\z"


def checkpoint(names: Iterable[str], vms: Iterable[str]) -> str:
    """Return the pattern of a checkpoint object."""
    return rf"VMSnapshot \(Name = '{any_of(names)}', VMName = '{any_of(vms)}'\) \[Id = '{GUID}', VMId = '{GUID}'\]\z"


def file_in_any_folder(name: str) -> str:
    """Return the pattern of a file by its full path; `name` is a pattern."""
    return rf"{_FOLDERS}{name}\z"
