"""PowerShell wildcards: ``*``, ``?``, ``[a-c]``, and the backtick as escape character."""

from __future__ import annotations

import re
from functools import lru_cache

from nestlab.model import ErrorRecord
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.values.collation import same_text

# Python treats these as variants of i and s, .NET does not.
_WITHOUT_CASE_VARIANTS = str.maketrans({"\u0130": "\ue130", "\u0131": "\ue131", "\u017f": "\ue17f"})


@lru_cache(maxsize=4096)
def has_wildcard(pattern: str) -> bool:
    """Whether a string is a pattern; a backtick escapes the next character, and ``]`` counts.

    >>> has_wildcard("web*"), has_wildcard("web`*"), has_wildcard("a]"), has_wildcard("web")
    (True, False, True, False)
    """
    return re.search(r"(?s)^(?:[^`*?\[\]]|`.)*[*?\[\]]", pattern) is not None


def escape(text: str) -> str:
    """Return the pattern that matches only this string.

    >>> escape("a[1]"), matches(escape("a[1]"), "A[1]")
    ('a`[1`]', True)
    """
    return re.sub(r"([*?\[\]`])", r"`\1", text)


@lru_cache(maxsize=4096)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    out, index = "", 0
    while index < len(pattern):
        char = pattern[index]
        if char == "`":
            index += 1
            out += (
                re.escape(pattern[index])
                if index < len(pattern)
                else re.escape("`")
                if pattern != "`"
                else ""
            )
        elif char == "[":
            expression, index = _character_class(pattern, index + 1)
            out += expression
        else:
            out += {"*": ".*", "?": "."}.get(char) or re.escape(char)
        index += 1
    try:
        return re.compile(out, flags | re.DOTALL)
    except re.error:  # a reversed range
        raise _invalid(pattern) from None


def _character_class(pattern: str, index: int) -> tuple[str, int]:
    """Return the set that begins here, and the index of its bracket.

    A leading ``]`` is a member of the set.
    """
    members: list[tuple[str, bool]] = []
    while index < len(pattern):
        char = pattern[index]
        if char == "]" and members:
            return _expression(members), index
        escaped = char == "`" and index + 1 < len(pattern)
        index += escaped
        if char != "`" or escaped:
            members.append((pattern[index], char == "-"))
        index += 1
    raise _invalid(pattern)


def _expression(members: list[tuple[str, bool]]) -> str:
    out, position = "[", 0
    while position < len(members):
        out += re.escape(members[position][0])
        if position + 2 < len(members) and members[position + 1][1]:
            out += f"-{re.escape(members[position + 2][0])}"
            position += 2
        position += 1
    return f"{out}]"


def _invalid(pattern: str) -> PowerShellError:
    message = f"The specified wildcard character pattern is not valid: {pattern}"
    exception = "System.Management.Automation.WildcardPatternException"
    return PowerShellError(
        ErrorRecord(message, "InvalidArgument", "WildcardPatternException", "", exception)
    )


def matches(pattern: str, name: str, *, case_sensitive: bool = False) -> bool:
    """Whether a name matches a pattern, by default ignoring case.

    Raises PowerShellError for a pattern with an unclosed set or a reversed range.

    >>> matches("web*", "WEB1"), matches("web", "web1"), matches("n[1-3]", "n2")
    (True, False, True)
    """
    if not (name.isascii() and pattern.isascii()):
        if not has_wildcard(pattern) and "`" not in pattern:
            return same_text(name, pattern, case_sensitive=case_sensitive)
        name, pattern = (
            name.translate(_WITHOUT_CASE_VARIANTS),
            pattern.translate(_WITHOUT_CASE_VARIANTS),
        )
    return _compiled(pattern, 0 if case_sensitive else re.IGNORECASE).fullmatch(name) is not None
