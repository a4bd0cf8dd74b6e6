"""Finds the explanation of an error by its text, its id, or the cmdlet that failed."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from nestlab.dataclass import replace
from nestlab.known_errors.explanation import Explanation, Unexplained
from nestlab.known_errors.pasted_text import without_wrapping
from nestlab.model import ErrorRecord
from nestlab.pattern import pattern

_QUOTED_SOURCE = pattern(
    r"(?mi)^\s*(?:\+ (?!CategoryInfo|FullyQualifiedErrorId).*|Line \||\d+ \|.*|\|\s*~+)$"
)
"""Lines that PowerShell prints around an error: the script line, and the position in it."""
_MARGIN = pattern(r"(?m)^\s*\|")
_DECIMAL_CODE = pattern(r"(?<![\w.-])(-?\d{9,10})(?!\w|\.\d)")
_BARE_CODE = pattern(r"(?<![\w-])([8c]0[0-9a-f]{6})(?![\w-])")
_ERROR_START = pattern(r"(?m)^(?=\s*[A-Z][a-z]+-[A-Z]\w+ ?:\s)")
_FAILED_CMDLET = pattern(
    r"(?i)(?<![\w-])([a-z]+-[a-z]\w+) ?:(?=\s)|\[([a-z]+-[a-z]\w+)\]|,([a-z]+-[a-z]\w+)(?![\w-])"
)
"""The cmdlet before the message, in CategoryInfo, and at the end of a CIM cmdlet's id."""
_BLANK_LINE = pattern(r"\n\s*\n")
_PLAIN_QUOTES = str.maketrans("\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f", "''''\"\"\"\"")
"""Web pages and word processors use typographic quotation marks, which no console prints."""
_CODES = range(1 << 31, 1 << 32)  # the highest bit of an HRESULT is set for a failure


def explain(error: str | ErrorRecord) -> Explanation | None:
    """Return the explanation of one error in the chosen language, or None.

    `error` is an error record, or its pasted text or id.

    Case, colors, line breaks, prefixes that tools add, and the lines that PowerShell prints around
    an error are ignored; a code may be decimal. A matching text takes precedence over an id, both
    take precedence over general explanations, and the name of the cmdlet comes last; of several
    matches, the longest takes precedence.

    >>> explain("Windows System Error 87,New-NetNat").code
    'nat-overlap'
    >>> explain("Not enough memory in the system to start the virtual machine X.").code
    'not-enough-memory'
    >>> explain("-2147024891").code
    'access-denied'
    >>> explain("Start-VM : Nadie conoce este texto.").code
    'start-failed'
    >>> explain("something else") is None
    True
    """
    text = (
        f"{error.message}\n{error.fully_qualified_error_id}"
        if isinstance(error, ErrorRecord)
        else without_wrapping(error)
    )
    cmdlets, text = _cmdlets(text), _comparable(text)
    known = _catalog()
    scores = [_score(candidate, text, cmdlets) for candidate in known]
    best = max(scores)
    # The first of those with the best score.
    return known[scores.index(best)].translated() if any(best) else None


def _catalog() -> tuple[Explanation, ...]:
    from nestlab.known_errors.catalog import EXPLANATIONS  # noqa: PLC0415  # only errors need it

    return EXPLANATIONS


def explain_code(code: str) -> Explanation | None:
    """Return the explanation that has a code such as ``start-failed``, or None.

    Some codes, such as ``nat-overlap``, are also codes of findings: `nestlab.rules.explain` returns
    the rule.
    """
    return next((known.translated() for known in _catalog() if known.code == code), None)


def explain_all(error: str | ErrorRecord) -> Explanation | Unexplained:
    """Return the explanation of the first known error in a text; other errors are in its `also`.

    Returns Unexplained, whose truth value is False, if nothing is known.

    >>> explain_all("HRESULT 0x80041010,Get-NetNat").code
    'winnat-absent'
    >>> bool(explain_all("something else"))
    False
    """
    text = (
        without_wrapping(error)
        if isinstance(error, str)
        else f"{error.message} ({error.fully_qualified_error_id})"
    )
    parts = _errors(text) if isinstance(error, str) else [text]
    found = dict.fromkeys(explain(part) or Unexplained(" ".join(part.split())) for part in parts)
    known = [explanation for explanation in found if isinstance(explanation, Explanation)]
    if not known:
        return Unexplained(" ".join(text.split()))
    others = tuple(explanation for explanation in found if explanation is not known[0])
    return replace(known[0], also=others) if others else known[0]


def _errors(text: str) -> list[str]:
    """Return the errors of a pasted text: each begins with its cmdlet's name, or is a paragraph.

    A text that is divided in neither way is one error.
    """
    parts = [part for part in _ERROR_START.split(text) if part.strip()]
    if len(parts) > 1:
        return parts
    paragraphs = [(part, known) for part in _BLANK_LINE.split(text) if (known := explain(part))]
    exact = [part for part, known in paragraphs if not known.general]
    return exact or [text]


def _comparable(text: str) -> str:
    r"""Return the text in a form for comparing, which is the same for every console.

    It has no capitals, white space or script lines, only plain quotation marks, and every code is
    hexadecimal.

    >>> _comparable("At line:1 char:1\n+ New-NetNat -Name x\nError -2147024891")
    'atline:1char:1error0x80070005'
    """
    text = _MARGIN.sub("", _QUOTED_SOURCE.sub("", text)).lower().translate(_PLAIN_QUOTES)
    text = _BARE_CODE.sub(r"0x\1", _DECIMAL_CODE.sub(_hexadecimal, text))
    return "".join(text.split())


def _hexadecimal(found: re.Match[str]) -> str:
    code = int(found[1]) % (1 << 32)
    return f"0x{code:08x}" if code in _CODES else found[1]


def _cmdlets(text: str) -> frozenset[str]:
    """Return the cmdlets that a text names as those that failed, in lower case."""
    return frozenset(
        "".join(filter(None, found.groups())).lower() for found in _FAILED_CMDLET.finditer(text)
    )


def _score(explanation: Explanation, text: str, cmdlets: frozenset[str]) -> tuple[int, int, int]:
    """Return the precedence of an explanation, then that of its best match, then its length.

    All are 0 if nothing matches. A text takes precedence over an id.
    """
    precedence = 1 if explanation.general else 2
    known_ids, known_texts = (
        [_without_spaces(known) for known in kind] for kind in (explanation.ids, explanation.texts)
    )
    found = [(precedence, 1, len(known)) for known in known_ids if known in text]
    found += [
        (precedence, 2, len(known)) for known in known_texts if fnmatchcase(text, f"*{known}*")
    ]
    found += [
        (0, 1, len(cmdlet))
        for cmdlet in explanation.cmdlets
        if cmdlet.lower() in cmdlets or _names_class(text, cmdlet)
    ]
    return max(found, default=(0, 0, 0))


def _names_class(text: str, cmdlet: str) -> bool:
    """Whether a text names the .NET class of a cmdlet, as the ids of its errors do.

    For example ``Microsoft.HyperV.PowerShell.Commands.StartVM``, which a console may have wrapped.
    """
    name = cmdlet.replace("-", "").lower()
    return f".powershell.commands.{name}" in text or f".powershell.cmdlets.{name}" in text


def _without_spaces(known: str) -> str:
    return "".join(known.lower().split())
