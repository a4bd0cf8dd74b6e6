"""From an error's text or id to its cause, first check and fix; and saying so where nothing is known."""

from __future__ import annotations

from fnmatch import fnmatchcase

from nestlab.model import ErrorRecord
from nestlab.rules.explanation import Explanation, Unexplained
from nestlab.rules.explanations import EXPLANATIONS


def explain(error: str | ErrorRecord) -> Explanation | None:
    """Return what is known about an error, or None. Takes an error record, or its pasted text or id.

    An id decides before a text; among several the longest match wins.

    >>> explain("Windows System Error 87,New-NetNat").code
    'nat-overlap'
    >>> explain("Not enough memory in the system to start the virtual machine X.").code
    'not-enough-memory'
    >>> explain("something else") is None
    True
    """
    text = f"{error.message}\n{error.fully_qualified_error_id}" if isinstance(error, ErrorRecord) else error
    text = " ".join(text.lower().split())
    best = max(EXPLANATIONS, key=lambda candidate: _score(candidate, text))
    return best if _score(best, text) else None


def look_up(error: str | ErrorRecord) -> Explanation | Unexplained:
    """Return what is known about an error; where nothing is, a value that says so, and is false.

    >>> look_up("HRESULT 0x80041010,Get-NetNat").code
    'winnat-absent'
    >>> bool(look_up("something else"))
    False
    """
    known = explain(error)
    text = error if isinstance(error, str) else f"{error.message} ({error.fully_qualified_error_id})"
    return known or Unexplained(" ".join(text.split()))


def _score(explanation: Explanation, text: str) -> int:
    by_id = max((1000 + len(known) for known in explanation.ids if known.lower() in text), default=0)
    by_text = max((len(known) for known in explanation.texts if fnmatchcase(text, f"*{known.lower()}*")), default=0)
    return max(by_id, by_text)
