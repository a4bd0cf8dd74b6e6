"""Names of other tools' objects as names that a topology file accepts."""

from __future__ import annotations

import re

from nestlab.constants import VM_NAME_LENGTH_MAXIMUM
from nestlab.model.topology import is_computer_name

_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
_RESERVED = ("host", "internet")  # endpoints of checks


def valid_name(text: str, fallback: str, *, of_vm: bool = False) -> str:
    r"""Return a text as the name of a switch or an adapter, or of a VM.

    >>> valid_name("web[1]", "VM"), valid_name(" \n", "VM"), valid_name("a/b", "VM", of_vm=True)
    ('web-1-', 'VM', 'a-b')
    """
    forbidden = rf"[{_CONTROL}*?\[\]`{'/' if of_vm else ''}]+"
    name = re.sub(forbidden, "-", text.strip()).strip()[:VM_NAME_LENGTH_MAXIMUM].strip()
    if of_vm and name.casefold() in _RESERVED:
        name = f"{name}-1"
    return name if name.strip("-") else fallback


def topology_name(text: str, fallback: str) -> str:
    """Return a text as the name of a topology: 1 to 40 letters, digits or '-'.

    >>> topology_name("My lab (v2).psd1", "lab")
    'My-lab-v2-psd1'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:40].strip("-") or fallback


def image_name(text: str) -> str:
    """Return a text as the name of an image: up to 60 letters, digits, '.', '_' or '-'.

    >>> image_name("2022_x64_Datacenter_EN_Eval"), image_name("Windows Server 2019 (Core)")
    ('2022_x64_Datacenter_EN_Eval', 'Windows-Server-2019-Core')
    """
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", text)[:60]
    return found.lstrip("._-").rstrip(".-") or "image"


def explicit_computer_name(computer: str, vm: str) -> str | None:
    """Return the value for `computer_name`; None if it is the default, or not valid.

    >>> explicit_computer_name("DC1", "DC1"), explicit_computer_name("DC1", "TLG-DC1")
    (None, 'DC1')
    """
    return computer if computer != vm and is_computer_name(computer) else None


class UniqueNames:
    """Names of one kind on one machine, which Windows compares without regard to case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        """Return the name, with a number if it is already taken."""
        found, number = name, 2
        while found.casefold() in self._taken:
            suffix = f" {number}"
            found = f"{name[: VM_NAME_LENGTH_MAXIMUM - len(suffix)].strip()}{suffix}"
            number += 1
        self._taken.add(found.casefold())
        return found
