"""Unique names, numbered as in Windows."""

from __future__ import annotations


def free_name(name: str, used: set[str], suffix: str) -> str:
    """Return an unused name; duplicates are numbered from 2 on.

    >>> free_name("Ethernet", {"Ethernet"}, " {}")
    'Ethernet 2'
    """
    lower = {entry.lower() for entry in used}
    number, candidate = 1, name
    while candidate.lower() in lower:
        number += 1
        candidate = name + suffix.format(number)
    return candidate
