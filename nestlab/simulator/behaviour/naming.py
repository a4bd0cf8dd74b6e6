"""Unique names, numbered as in Windows."""

from __future__ import annotations


def free_name(name: str, used: set[str], suffix: str) -> str:
    """Return the name if it is unused, or else the name with the first unused number from 2 on.

    >>> free_name("Ethernet", {"Ethernet"}, " {}")
    'Ethernet 2'
    """
    lower = {entry.lower() for entry in used}
    number, candidate = 1, name
    while candidate.lower() in lower:
        number += 1
        candidate = name + suffix.format(number)
    return candidate
