"""Names as Windows numbers them."""

from __future__ import annotations


def free_name(name: str, used: set[str], suffix: str) -> str:
    """Return a name that is not used, numbered from 2 on as Windows does.

    >>> free_name("Ethernet", {"Ethernet"}, " {}")
    'Ethernet 2'
    """
    lower = {entry.lower() for entry in used}
    number, candidate = 1, name
    while candidate.lower() in lower:
        number += 1
        candidate = name + suffix.format(number)
    return candidate
