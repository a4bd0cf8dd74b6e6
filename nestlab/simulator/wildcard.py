"""PowerShell wildcards: ``*``, ``?``, ``[a-c]``, and the backtick that takes their meaning away."""

from __future__ import annotations

import re
from functools import cache

from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.call import PowerShellError


def has_wildcard(pattern: str) -> bool:
    """Whether a text is a pattern rather than a name."""
    return re.search(r"(?<!`)[*?\[]", pattern) is not None


@cache
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    out, index = "", 0
    while index < len(pattern):
        char = pattern[index]
        end = pattern.find("]", index + 2)
        if char == "`" and index + 1 < len(pattern):
            index += 1
            out += re.escape(pattern[index])
        elif char == "[" and end > 0:
            out += "[" + re.escape(pattern[index + 1 : end]).replace(r"\-", "-") + "]"
            index = end
        else:
            out += {"*": ".*", "?": "."}.get(char, re.escape(char))
        index += 1
    try:
        return re.compile(out, flags | re.DOTALL)
    except re.error:  # a range that runs backwards
        message = f"The specified wildcard character pattern is not valid: {pattern}"
        kind = "System.Management.Automation.WildcardPatternException"
        raise PowerShellError(ErrorRecord(message, "InvalidArgument", "WildcardPattern_Invalid", pattern, kind)) from None


def matches(pattern: str, name: str, *, case_sensitive: bool = False) -> bool:
    """Whether a name fits a pattern; case does not matter unless it is asked for.

    >>> matches("web*", "WEB1"), matches("web", "web1"), matches("n[1-3]", "n2")
    (True, False, True)
    """
    return _compiled(pattern, 0 if case_sensitive else re.IGNORECASE).fullmatch(name) is not None
