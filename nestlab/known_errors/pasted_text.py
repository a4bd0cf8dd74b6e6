"""What consoles, logs and tools add to an error: colors, times, the same prefix on each line."""

from __future__ import annotations

from collections import Counter

from nestlab.pattern import pattern

_COLOR = pattern(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-9;:?]*[ -/]*[@-~]|\[\d{1,3}(?:;\d{1,3})*[mM]"
)
"""Escape sequences; logs that lose the escape character keep what follows it: ``[31;1m``."""
_BEFORE_A_LINE = pattern(
    r"(?m)^[ \t]*[\u2502\u2577\u2575][ \t]?|^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]+"
)
"""Terraform's bar, and the time that CI systems and container logs write."""
_PREFIX = pattern(
    r"(?m)^[ \t]*(?:==>[ \t]+)?(?P<name>[\w.\[\]-]+(?:[ \t]\([\w-]+\))?)(?::(?=[ \t]|$)|[ \t]*\|)[ \t]?"
)
"""``==> hyperv-iso: ``, ``node1: ``, ``null_resource.lab (local-exec): ``, ``web-1  | ``."""
_LINE_MARKERS = pattern(r"\d+|[A-Z][a-z]+-[A-Z]\w+")
"""What PowerShell writes at the start of lines: the line number, or the cmdlet that failed."""


def without_wrapping(text: str) -> str:
    r"""Return pasted text without colors, times, and the name that a tool puts before every line.

    >>> without_wrapping("==> hyperv-iso: Start-VM : no\n    hyperv-iso: more")
    'Start-VM : no\nmore'
    >>> without_wrapping("\x1b[31;1mNew-NetNat: \x1b[0mThe parameter is incorrect.")
    'New-NetNat: The parameter is incorrect.'
    """
    text = _BEFORE_A_LINE.sub("", _COLOR.sub("", text.replace("\r\n", "\n")))
    names = Counter(found["name"] for found in _PREFIX.finditer(text))
    shared = {
        name for name, count in names.items() if count > 1 and not _LINE_MARKERS.fullmatch(name)
    }
    return (
        _PREFIX.sub(lambda found: "" if found["name"] in shared else found[0], text)
        if shared
        else text
    )
